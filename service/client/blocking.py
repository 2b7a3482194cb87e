"""The client for programs that wait."""

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, Unpack

import httpx

from schemas.cue_sheet import CueSheet
from schemas.soundtrack import Batch, BatchItem, JobStatus, Output, Soundtrack, SoundtrackRequest, Upload
from service.client import asking, downloading, following, jobs
from service.client.connecting import PIECE, address_of, dropped, headers_of, reply_of, request_of
from service.client.effects import (
    Call,
    Done,
    Dropped,
    Effect,
    Open,
    Read,
    Reply,
    Send,
    Sleep,
    Steps,
    Tell,
    Telling,
    Work,
    begin,
    go_on,
)
from service.client.following import Event
from service.client.sending import Patience

T = TypeVar("T")
V = TypeVar("V")


class Tonereel:
    """A service at an address. May be used by several threads; close it, or use it in a `with`."""

    def __init__(
        self,
        base_url: str | None = None,
        *,
        api_key: str | None = None,
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(base_url=address_of(base_url), headers=headers_of(api_key), transport=transport)
        self._patience = patience or Patience()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def submit(
        self,
        request: SoundtrackRequest | None = None,
        *,
        idempotency_key: str | None = None,
        **asked: Unpack[asking.Asked],
    ) -> Soundtrack:
        """Ask for music, by a request or by keywords such as `video="clip.mp4"`; local files are uploaded first."""
        return self._run(jobs.submitted(request, asked, idempotency_key, self._patience))

    def upload(self, path: str | Path) -> Upload:
        """Send a file that several requests will name."""
        return self._run(asking.uploaded(Path(path), self._patience))

    def get(self, job: str | Soundtrack) -> Soundtrack:
        """A job as it is now."""
        return self._run(jobs.got(job, self._patience))

    def wait(self, job: str | Soundtrack, timeout_s: float | None = None) -> Soundtrack:
        """A job when it has ended, well or not; raises TimedOut."""
        return self._run(jobs.waited(job, timeout_s, self._patience))

    def stream(self, job: str | Soundtrack) -> Iterator[Event]:
        """Every event of a job, once and in order, to its end; connections that break off are taken up again."""
        return self._tell(following.followed(job, self._patience))

    def list(self, status: JobStatus | None = None) -> Iterator[Soundtrack]:
        """All jobs, newest first."""
        return self._tell(jobs.listed(status, self._patience))

    def cancel(self, job: str | Soundtrack) -> Soundtrack:
        """Ask for the end of a job; raises ApiError 409 when it has ended otherwise."""
        return self._run(jobs.cancelled(job, self._patience))

    def delete(self, job: str | Soundtrack) -> None:
        """Erase a job and its files; raises ApiError 409 while it lives."""
        self._run(jobs.deleted(job, self._patience))

    def download(self, output: Output, path: str | Path) -> Path:
        """Fetch a job's file to a path or into a folder, checked and whole; goes on with what was left before."""
        return self._run(downloading.downloaded(output, Path(path), self._patience))

    def cue_sheet(
        self,
        request: SoundtrackRequest | None = None,
        *,
        timeout_s: float | None = None,
        **asked: Unpack[asking.Asked],
    ) -> CueSheet:
        """The cue sheet that music would follow, to edit and give to `submit`; raises NotMade, TimedOut."""
        return self._run(jobs.analysed(request, asked, timeout_s, self._patience))

    def batch(self, items: Sequence[BatchItem | SoundtrackRequest], *, idempotency_key: str | None = None) -> Batch:
        """Ask for up to 1,000 at once; they wait behind interactive ones."""
        return self._run(jobs.batched(items, idempotency_key, self._patience))

    def get_batch(self, batch_id: str) -> Batch:
        """A batch and how far its jobs are."""
        return self._run(jobs.batch_got(batch_id, self._patience))

    def _run(self, steps: Steps[T]) -> T:
        with closing(steps), closing(_Link(self._http)) as link:
            at = begin(steps)
            while not isinstance(at, Done):
                at = go_on(steps, link.answer(at))
            return at.value

    def _tell(self, telling: Telling[V]) -> Generator[V, None, None]:
        with closing(telling), closing(_Link(self._http)) as link:
            at = begin(telling)
            while not isinstance(at, Done):
                if isinstance(at, Tell):
                    yield at.value
                    at = go_on(telling, Reply())
                else:
                    at = go_on(telling, link.answer(at))


class _Link:
    """Does effects, one after the other; at most one answer is open."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._response: httpx.Response | None = None
        self._pieces: Iterator[bytes] = iter(())

    def answer(self, effect: Effect) -> Reply | Dropped:
        try:
            match effect:
                case Send(call):
                    response = self._send(call)
                    return reply_of(response, response.read())
                case Open(call):
                    return self._open(call)
                case Read():
                    return Reply(body=next(self._pieces, b""))
                case Sleep(seconds):
                    time.sleep(seconds)
                case Work(do):
                    do()
        except httpx.RequestError as exc:
            return dropped(exc)
        return Reply()

    def close(self) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None

    def _open(self, call: Call) -> Reply:
        response = self._send(call, follow=True)
        if response.status_code >= 300:
            return reply_of(response, response.read())
        self._pieces = response.iter_bytes()
        return reply_of(response)

    def _send(self, call: Call, *, follow: bool = False) -> httpx.Response:
        self.close()
        content = _pieces_of(call.body) if isinstance(call.body, Path) else call.body
        request = request_of(self._http, call, content)
        self._response = self._http.send(request, stream=True, follow_redirects=follow)
        return self._response


def _pieces_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
