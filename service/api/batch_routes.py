"""Routes of batches."""

import hashlib
import re
from typing import Annotated

from fastapi import APIRouter, Header, Path, Request, Response

from schemas.soundtrack import Batch, BatchRequest
from service.api.admission import Reader, Writer
from service.api.asking import JSON, media_type, pace_of
from service.api.batches import MAX_ITEMS, Batches, Line
from service.api.body import pieces, whole
from service.api.describing import answers, body, ref
from service.api.errors import ApiError, BodyTooLarge, InvalidBody, MalformedBody, WrongMediaType
from service.api.json_text import parse_json
from service.api.parts import ApiParts, parts_of
from service.api.submission import Origin
from service.records.port import UnknownRecord

NDJSON = frozenset({"application/x-ndjson", "application/jsonl", "application/ndjson"})
NDJSON_FACTOR = 16  # a body of lines may be so many times as large as one of JSON; each line is as small as that
BATCH_ID = re.compile(r"bat_[0-9a-z]{26}")
BatchIdPath = Annotated[str, Path(examples=["bat_01kak3q7zc0000000000000000"], description="The id of a batch.")]
Key = Annotated[
    str | None, Header(alias="Idempotency-Key", description="The same key within 24 h gives the same batch.")
]
LINES = {"type": "string", "examples": ['{"custom_id": "a", "request": {"sources": [...], "duration_s": 12}}\n']}


def batch_routes() -> APIRouter:
    """`/v1/batches`."""
    router = APIRouter(prefix="/v1/batches", tags=["batches"])

    @router.post(
        "",
        status_code=202,
        responses=answers({202: Batch}, 400, 408, 409, 413, 415),
        openapi_extra=body({JSON: ref(BatchRequest), "application/x-ndjson": LINES}),
        summary="Ask for much music",
    )
    async def ask(request: Request, caller: Writer, key: Key = None) -> Response:
        """Up to 1,000 requests, in JSON or one a line; bad ones are listed in `refused` and do not stop the rest."""
        del key
        parts = parts_of(request)
        origin = Origin.of(request, caller, "POST /v1/batches")
        if media_type(request) == JSON:
            text = await whole(request, limit=parts.settings.max_json_bytes, pace=pace_of(parts))
            lines, sha256 = _items(parse_json(text)), hashlib.sha256(text).hexdigest()
        elif media_type(request) in NDJSON:
            lines, sha256 = await _lines(request, parts)
        else:
            raise WrongMediaType(f"send {JSON} or application/x-ndjson")
        if not 1 <= len(lines) <= MAX_ITEMS:
            raise InvalidBody.at("/items", f"holds {len(lines)} items; send 1 to {MAX_ITEMS}")
        batch, replayed = await Batches(parts, origin).accept(lines, sha256)
        headers = {"Location": f"/v1/batches/{batch.id}", "Retry-After": "5"}
        if replayed:
            headers["Idempotency-Replayed"] = "true"
        return Response(batch.model_dump_json(), 202, headers, JSON)

    @router.get("/{batch_id}", responses=answers({200: Batch}, 404), summary="Look at a batch")
    async def get(request: Request, batch_id: BatchIdPath, caller: Reader) -> Response:
        """How many of its jobs are in which state."""
        if not BATCH_ID.fullmatch(batch_id):
            raise UnknownRecord("there is no such batch; check the id")
        batch = await Batches(parts_of(request), Origin(caller, "GET /v1/batches")).get(batch_id)
        return Response(batch.model_dump_json(), media_type=JSON)

    return router


def _items(value: object) -> list[Line]:
    """The items of a JSON body; each is checked on its own later."""
    if not isinstance(value, dict) or not isinstance(value.get("items"), list):
        raise InvalidBody.at("/items", 'is not a list; send {"items": [...]}')
    unknown = sorted(set(value) - set(BatchRequest.model_fields))
    if unknown:
        raise InvalidBody.at(f"/{unknown[0][:100]}", "is not known here")
    return [Line(number, item) for number, item in enumerate(value["items"], 1)]


async def _lines(request: Request, parts: ApiParts) -> tuple[list[Line], str]:
    """The items of a body of lines, and the body's sha256; a line that is no JSON is an item with an error."""
    limit, digest = parts.settings.max_json_bytes, hashlib.sha256()
    lines: list[Line] = []
    rest, number = b"", 0
    async for piece in pieces(request, limit=NDJSON_FACTOR * limit, pace=pace_of(parts)):
        digest.update(piece)
        *whole_lines, rest = (rest + piece).split(b"\n")
        for text in whole_lines:
            number += 1
            _add(lines, text, number)
        if len(rest) > limit:
            raise BodyTooLarge(f"line {number + 1}", limit)
    _add(lines, rest, number + 1)
    return lines, digest.hexdigest()


def _add(lines: list[Line], text: bytes, number: int) -> None:
    if not text.strip():
        return
    if len(lines) == MAX_ITEMS:
        raise InvalidBody.at("/items", f"holds more than {MAX_ITEMS} items; send several batches")
    try:
        lines.append(Line(number, parse_json(text)))
    except (MalformedBody, InvalidBody) as exc:
        error: ApiError = exc
        lines.append(Line(number, error=error))
