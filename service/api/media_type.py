"""The media type of a file by its first bytes, for those kinds that the service takes."""

from service.media.magic import Kind, sniff

_RIFF = {b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo", b"WEBP": "image/webp"}
_PREFIXES = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"fLaC", "audio/flac"),
    (b"FORM", "audio/aiff"),
    (b"caff", "audio/x-caf"),
    (b"RF64", "audio/wav"),
    (b"ID3", "audio/mpeg"),
    (b"FLV", "video/x-flv"),
    (b"\x00\x00\x01", "video/mpeg"),
)
_BRANDS = {b"qt  ": "video/quicktime", b"avif": "image/avif", b"avis": "image/avif", b"M4A ": "audio/mp4"}
_OF_KIND = {Kind.VIDEO: "video/mp4", Kind.AUDIO: "audio/mpeg", Kind.IMAGE: "image/heif"}


def media_type_of(head: bytes) -> tuple[Kind, str] | None:
    """Kind and media type of a file that begins with `head`; None for anything that the service does not take."""
    kind = sniff(head)
    if kind is None:
        return None
    if head.startswith(b"OggS"):  # may hold either; with a video stream inside it says so at its start
        return (Kind.VIDEO, "video/ogg") if b"theora" in head else (Kind.AUDIO, "audio/ogg")
    return kind, _name(head, kind)


def _name(head: bytes, kind: Kind) -> str:
    if head[:4] == b"RIFF":
        return _RIFF[head[8:12]]
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head else "video/x-matroska"
    for prefix, name in _PREFIXES:
        if head.startswith(prefix):
            return name
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], _OF_KIND[kind])
    if len(head) > 188 and head[0] == head[188] == 0x47:
        return "video/mp2t"
    return _OF_KIND[kind]
