"""The model bundle on disk: where it is, what its manifest says, and whether every byte is as it was shipped."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from generators.errors import BadWeights
from schemas.manifest import MANIFEST, Manifest

ENVIRONMENT_NAME = "TONEREEL_BUNDLE"
DEFAULT_NAME = "tonereel-mini"
MEND = "restore it from the release, or set TONEREEL_BUNDLE to another bundle"


def bundle_folder(environment: Mapping[str, str]) -> Path:
    """The folder that the environment names, or the bundle that comes with the program."""
    import service

    named = environment.get(ENVIRONMENT_NAME)
    if named:
        return Path(named)
    return Path(str(service.__file__)).parent.parent / "weights" / DEFAULT_NAME


def read_manifest(folder: Path) -> Manifest:
    """Read a bundle's manifest.

    Raises:
        BadWeights: when it is missing or broken.
    """
    path = folder / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as exc:
        raise BadWeights(f"{path}: the bundle's manifest cannot be read; {MEND}") from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(p) for p in first["loc"]) or "the file"
        raise BadWeights(f"{path}: the bundle's manifest is broken at {where} ({first['msg']}); {MEND}") from exc


def verify(folder: Path) -> Manifest:
    """Check every file of a bundle against its manifest, which is returned.

    Raises:
        BadWeights: naming the first file that is missing or has changed.
    """
    manifest = read_manifest(folder)
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise BadWeights(f"{path}: lies outside the bundle; {MEND}")
        try:
            found = sha256_of(path)
        except OSError as exc:
            raise BadWeights(f"{path}: the bundle's file is missing or cannot be read; {MEND}") from exc
        if found != expected:
            raise BadWeights(f"{path}: has changed since it was shipped (its sha256 is {found[:12]}...); {MEND}")
    return manifest


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
