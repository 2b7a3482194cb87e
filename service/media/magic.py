"""What a file is by its first bytes, so that nothing opens a file only because of its name."""

from enum import StrEnum
from pathlib import Path

from service.errors import BadInput, BadMedia

HEAD_BYTES = 256


class Kind(StrEnum):
    """The broad kinds of file that the service accepts."""

    VIDEO = "video"
    AUDIO = "audio"
    IMAGE = "image"


_IMAGE_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1")
_RIFF = {b"WAVE": Kind.AUDIO, b"AVI ": Kind.VIDEO, b"WEBP": Kind.IMAGE}
_ATOMS = {b"moov", b"mdat", b"wide", b"free", b"skip"}
_PREFIXES = {
    Kind.VIDEO: (b"\x1a\x45\xdf\xa3", b"OggS", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"FLV"),
    Kind.AUDIO: (b"fLaC", b"ID3", b"FORM", b"RF64", b"caff"),
    Kind.IMAGE: (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*"),
}


def sniff(head: bytes) -> Kind | None:
    """The kind of a file that starts with `head`; containers that may hold either count as video."""
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _brand(head[8:12])
    for kind, prefixes in _PREFIXES.items():  # before frame syncs: JPEG and MPEG audio share their first byte
        if head.startswith(prefixes):
            return kind
    if head[4:8] in _ATOMS or (len(head) > 188 and head[0] == head[188] == 0x47):  # transport stream packets
        return Kind.VIDEO
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:  # MPEG audio frame sync
        return Kind.AUDIO
    return None


def _brand(brand: bytes) -> Kind:
    if brand in _IMAGE_BRANDS:
        return Kind.IMAGE
    return Kind.AUDIO if brand[:3] in {b"M4A", b"M4B"} else Kind.VIDEO


def kind_of(path: Path) -> Kind | None:
    """The kind of a file by its first bytes, or None where they say nothing.

    Raises:
        BadInput: when there is no such file, it is a folder, it is empty or it may not be read.
    """
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
    return sniff(head)


def require(path: Path, *kinds: Kind) -> None:
    """Check that a file is one of the kinds by its first bytes.

    Raises:
        BadInput: when the file cannot be read.
        BadMedia: when its first bytes are those of something else.
    """
    found = kind_of(path)
    if found not in kinds:
        wanted = " or ".join(kinds)
        seen = f"it looks like {found}" if found else "its first bytes belong to no media format that is known here"
        raise BadMedia(f"{path}: is not {wanted}, {seen}; give a file of that kind")
