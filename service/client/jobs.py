"""What can be done with jobs: ask, look, wait, list, cancel, delete, and analyse or ask for many at once."""

import math
import secrets
from collections.abc import Mapping, Sequence

from schemas.cue_sheet import CueSheet
from schemas.soundtrack import Batch, BatchItem, JobStatus, Soundtrack, SoundtrackPage, SoundtrackRequest
from service.client.asking import Asked, asked_for
from service.client.effects import Call, Reply, Sleep, Steps, Tell, Telling
from service.client.errors import NotMade, TimedOut
from service.client.sending import Patience, parsed, retry_after_s, sent

PATHS = {"soundtrack": "/v1/soundtracks", "cue_sheet": "/v1/cue-sheets"}
LONGEST_WAIT_S, ANSWER_S, POLL_S = 60, 30.0, 1.0
PAGE = 100


def path_of(job: str | Soundtrack) -> str:
    """Where a job is found; a bare id is that of a soundtrack."""
    return f"{PATHS['soundtrack']}/{job}" if isinstance(job, str) else f"{PATHS[job.object]}/{job.id}"


def submitted(
    request: SoundtrackRequest | None, asked: Asked, idempotency_key: str | None, patience: Patience
) -> Steps[Soundtrack]:
    """Ask for music; with the same key and the same request, the same job comes back for a day."""
    request = yield from asked_for(request, asked, patience)
    reply = yield from sent(_post(PATHS["soundtrack"], _json(request), idempotency_key), patience)
    return parsed(Soundtrack, reply)


def got(job: str | Soundtrack, patience: Patience) -> Steps[Soundtrack]:
    """A job as it is now."""
    return parsed(Soundtrack, (yield from sent(Call("GET", path_of(job)), patience)))


def waited(job: str | Soundtrack, timeout_s: float | None, patience: Patience) -> Steps[Soundtrack]:
    """A job when it has ended, well or not.

    Raises:
        TimedOut: it has not ended in `timeout_s`.
    """
    ends_at = math.inf if timeout_s is None else patience.now_s() + timeout_s
    while True:
        begun = patience.now_s()
        wait_s = int(max(0.0, min(LONGEST_WAIT_S, ends_at - begun)))
        call = Call("GET", path_of(job), params={"wait": str(wait_s)}, answer_s=ANSWER_S + wait_s)
        reply = yield from sent(call, patience)
        seen = parsed(Soundtrack, reply)
        if seen.is_over:
            return seen
        now = patience.now_s()
        if now >= ends_at:
            raise TimedOut(f"{seen.id} is {seen.status} after {timeout_s:g} s; wait longer, or cancel it")
        if wait_s == 0 or now - begun < 0.9 * wait_s:  # the service did not hold the answer back
            yield Sleep(min(ends_at - now, retry_after_s(reply) or POLL_S))


def listed(status: JobStatus | None, patience: Patience) -> Telling[Soundtrack]:
    """All jobs, newest first, page after page."""
    params = {"limit": str(PAGE)} | ({"status": status} if status else {})
    while True:
        page = parsed(SoundtrackPage, (yield from sent(Call("GET", PATHS["soundtrack"], params=params), patience)))
        for job in page.data:
            yield Tell(job)
        if page.next_cursor is None:
            return
        params["cursor"] = page.next_cursor


def cancelled(job: str | Soundtrack, patience: Patience) -> Steps[Soundtrack]:
    """Ask for the end of a job; ApiError 409 when it has ended otherwise."""
    return parsed(Soundtrack, (yield from sent(Call("POST", f"{path_of(job)}/cancel"), patience)))


def deleted(job: str | Soundtrack, patience: Patience) -> Steps[None]:
    """Erase a job and its files; ApiError 409 while it lives."""
    yield from sent(Call("DELETE", path_of(job)), patience)


def analysed(
    request: SoundtrackRequest | None, asked: Asked, timeout_s: float | None, patience: Patience
) -> Steps[CueSheet]:
    """The cue sheet that music would follow.

    Raises:
        NotMade: the analysis failed or was cancelled.
        TimedOut: it took longer than `timeout_s`.
    """
    request = yield from asked_for(request, asked, patience)
    call = _post(PATHS["cue_sheet"], _json(request), None, answer_s=ANSWER_S + LONGEST_WAIT_S)
    reply: Reply = yield from sent(call, patience)
    if reply.status == 200:
        return parsed(CueSheet, reply)
    job = yield from waited(parsed(Soundtrack, reply), timeout_s, patience)
    if job.cue_sheet is None:
        why = job.error.detail if job.error else f"it is {job.status}"
        raise NotMade(f"{job.id} came to no cue sheet: {why}")
    return job.cue_sheet


def batched(
    items: Sequence[BatchItem | SoundtrackRequest], idempotency_key: str | None, patience: Patience
) -> Steps[Batch]:
    """Ask for many at once; those that are refused are listed and do not stop the rest."""
    lines = [item if isinstance(item, BatchItem) else BatchItem(request=item) for item in items]
    body = b"".join(_json(line) + b"\n" for line in lines)
    call = _post("/v1/batches", body, idempotency_key, {"Content-Type": "application/x-ndjson"}, answer_s=2 * ANSWER_S)
    return parsed(Batch, (yield from sent(call, patience)))


def batch_got(id_: str, patience: Patience) -> Steps[Batch]:
    """A batch and how far its jobs are."""
    return parsed(Batch, (yield from sent(Call("GET", f"/v1/batches/{id_}"), patience)))


def _post(
    path: str,
    body: bytes,
    key: str | None,
    headers: Mapping[str, str] | None = None,
    *,
    answer_s: float = ANSWER_S,
) -> Call:
    """A request that may be repeated, since its key makes it one."""
    named = {"Content-Type": "application/json", "Idempotency-Key": key or secrets.token_hex(16), **(headers or {})}
    return Call("POST", path, headers=named, body=body, answer_s=answer_s)


def _json(model: SoundtrackRequest | BatchItem) -> bytes:
    return model.model_dump_json(exclude_none=True).encode()
