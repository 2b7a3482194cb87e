"""Writes the manifest that makes a folder a model that can be pulled and verified."""

from pathlib import Path

from schemas.manifest import MANIFEST, Manifest
from service.bundle import sha256_of
from service.errors import BadInput, OutputUnwritable
from service.models.pull import UNSAFE
from service.models.shelf import place_on


def described(folder: Path, *, version: str, licence: str) -> Manifest:
    """The manifest of a folder as it is: every file by its hash, but none that is hidden or can carry code.

    Raises:
        BadInput: there is no such folder, no such file in it, a manifest already, or its name is none of a model.
    """
    place_on(folder.parent, folder.resolve().name)
    if not folder.is_dir():
        raise BadInput(f"{folder} is no folder; name one with a model in it")
    if (folder / MANIFEST).exists():
        raise BadInput(f"{folder} has a manifest already; take {MANIFEST} away to write another")
    paths = [p for p in sorted(folder.rglob("*")) if p.is_file() and _belongs(p.relative_to(folder))]
    if not paths:
        raise BadInput(f"{folder} holds no files of a model; only safetensors and what goes with them count")
    files = {p.relative_to(folder).as_posix(): sha256_of(p) for p in paths}
    return Manifest(name=folder.resolve().name, version=version, licence=licence, files=files)


def write_manifest(folder: Path, manifest: Manifest) -> Path:
    """Put a manifest into its folder.

    Raises:
        OutputUnwritable: it cannot be written.
    """
    path = folder / MANIFEST
    try:
        path.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    except OSError as exc:
        raise OutputUnwritable(f"{path} cannot be written ({exc.strerror})") from exc
    return path


def _belongs(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and path.suffix.lower() not in UNSAFE and path.as_posix() != MANIFEST
