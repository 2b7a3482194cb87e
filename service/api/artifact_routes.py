"""Routes of artifacts: the files that jobs made."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Header, Path, Request, Response
from starlette.responses import StreamingResponse

from schemas.soundtrack import Output
from service.access.gate import Caller
from service.api.admission import Reader
from service.api.describing import answers
from service.api.errors import NoSuchArtifact
from service.api.jobs import matches, own_job
from service.api.parts import ApiParts, parts_of
from service.api.ranges import range_of
from service.errors import BadInput
from service.jobs.errors import UnknownJob
from service.store.port import NoSuchObject
from service.worker.naming import artifact_key, parse_artifact_id

MAX_ID = 64
ArtifactIdPath = Annotated[
    str, Path(examples=["art_01kak3q7zc0000000000000000_0"], description="The `artifact_id` of an output.")
]
Range = Annotated[str | None, Header(description="One range; more than one gives the whole file.")]
IfRange = Annotated[str | None, Header(alias="If-Range", description="The range only if this is still the ETag.")]
Known = Annotated[str | None, Header(alias="If-None-Match", description="ETags that the client has.")]
CONTENT = answers({200: "application/octet-stream", 206: "application/octet-stream", 304: None}, 404, 410, 416)
HEAD = {status: {"description": answer["description"]} for status, answer in CONTENT.items()}


def artifact_routes() -> APIRouter:
    """`/v1/artifacts`."""
    router = APIRouter(prefix="/v1/artifacts", tags=["artifacts"])

    @router.head("/{artifact_id}/content", responses=HEAD, summary="Look at an artifact")
    async def head(request: Request, artifact_id: ArtifactIdPath, caller: Reader) -> Response:
        """The headers that GET would send."""
        return await _content(request, artifact_id, caller)

    @router.get("/{artifact_id}/content", responses=CONTENT, summary="Download an artifact")
    async def get(
        request: Request,
        artifact_id: ArtifactIdPath,
        caller: Reader,
        wanted: Range = None,
        unless: Known = None,
        if_range: IfRange = None,
    ) -> Response:
        """The file, or one byte range of it; its ETag is its sha256."""
        del wanted, unless, if_range
        return await _content(request, artifact_id, caller)

    return router


async def _content(request: Request, artifact_id: str, caller: Caller) -> Response:
    parts = parts_of(request)
    output, key = await _found(parts, artifact_id, caller)
    headers = _headers(output)
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(None, 304, {name: headers[name] for name in ("ETag", "Cache-Control")})
    asked = request.headers.get("range")
    if request.headers.get("if-range") not in {None, headers["ETag"]}:
        asked = None
    span = range_of(asked, output.n_bytes)
    start, end = span or (0, output.n_bytes)
    headers["Content-Length"] = str(end - start)
    if span is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{output.n_bytes}"
    status = 200 if span is None else 206
    if request.method == "HEAD":
        return Response(None, status, headers, output.media_type)
    stored = await _opened(parts.store.read(key, start=start, end=end))
    return StreamingResponse(stored, status, headers, output.media_type)


async def _found(parts: ApiParts, artifact_id: str, caller: Caller) -> tuple[Output, str]:
    """An output and its key in the store; raises NoSuchArtifact, also for those of others."""
    missing = NoSuchArtifact("there is no such artifact; take its id from a job's outputs")
    try:
        job_id, index = parse_artifact_id(artifact_id[:MAX_ID])
        job = await own_job(parts, job_id, caller)
    except (BadInput, UnknownJob) as exc:
        raise missing from exc
    key = artifact_key(job, index)
    if key is None or job.outputs[index].artifact_id != artifact_id:
        raise missing
    return job.outputs[index], key


def _headers(output: Output) -> dict[str, str]:
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in output.name)
    return {
        "ETag": f'"{output.sha256}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=3600, immutable",
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(output.name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


async def _opened(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, the first one read already: what is missing must be a problem and no broken download."""
    try:
        first = await anext(pieces)
    except StopAsyncIteration:
        first = b""
    except NoSuchObject as exc:
        raise NoSuchArtifact("the file is no longer kept; ask for the music again") from exc

    async def rest() -> AsyncIterator[bytes]:
        try:
            yield first
            async for piece in pieces:
                yield piece
        finally:
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()

    return rest()
