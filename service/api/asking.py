"""From an HTTP request to a checked request for music: JSON or a form, whose files become uploads."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from fastapi import Request

from generators.errors import InvalidChart
from generators.score.chart import read_chart
from schemas.soundtrack import FileInput, ImageInput, MediaInput, ReferenceInput, SoundtrackRequest, Upload, VideoInput
from service.api import form as forms
from service.api.body import Pace, incoming_folder, pieces, whole
from service.api.errors import InvalidBody, WrongMediaType
from service.api.json_text import parse_json
from service.api.multipart import FilePart, Form, FormReader, FormRules
from service.api.parts import ApiParts
from service.api.uploads import Uploads, identified
from service.api.validation import validated
from service.records.port import UnknownRecord

ENDPOINT_KIND = "webhook_endpoint"
KINDS = {
    "video": ("video",),
    "image": ("image",),
    "reference": ("audio", "video"),
    "melody": ("audio", "video", "midi"),
    "sound": ("audio", "video"),
}
G = TypeVar("G", bound=FileInput)
MULTIPART, JSON = "multipart/form-data", "application/json"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that may be submitted; `made` are the uploads that its files became."""

    request: SoundtrackRequest
    body_sha256: str
    made: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True)
class _File:
    """A file that a request names, what it is to be, and where the request names it."""

    given: FileInput
    kind: str
    pointer: str


@asynccontextmanager
async def folder_for(parts: ApiParts) -> AsyncIterator[Path]:
    """A folder for what comes in with one request; it is gone afterwards, whatever happened."""
    incoming = await asyncio.to_thread(incoming_folder, parts.incoming)
    folder = TemporaryDirectory(dir=incoming, prefix="request-", ignore_cleanup_errors=True)
    try:
        yield Path(folder.name)
    finally:
        await asyncio.to_thread(folder.cleanup)


def media_type(request: Request) -> str:
    """The media type of a request's body, in lower case and without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def pace_of(parts: ApiParts) -> Pace:
    """How slow a body may be."""
    return Pace(parts.settings.idle_upload_s)


class Asking:
    """Takes requests for music in."""

    def __init__(self, parts: ApiParts, tenant: str) -> None:
        self._parts, self._tenant, self._uploads = parts, tenant, Uploads(parts)

    async def of(self, request: Request) -> Asked:
        """A request for music, checked.

        Raises:
            WrongMediaType: the body is neither JSON nor a form.
            ApiError, ServiceError: whatever is wrong with it.
        """
        kind = media_type(request)
        if kind == JSON:
            body = await whole(request, limit=self._parts.settings.max_json_bytes, pace=pace_of(self._parts))
            return await self.of_json(parse_json(body))
        if kind == MULTIPART:
            async with folder_for(self._parts) as folder:
                return await self._of_form(await read_form(request, self._parts, folder))
        raise WrongMediaType(f"send {JSON}, or {MULTIPART} with files; see /v1/docs")

    async def of_json(self, body: object, *, under: str = "") -> Asked:
        """A request in JSON that was parsed already; errors are at pointers under `under`."""
        wanted = validated(SoundtrackRequest, body, under=under)
        for file in _files(wanted):
            if file.given.part is not None:
                raise InvalidBody.at(f"{under}{file.pointer}/part", "names a part, but this body is no form")
        await self._check(wanted, under)
        return Asked(wanted, _digest(wanted.model_dump_json()))

    async def _of_form(self, form: Form) -> Asked:
        asked = forms.request_of(form)
        wanted = validated(SoundtrackRequest, asked.body)
        for file in _files(wanted):
            if file.given.part is not None:
                _check_part(file, asked.files)
        await self._check(wanted, "")
        files = ":".join(f"{name}={part.file.sha256}" for name, part in sorted(asked.files.items()))
        digest = _digest(wanted.model_dump_json() + files)
        made: list[Upload] = []
        try:
            sources = [
                await self._placed(source, asked.files, made) if isinstance(source, MediaInput) else source
                for source in wanted.sources
            ]
            melody = None if wanted.melody is None else await self._placed(wanted.melody, asked.files, made)
            sound = None if wanted.sound is None else await self._placed(wanted.sound, asked.files, made)
        except BaseException:
            await self._uploads.discard(tuple(made), self._tenant)
            raise
        placed = {"sources": tuple(sources), "melody": melody, "sound": sound}
        return Asked(wanted.model_copy(update=placed), digest, tuple(made))

    async def _placed(self, given: G, files: dict[str, FilePart], made: list[Upload]) -> G:
        """A file with its part kept as an upload."""
        if given.part is None:
            return given
        part = files[given.part]
        made.append(await self._uploads.keep(part.file, part.filename, self._tenant))
        return given.model_copy(update={"part": None, "upload": made[-1].id})

    async def _check(self, wanted: SoundtrackRequest, under: str) -> None:
        """Look at everything that a request names: chords, addresses, uploads, the webhook endpoint."""
        _check_chords(wanted, under)
        for file in _files(wanted):
            if file.given.url is not None:
                await self._parts.check_url(file.given.url)
            if file.given.upload is not None:
                await self._check_upload(file.given.upload, file.kind, f"{under}{file.pointer}/upload")
        if wanted.webhook is not None:
            try:
                await self._parts.records.get(ENDPOINT_KIND, wanted.webhook, tenant=self._tenant)
            except UnknownRecord as exc:
                raise InvalidBody.at(f"{under}/webhook", "there is no such webhook endpoint; make it first") from exc

    async def _check_upload(self, upload_id: str, kind: str, pointer: str) -> None:
        try:
            upload = await self._uploads.find(upload_id, self._tenant)
        except UnknownRecord as exc:
            raise InvalidBody.at(pointer, "there is no such upload; it may have lapsed, upload the file again") from exc
        if upload.kind not in KINDS[kind]:
            raise InvalidBody.at(pointer, f"is of the kind {upload.kind}; a {kind} {_place_of(kind)} another")


async def read_form(request: Request, parts: ApiParts, folder: Path) -> Form:
    """The form that a request carries, its files in `folder`."""
    settings = parts.settings
    rules = FormRules(forms.FILES, forms.TEXTS, settings.max_upload_bytes, settings.max_json_bytes)
    reader = FormReader(request.headers["content-type"], rules, folder)
    limit = settings.max_upload_bytes + settings.max_json_bytes
    return await reader.read(pieces(request, limit=limit, pace=pace_of(parts), what="the form"))


def _check_chords(wanted: SoundtrackRequest, under: str) -> None:
    sheet = wanted.cue_sheet
    for text, place in ((wanted.chords, "chords"), (sheet.chords if sheet else None, "cue_sheet/chords")):
        if text is None:
            continue
        try:
            read_chart(text)
        except InvalidChart as exc:
            raise InvalidBody.at(f"{under}/{place}", str(exc)) from exc


def _files(wanted: SoundtrackRequest) -> Iterator[_File]:
    """The files that a request names."""
    for number, source in enumerate(wanted.sources):
        if isinstance(source, VideoInput | ImageInput | ReferenceInput):
            yield _File(source, source.kind, f"/sources/{number}")
    if wanted.melody is not None:
        yield _File(wanted.melody, "melody", "/melody")
    if wanted.sound is not None:
        yield _File(wanted.sound, "sound", "/sound")


def _check_part(file: _File, files: dict[str, FilePart]) -> None:
    part = files.get(file.given.part or "")
    if part is None:
        pointer = f"{file.pointer}/part"
        raise InvalidBody.at(pointer, f"there is no such part; the files of this form are {', '.join(sorted(files))}")
    kind = identified(part.file).kind
    if kind not in KINDS[file.kind]:
        raise InvalidBody.at(f"/{part.name}", f"is of the kind {kind}; a {file.kind} {_place_of(file.kind)} another")


def _place_of(kind: str) -> str:
    return "needs" if kind in {"melody", "sound"} else "source needs"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
