"""Turns a request as the API took it into one with local files, each checked by its first bytes."""

import asyncio
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from schemas.options import MusicOptions
from schemas.request import MusicRequest
from schemas.soundtrack import FileInput, ImageInput, Input, SoundtrackRequest, VideoInput
from schemas.source import CaptionSource, ImageSource, ReferenceSource, Source, StorySource, VideoSource
from service.errors import BadInput
from service.media.formats import VIDEO_SUFFIXES
from service.media.magic import MELODY_KINDS, Kind, require
from service.store.port import ArtifactStore, NoSuchObject
from service.worker.errors import UploadGone
from service.worker.naming import upload_key
from service.worker.task import Wanted


class Fetch(Protocol):
    """Gets a file from the internet; refuses addresses that are not public."""

    async def __call__(self, url: str, to: Path, *, max_bytes: int) -> object:
        """Write what is at an address to a local file; raises BadInput."""


class Inputs:
    """Gets the files of a request, all at once."""

    def __init__(self, store: ArtifactStore, fetch: Fetch, *, max_bytes: int) -> None:
        self._store, self._fetch, self._max_bytes = store, fetch, max_bytes

    async def prepare(self, request: SoundtrackRequest, folder: Path) -> MusicRequest:
        """The request with its files in a folder.

        Raises:
            UploadGone: when an upload is no longer there.
            BadInput: when an address gives nothing, a file is not what it should be, or the request makes no sense.
            StoreUnavailable: when the store does not answer.
        """
        sources = await asyncio.gather(
            *(self._source(source, number, folder) for number, source in enumerate(request.sources, 1))
        )
        options = {name: getattr(request, name) for name in MusicOptions.model_fields}
        beside = {
            name: str(await self._file(file, name, folder / name))
            for name, file in (("melody", request.melody), ("sound", request.sound))
            if file is not None
        }
        try:
            return MusicRequest.model_validate({**options, **beside, "sources": tuple(sources), "edit": request.edit})
        except ValidationError as exc:
            raise BadInput(exc.errors()[0]["msg"].removeprefix("Value error, ")) from exc

    async def _source(self, source: Input, number: int, folder: Path) -> Source:
        if isinstance(source, StorySource | CaptionSource):
            return source
        path = await self._file(source, source.kind, folder / f"{source.kind}-{number}")
        if isinstance(source, VideoInput):
            return VideoSource(path=str(path), weight=source.weight)
        if isinstance(source, ImageInput):
            return ImageSource(path=str(path), weight=source.weight)
        return ReferenceSource(path=str(path), weight=source.weight)

    async def _file(self, source: FileInput, kind: str, part: Path) -> Path:
        await self._get(source, part)
        return await asyncio.to_thread(_named, part, kind)

    async def _get(self, source: FileInput, part: Path) -> None:
        if source.url is not None:
            await self._fetch(source.url, part, max_bytes=self._max_bytes)
        elif source.upload is not None:
            try:
                await self._store.fetch(upload_key(source.upload), part)
            except NoSuchObject as exc:
                raise UploadGone(f"the upload {source.upload} is no longer kept; upload the file again") from exc
        else:
            raise BadInput(f"the part {source.part!r} was never received; send it in the same request")


def wanted_of(request: SoundtrackRequest) -> Wanted:
    """Which files a job writes: what was asked for, by default mp4 for a video and wav for anything else."""
    has_video = any(isinstance(s, VideoInput) for s in request.sources)
    format_ = request.format or ("mp4" if has_video else "wav")
    return Wanted(format_, stems=request.stems, midi=request.midi, picture=request.picture)


def warnings_of(request: SoundtrackRequest) -> tuple[str, ...]:
    """What was asked for and cannot be, and is no reason to refuse the rest."""
    if request.duck and f".{wanted_of(request).format}" not in VIDEO_SUFFIXES:
        return ("duck was left out: only mp4 and mov hold the video's own sound",)
    return ()


def _named(part: Path, kind: str) -> Path:
    """The file under a name that says what it is; raises BadMedia when it is not of its kind."""
    kinds: dict[str, tuple[Kind, ...]] = {
        "video": (Kind.VIDEO,),
        "image": (Kind.IMAGE,),
        "reference": (Kind.AUDIO, Kind.VIDEO),
        "melody": MELODY_KINDS,
        "sound": (Kind.AUDIO, Kind.VIDEO),
    }
    return part.rename(part.with_suffix(require(part, *kinds[kind]).suffix))
