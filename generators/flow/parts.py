"""Tensors on disk: one safetensors file, or, where that would be too large, parts of it and an index of them.

Both are named as other libraries name them: `flow-00001-of-00003.safetensors` and `flow.safetensors.index.json`.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, uint8

from generators.errors import BadWeights

PART_BYTES = 16_000_000
HEAD_BYTES = 128  # of a file's header for each tensor, beside its name
SET = "set"  # in the header of a part: which save it belongs to
MEND = "fetch the bundle again"


def save_tensors(
    path: Path, tensors: Mapping[str, Tensor], metadata: dict[str, str], *, limit: int = PART_BYTES
) -> None:
    """Write tensors as `path`, or as parts of at most `limit` bytes each where they are more.

    A tensor that is larger than that by itself has a part of its own. What was there before is valid until all of the
    new is written, where it has the other form; parts of two saves are never taken for one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    before = _replaced(path)
    groups = _groups(tensors, limit)
    if len(groups) < 2:
        _write(path, dict(tensors), metadata)
        now = [path]
    else:
        mark = _mark(tensors)
        files = [_part(path, i + 1, len(groups)) for i in range(len(groups))]
        for file, names in zip(files, groups, strict=True):
            _write(file, {name: tensors[name] for name in names}, {SET: mark})
        places = {name: file.name for file, names in zip(files, groups, strict=True) for name in names}
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps({"metadata": metadata | {SET: mark}, "weight_map": places}, indent=1))
        partial.replace(index_of(path))
        now = [index_of(path), *files]
    remove(file for file in before if file not in now)


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and metadata of `path`, or of its parts.

    Raises:
        BadWeights: a file is missing or damaged, or parts are of different saves.
    """
    if path.exists() or not index_of(path).exists():
        return _read(path)
    metadata, places = _index(path)
    mark = metadata.pop(SET, "")
    tensors: dict[str, Tensor] = {}
    for name in dict.fromkeys(places.values()):
        part = path.with_name(name)
        if not part.exists():
            count = len(set(places.values()))
            raise BadWeights(f"{part} is missing, one of {count} parts of {path.name}; {MEND}")
        held, told = _read(part)
        if told.get(SET) != mark:
            raise BadWeights(f"{part} is of another save than {index_of(path).name}; {MEND}")
        tensors |= held
    if tensors.keys() != places.keys():
        raise BadWeights(f"{index_of(path)} names other tensors than its parts hold; {MEND}")
    return tensors, metadata


def files_of(path: Path) -> tuple[Path, ...]:
    """The files in which tensors saved as `path` lie: itself, or index and parts; none where nothing was saved."""
    if path.exists():
        return (path,)
    if not index_of(path).exists():
        return ()
    _, places = _index(path)
    return (index_of(path), *(path.with_name(name) for name in dict.fromkeys(places.values())))


def remove(files: Iterable[Path]) -> None:
    """Take files away, in the order of `files_of`: an index goes before its parts, so that it never lacks one."""
    for file in files:
        file.unlink(missing_ok=True)


def index_of(path: Path) -> Path:
    """Where the index lies, if `path` is in parts."""
    return path.with_name(f"{path.name}.index.json")


def _replaced(path: Path) -> tuple[Path, ...]:
    """The files of the last save; of one whose index cannot be read, the index."""
    try:
        return files_of(path)
    except BadWeights:
        return (index_of(path),)


def _part(path: Path, number: int, count: int) -> Path:
    return path.with_name(f"{path.stem}-{number:05}-of-{count:05}{path.suffix}")


def _groups(tensors: Mapping[str, Tensor], limit: int) -> list[list[str]]:
    """Names in their order, as many together as fit."""
    groups: list[list[str]] = []
    room = 0
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size() + len(name) + HEAD_BYTES
        if not groups or size > room:
            groups.append([])
            room = limit
        groups[-1].append(name)
        room -= size
    return groups


def _mark(tensors: Mapping[str, Tensor]) -> str:
    """What tells one save from another: a hash of all that is saved."""
    digest = hashlib.sha256()
    for name, tensor in tensors.items():
        digest.update(name.encode())
        digest.update(tensor.contiguous().cpu().flatten().view(uint8).numpy().data if tensor.numel() else b"")
    return digest.hexdigest()


def _write(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata=metadata)
    partial.replace(path)


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (OSError, SafetensorError) as exc:
        raise BadWeights(f"{path} cannot be read as weights ({exc}); {MEND}") from exc


def _index(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Metadata, and the part in which each tensor lies; parts lie beside their index."""
    index = index_of(path)
    try:
        held = json.loads(index.read_text(encoding="utf-8"))
        metadata, places = dict(held["metadata"]), dict(held["weight_map"])
        names = {str(name) for name in places.values()}
    except (OSError, KeyError, TypeError, ValueError) as exc:
        raise BadWeights(f"{index} cannot be read as an index of weights ({exc}); {MEND}") from exc
    if outside := [name for name in names if Path(name).name != name]:
        raise BadWeights(f"{index} names {outside[0]!r}, which does not lie beside it; {MEND}")
    return metadata, places
