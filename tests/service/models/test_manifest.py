"""The manifest of a folder names what belongs to a model and nothing else."""

from pathlib import Path

import pytest

from schemas.manifest import MANIFEST
from service.bundle import sha256_of, verify
from service.errors import BadInput, OutputUnwritable
from service.models.manifest import described, write_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = tmp_path / "model"
    for name in ("a.safetensors", "sub/b.json", "sub/c.bin", ".git/d", "sub/.e"):
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).write_text(name)
    return model


def test_hidden_files_and_those_that_can_carry_code_are_left_out(folder: Path) -> None:
    manifest = described(folder, version="1", licence="MIT")

    assert (manifest.name, manifest.version, manifest.licence) == ("model", "1", "MIT")
    assert manifest.files == {n: sha256_of(folder / n) for n in ("a.safetensors", "sub/b.json")}


def test_what_is_written_can_be_verified(folder: Path) -> None:
    manifest = described(folder, version="1", licence="MIT")
    assert write_manifest(folder, manifest) == folder / MANIFEST
    assert verify(folder) == manifest


def test_a_manifest_that_is_there_is_not_written_over(folder: Path) -> None:
    (folder / MANIFEST).write_text("{}")
    with pytest.raises(BadInput, match="already"):
        described(folder, version="1", licence="MIT")


@pytest.mark.parametrize("name", ["missing", "empty", "bad name"])
def test_what_is_no_model_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput):
        described(tmp_path / name, version="1", licence="MIT")


def test_a_folder_that_is_gone_cannot_take_a_manifest(folder: Path, tmp_path: Path) -> None:
    manifest = described(folder, version="1", licence="MIT")
    with pytest.raises(OutputUnwritable):
        write_manifest(tmp_path / "gone", manifest)
