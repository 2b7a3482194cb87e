"""What a soundtrack is called in its files: after the file it was made for, or the first words of its text."""

import textwrap
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from schemas.soundtrack import FileInput, SoundtrackRequest, Upload
from schemas.source import CaptionSource, SourceKind, StorySource
from service.records.port import Records, RecordsUnavailable, UnknownRecord
from service.worker.naming import UPLOAD_RECORD

UNTITLED = "soundtrack"
MAX_CHARACTERS = 80
FIRST: tuple[SourceKind, ...] = ("video", "image", "story", "caption", "reference")  # whose name counts
JOINERS = "\u200c\u200d"  # not shown, but without them some scripts and emoji are written otherwise


async def title_of(request: SoundtrackRequest, records: Records) -> str:
    """The title of a request's music; "soundtrack" where nothing gives one. Music that is edited keeps its name."""
    if request.sound is not None and (title := tidy(await _stem_of(request.sound, records))):
        return title
    for source in sorted(request.sources, key=lambda s: FIRST.index(s.kind)):
        said = source.text if isinstance(source, StorySource | CaptionSource) else await _stem_of(source, records)
        if title := tidy(said):
            return title
    return (tidy(await _stem_of(request.melody, records)) if request.melody else "") or UNTITLED


def tidy(text: str) -> str:
    """The first words of a text on one line, without anything that cannot be shown."""
    whole = unicodedata.normalize("NFC", text)
    line = " ".join("".join(c if c.isprintable() or c in JOINERS else " " for c in whole).split())
    short = textwrap.shorten(line, MAX_CHARACTERS, placeholder="…")
    return f"{line[: MAX_CHARACTERS - 1]}…" if short == "…" and line else short  # one word without end


async def _stem_of(file: FileInput, records: Records) -> str:
    name = await _name_of(file.upload or "", records) if file.url is None else unquote(urlsplit(file.url).path)
    return PurePosixPath(name).stem


async def _name_of(upload: str, records: Records) -> str:
    """What a client called an upload; nothing where nobody knows any more, which is no reason to fail."""
    try:
        record = await records.get(UPLOAD_RECORD, upload, tenant=None)
        return Upload.model_validate_json(record.body).name
    except (UnknownRecord, RecordsUnavailable, ValidationError):
        return ""
