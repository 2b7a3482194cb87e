"""Writes a bundle's manifest: `python -m training.manifest weights/tonereel-mini --version 0.1.0`."""

import argparse
import hashlib
import json
from pathlib import Path

from generators.flow.parts import files_of
from schemas.manifest import MANIFEST, DataSource, Manifest, Trained
from training.corpus.manifest import SOURCES, STATISTICS

#: What the shipped bundle was trained on and what its sounds were cut from.
DATA = (
    *(DataSource(name=s.name, licence=s.licence, credit=s.credit) for s in (*SOURCES.values(), *STATISTICS)),
    DataSource(name="Caltech 101", licence="CC-BY-4.0", credit="Fei-Fei Li, Rob Fergus, Pietro Perona"),
    DataSource(name="Fluid (R3) General MIDI SoundFont", licence="MIT", credit="Frank Wen and contributors"),
    DataSource(name="Sonic Pi samples", licence="CC0-1.0", credit="freesound.org contributors, as listed by Sonic Pi"),
)


def manifest_of(
    folder: Path, *, version: str, metrics: dict[str, float], trained: tuple[Trained, ...] = ()
) -> Manifest:
    """The manifest of a folder as it is now; hidden files and the manifest itself are not listed."""
    files = {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST and not path.name.startswith(".")
    }
    name, licence = folder.name, "Apache-2.0"
    return Manifest(
        name=name, version=version, licence=licence, files=files, data=DATA, trained=trained, metrics=metrics
    )


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hex; of weights that lie in parts that of their index, which changes with each save."""
    whole, *_ = *files_of(path), path
    with whole.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> None:
    """Write the manifest of the folder that is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--metrics", type=Path, help="a JSON file of name to number")
    given = parser.parse_args()
    metrics = {str(k): float(v) for k, v in json.loads(given.metrics.read_text()).items()} if given.metrics else {}
    before = given.folder / MANIFEST
    trained = Manifest.model_validate_json(before.read_bytes()).trained if before.exists() else ()
    manifest = manifest_of(given.folder, version=given.version, metrics=metrics, trained=trained)
    (given.folder / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    size = sum((given.folder / name).stat().st_size for name in manifest.files)
    print(f"{manifest.label}: {len(manifest.files)} files, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
