"""A folder as a batch: every video and image in it, with a text or options of its own beside it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from service.batch.item import Item, bad, good
from service.batch.manifest import MAX_LINE_BYTES, Names, fields_of, spec_of
from service.errors import BadInput
from service.media.magic import Kind, kind_of

SOUND_SUFFIXES = {".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".mka", ".wma"}
FIELDS = {Kind.VIDEO: "video", Kind.IMAGE: "image"}


@dataclass(frozen=True)
class Folder:
    """`name.txt` is the story of `name.mp4`; `name.json` holds the fields that a line of a manifest would hold."""

    path: Path
    defaults: Mapping[str, object] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Item]:
        """Every video and image by name; one that shares its name before the suffix is called by its whole name.

        Raises:
            BadInput: when the folder cannot be read.
        """
        media = list(self._media())
        stems, names = Counter(path.stem for path, _ in media), Names()
        for path, kind in media:
            id_ = path.stem if stems[path.stem] == 1 else path.name
            yield self._item(path, {**self.defaults, "id": id_, FIELDS[kind]: path.name}, names)

    def _media(self) -> Iterator[tuple[Path, Kind]]:
        try:
            paths = sorted(p for p in self.path.iterdir() if p.is_file() and not p.name.startswith("."))
        except OSError as exc:
            raise BadInput(f"{self.path}: cannot be read ({exc.strerror}); check the path") from exc
        for path in paths:
            if path.suffix.lower() not in SOUND_SUFFIXES and path.stat().st_size > 0:
                kind = kind_of(path)
                if kind in FIELDS:
                    yield path, kind

    def _item(self, path: Path, fields: dict[str, object], names: Names) -> Item:
        where, base = path.name, self.path.absolute()
        text, options = path.with_suffix(".txt"), path.with_suffix(".json")
        raw = b""
        try:
            if text.is_file():
                fields["story"] = f"@{text.name}"
            if options.is_file():
                with options.open("rb") as file:
                    raw = file.read(MAX_LINE_BYTES + 1)
                where = options.name
                fields |= _beside(fields_of(raw.removeprefix(b"\xef\xbb\xbf")), fields)
            spec = spec_of(fields)
        except (ValueError, OSError) as exc:
            return bad(names.free(str(fields["id"])), where, base, raw, str(exc))
        fault = names.claim(spec, where)
        return good(spec, where, base) if fault is None else bad(names.free(spec.id), where, base, raw, fault)


def _beside(given: dict[str, object], fields: Mapping[str, object]) -> dict[str, object]:
    """What options beside a file may say: anything but what the file itself says."""
    said = [name for name in ("id", "video", "image") if name in given and name in fields]
    if said:
        raise ValueError(f"{said[0]!r} is said by the file itself; remove it, or write a manifest")
    return given
