"""What a file is by its first bytes, so that nothing opens a file only because of its name."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from service.errors import BadInput, BadMedia

HEAD_BYTES = 256


class Kind(StrEnum):
    """The broad kinds of file that the service accepts."""

    VIDEO = "video"
    AUDIO = "audio"
    IMAGE = "image"
    MIDI = "midi"


MELODY_KINDS = (Kind.AUDIO, Kind.VIDEO, Kind.MIDI)


@dataclass(frozen=True, slots=True)
class Format:
    """A format; containers that may hold sound or pictures count as video. `unread` names one that no reader takes."""

    kind: Kind
    media_type: str
    suffix: str
    unread: str = ""

    @property
    def mend(self) -> str:
        """What to do with a file of a format that is not read."""
        if self.kind is Kind.IMAGE:
            return f"{self.unread} is not read here; save it as PNG or JPEG"
        return f"{self.unread} is not read here; convert it, for instance with: ffmpeg -i in{self.suffix} out.mp4"


def _format(
    signature: bytes, kind: Kind, media_type: str, suffix: str, unread: str = ""
) -> tuple[re.Pattern[bytes], Format]:
    return re.compile(signature, re.DOTALL), Format(kind, media_type, suffix, unread)


#: The one table of the command line, the API and the worker; the first match counts. What is read is what
#: `encoders.probe`, `encoders.image` and the audio child take: a test holds real files of each format against them.
FORMATS = (
    _format(rb"\x89PNG\r\n\x1a\n", Kind.IMAGE, "image/png", ".png"),
    _format(rb"\xff\xd8\xff", Kind.IMAGE, "image/jpeg", ".jpg"),
    _format(rb"RIFF.{4}WEBP", Kind.IMAGE, "image/webp", ".webp"),
    _format(rb"GIF8", Kind.IMAGE, "image/gif", ".gif", "a GIF"),
    _format(rb"BM", Kind.IMAGE, "image/bmp", ".bmp", "a BMP image"),
    _format(rb"II\*\x00|MM\x00\*", Kind.IMAGE, "image/tiff", ".tiff", "a TIFF image"),
    _format(rb".{4}ftyp(avif|avis)", Kind.IMAGE, "image/avif", ".avif", "an AVIF image"),
    _format(rb".{4}ftyp(heic|heix|mif1)", Kind.IMAGE, "image/heif", ".heic", "a HEIF image"),
    _format(rb".{4}ftypM4[AB]", Kind.AUDIO, "audio/mp4", ".m4a"),
    _format(rb".{4}ftypqt  ", Kind.VIDEO, "video/quicktime", ".mov"),
    _format(rb".{4}(ftyp|moov|mdat|wide|free|skip)", Kind.VIDEO, "video/mp4", ".mp4"),
    _format(rb"\x1a\x45\xdf\xa3.*webm", Kind.VIDEO, "video/webm", ".webm"),
    _format(rb"\x1a\x45\xdf\xa3", Kind.VIDEO, "video/x-matroska", ".mkv"),
    _format(rb"RIFF.{4}AVI ", Kind.VIDEO, "video/x-msvideo", ".avi"),
    _format(rb"RIFF.{4}WAVE|RF64", Kind.AUDIO, "audio/wav", ".wav"),
    _format(rb"fLaC", Kind.AUDIO, "audio/flac", ".flac"),
    _format(rb"FORM", Kind.AUDIO, "audio/aiff", ".aiff"),
    _format(rb"caff", Kind.AUDIO, "audio/x-caf", ".caf"),
    _format(rb"OggS.*(theora|OVP80|BBCD)", Kind.VIDEO, "video/ogg", ".ogv", "Ogg video"),
    _format(rb"OggS", Kind.AUDIO, "audio/ogg", ".ogg"),
    _format(rb"ID3", Kind.AUDIO, "audio/mpeg", ".mp3"),
    _format(rb"MThd", Kind.MIDI, "audio/midi", ".mid"),
    _format(rb"FLV", Kind.VIDEO, "video/x-flv", ".flv", "Flash video"),
    _format(rb"\x00\x00\x01[\xba\xb3]", Kind.VIDEO, "video/mpeg", ".mpg", "an MPEG program stream"),
    _format(rb"(.{4})?\x47.{187}(.{4})?\x47", Kind.VIDEO, "video/mp2t", ".ts", "an MPEG transport stream"),
    _format(rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Kind.VIDEO, "video/x-ms-asf", ".wmv", "Windows Media"),
    _format(rb"\xff[\xe0-\xff]", Kind.AUDIO, "audio/mpeg", ".mp3"),  # the sync of an MPEG audio frame
)


def format_of(head: bytes) -> Format | None:
    """The format of a file that starts with `head`, also one that is known but not read."""
    return next((format_ for signature, format_ in FORMATS if signature.match(head[:HEAD_BYTES])), None)


def kind_of(path: Path) -> Kind | None:
    """The kind of a file by its first bytes, or None where they say nothing.

    Raises:
        BadInput: when there is no such file, it is a folder, it is empty or it may not be read.
    """
    found = format_of_file(path)
    return None if found is None else found.kind


def format_of_file(path: Path) -> Format | None:
    """The format of a file; raises BadInput as `kind_of` does."""
    if not path.exists():
        raise BadInput(f"{path}: no such file; check the path")
    if not path.is_file():
        raise BadInput(f"{path}: is not a file; give the path of a file")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as exc:
        raise BadInput(f"{path}: cannot be read ({exc.strerror}); check its permissions") from exc
    if not head:
        raise BadMedia(f"{path}: the file is empty; give a file with something in it")
    return format_of(head)


def require(path: Path, *kinds: Kind) -> Format:
    """Check that a file is one of the kinds by its first bytes, in a format that is read; returns the format.

    Raises:
        BadInput: when the file cannot be read.
        BadMedia: when its first bytes are those of something else.
    """
    found = format_of_file(path)
    if found is None or found.kind not in kinds:
        wanted = " or ".join(kinds)
        seen = (
            f"it looks like {found.kind}" if found else "its first bytes belong to no media format that is known here"
        )
        raise BadMedia(f"{path}: is not {wanted}, {seen}; give a file of that kind")
    if found.unread:
        raise BadMedia(f"{path}: {found.mend}")
    return found
