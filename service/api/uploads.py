"""Uploads: files that came in, kept in the store and known by a record until they lapse."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Literal

from schemas.soundtrack import Upload
from service.api.body import Received
from service.api.errors import WrongMediaType
from service.api.parts import ApiParts
from service.errors import BadMedia
from service.ids import new_id
from service.media.magic import Format, Kind, format_of
from service.records.port import Record, RecordsUnavailable, UnknownRecord
from service.store.port import StoreError
from service.worker.naming import UPLOAD_RECORD, upload_key

UploadKind = Literal["video", "image", "audio", "midi"]
KINDS: dict[Kind, UploadKind] = {Kind.VIDEO: "video", Kind.IMAGE: "image", Kind.AUDIO: "audio", Kind.MIDI: "midi"}
UPLOAD_ID = re.compile(r"upl_[0-9a-z]{26}")
MAX_NAME = 200
TAKEN = "video (mp4, mov, mkv, webm, avi), image (png, jpeg, webp), audio (wav, flac, mp3, ogg) or midi"


class Uploads:
    """The uploads of all tenants; each sees its own."""

    def __init__(self, parts: ApiParts) -> None:
        self._parts = parts

    async def keep(self, file: Received, name: str, tenant: str) -> Upload:
        """Put a file that came in into the store.

        Raises:
            BadMedia: it is empty.
            WrongMediaType: its first bytes are not those of a medium that the service takes.
            StoreUnavailable, RecordsUnavailable: nothing was kept.
        """
        found = identified(file)
        kind = KINDS[found.kind]
        upload = Upload(
            id=new_id("upl"),
            kind=kind,
            name=safe_name(name) or kind,
            media_type=found.media_type,
            n_bytes=file.n_bytes,
            sha256=file.sha256,
            expires_at=datetime.now(UTC) + timedelta(seconds=self._parts.settings.upload_ttl_s),
        )
        await self._parts.store.put(upload_key(upload.id), file.path)
        record = Record(UPLOAD_RECORD, upload.id, tenant, upload.model_dump_json())
        try:
            await self._parts.records.put(record, ttl_s=self._parts.settings.upload_ttl_s)
        except RecordsUnavailable:
            await self._erase(upload.id)
            raise
        self._parts.metrics.uploaded(upload.n_bytes)
        return upload

    async def find(self, id_: str, tenant: str) -> Upload:
        """An upload; raises UnknownRecord, also when it is another tenant's."""
        if not UPLOAD_ID.fullmatch(id_):
            raise UnknownRecord("there is no such upload; upload the file again")
        return Upload.model_validate_json((await self._parts.records.get(UPLOAD_RECORD, id_, tenant=tenant)).body)

    async def delete(self, id_: str, tenant: str) -> None:
        """Forget an upload and its content; raises UnknownRecord."""
        await self.find(id_, tenant)
        await self._parts.store.delete(f"uploads/{id_}/")
        await self._parts.records.delete(UPLOAD_RECORD, id_, tenant=tenant)

    async def discard(self, uploads: tuple[Upload, ...], tenant: str) -> None:
        """Forget uploads that nothing needs any more; those that cannot be forgotten now lapse later."""
        for upload in uploads:
            await self._erase(upload.id)
            with suppress(UnknownRecord, RecordsUnavailable):
                await self._parts.records.delete(UPLOAD_RECORD, upload.id, tenant=tenant)

    async def _erase(self, id_: str) -> None:
        with suppress(StoreError):
            await self._parts.store.delete(f"uploads/{id_}/")


def identified(file: Received) -> Format:
    """The format of a file by its first bytes.

    Raises:
        BadMedia: it is empty.
        WrongMediaType: it is nothing that the service takes, whatever its name says.
    """
    if file.n_bytes == 0:
        raise BadMedia("the file is empty; send one with something in it")
    found = format_of(file.head)
    if found is None:
        raise WrongMediaType(f"the first bytes belong to no medium that is taken here; send {TAKEN}")
    if found.unread:
        raise WrongMediaType(found.mend)
    return found


def safe_name(name: str) -> str:
    """The last step of what a client calls a file, without control characters; it is shown, never opened."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable() and not "\ud800" <= c <= "\udfff")[:MAX_NAME]
