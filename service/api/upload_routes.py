"""Routes of uploads: files that requests name afterwards."""

import re
from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Header, Path, Request, Response

from schemas.soundtrack import Upload
from service.api.admission import Reader, Writer
from service.api.asking import MULTIPART, folder_for, media_type, pace_of
from service.api.body import Spool, check_digest, pieces
from service.api.describing import answers, body
from service.api.errors import InvalidBody
from service.api.multipart import FilePart, FormReader, FormRules
from service.api.parts import ApiParts, parts_of
from service.api.uploads import Uploads

_FILENAME = re.compile(r"filename\*=UTF-8''([^;]+)|filename=\"((?:[^\"\\]|\\.)*)\"|filename=([^;\s]+)", re.IGNORECASE)
UploadIdPath = Annotated[str, Path(examples=["upl_01kak3q7zc0000000000000000"], description="The id of an upload.")]
Digest = Annotated[str | None, Header(alias="Content-Digest", description="sha-256=:<base64>: (RFC 9530).")]
FILE = {"type": "string", "contentMediaType": "application/octet-stream"}
FORM = {
    "type": "object",
    "properties": {"file": FILE},
    "required": ["file"],
    "additionalProperties": False,
    "examples": [{"file": "(the bytes of clip.mp4)"}],
}
RAW = FILE | {"examples": ["(the bytes of clip.mp4)"]}


def upload_routes() -> APIRouter:
    """`/v1/uploads`."""
    router = APIRouter(prefix="/v1/uploads", tags=["uploads"])

    @router.post(
        "",
        status_code=201,
        responses=answers({201: Upload}, 400, 408, 413, 415, 422),
        openapi_extra=body({"application/octet-stream": RAW, MULTIPART: FORM}),
        summary="Upload a file",
    )
    async def upload(request: Request, caller: Writer, digest: Digest = None) -> Response:
        """Takes a video, an image, audio or MIDI, as the raw body or as the part `file` of a form."""
        del digest
        parts = parts_of(request)
        async with folder_for(parts) as folder:
            if media_type(request) == MULTIPART:
                part = await _part_of(
                    request, parts, FormReader(request.headers["content-type"], _rules(parts), folder)
                )
            else:
                spool = Spool(folder / "body")
                try:
                    limit = parts.settings.max_upload_bytes
                    async for piece in pieces(request, limit=limit, pace=pace_of(parts), what="the upload"):
                        await spool.write(piece)
                    part = FilePart("file", _filename(request), await spool.finish())
                finally:
                    spool.close()
                check_digest(request, part.file.sha256)
            made = await Uploads(parts).keep(part.file, part.filename, caller.tenant)
        return Response(made.model_dump_json(), 201, {"Location": f"/v1/uploads/{made.id}"}, "application/json")

    @router.get("/{upload_id}", responses=answers({200: Upload}, 404), summary="Look at an upload")
    async def get(request: Request, upload_id: UploadIdPath, caller: Reader) -> Response:
        """What was received, and until when it is kept."""
        found = await Uploads(parts_of(request)).find(upload_id, caller.tenant)
        return Response(found.model_dump_json(), media_type="application/json")

    @router.delete("/{upload_id}", status_code=204, responses=answers({204: None}, 404), summary="Erase an upload")
    async def delete(request: Request, upload_id: UploadIdPath, caller: Writer) -> Response:
        """Erases it; jobs that wait for it will fail."""
        await Uploads(parts_of(request)).delete(upload_id, caller.tenant)
        return Response(status_code=204)

    return router


def _rules(parts: ApiParts) -> FormRules:
    settings = parts.settings
    return FormRules(frozenset({"file"}), frozenset(), settings.max_upload_bytes, settings.max_json_bytes)


async def _part_of(request: Request, parts: ApiParts, reader: FormReader) -> FilePart:
    limit = parts.settings.max_upload_bytes + parts.settings.max_json_bytes
    form = await reader.read(pieces(request, limit=limit, pace=pace_of(parts), what="the form"))
    if len(form.files) != 1:
        raise InvalidBody.at("/file", "send exactly one file; with curl: -F file=@clip.mp4")
    check_digest(request, form.files[0].file.sha256)
    return form.files[0]


def _filename(request: Request) -> str:
    """The name that Content-Disposition gives a raw body."""
    found = _FILENAME.search(request.headers.get("content-disposition", ""))
    if found is None:
        return ""
    return unquote(found[1]) if found[1] else (found[2] or found[3] or "")
