"""The service's own client, as a batch needs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.soundtrack import Output, Soundtrack, SoundtrackRequest
from service.batch.patience import Refused, away, problem_at
from service.client import ApiError, AsyncTonereel, ClientError, Damaged, InvalidRequest, TimedOut, Unreachable
from service.errors import BadInput

UNUSABLE, BROKEN = 422, 500


class ClientRemote:
    """What the client raises becomes a refusal; who answers like no service of ours ends the run."""

    def __init__(self, client: AsyncTonereel, address: str) -> None:
        self._client, self._address = client, address.rstrip("/")

    @property
    def address(self) -> str:
        """Where it is."""
        return self._address

    async def upload(self, path: Path) -> str:
        """Send a file; returns the id of the upload."""
        with self._refusals():
            return (await self._client.upload(path)).id

    async def submit(self, request: SoundtrackRequest, key: str) -> Soundtrack:
        """Ask for music, once for each Idempotency-Key."""
        with self._refusals():
            return await self._client.submit(request, idempotency_key=key)

    async def look(self, job_id: str, *, wait_s: int) -> Soundtrack:
        """A job when it has ended, or as it is after `wait_s`."""
        with self._refusals():
            try:
                return await self._client.wait(job_id, wait_s)
            except TimedOut:
                return await self._client.get(job_id)

    async def fetch(self, output: Output, path: Path) -> None:
        """Write a file that a job made; it is checked on the way."""
        with self._refusals():
            await self._client.download(output, path)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except ApiError as exc:
            raise Refused(exc.problem, exc.retry_after_s) from exc
        except Unreachable as exc:
            raise Refused(away(str(exc))) from exc
        except InvalidRequest as exc:
            raise Refused(problem_at(UNUSABLE, "bad-input", "The input cannot be used", str(exc))) from exc
        except Damaged as exc:
            raise Refused(problem_at(BROKEN, "damaged-result", "A result arrived damaged", str(exc))) from exc
        except ClientError as exc:
            raise BadInput(f"{self._address}: {exc}") from exc
