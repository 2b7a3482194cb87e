"""A bundle is whole, or it is refused by the name of the file that is not."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from generators.errors import BadWeights
from schemas.manifest import MANIFEST
from service.bundle import bundle_folder, read_manifest, verify
from service.cli import cli
from service.composition import parts_from
from training.manifest import manifest_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bundle of two files."""
    bundle = tmp_path / "tiny"
    (bundle / "adapters").mkdir(parents=True)
    (bundle / "clap.safetensors").write_bytes(bytes(range(256)))
    (bundle / "adapters" / "video.safetensors").write_bytes(b"weights")
    manifest = manifest_of(bundle, version="1.0", metrics={"cosine": 0.5})
    (bundle / MANIFEST).write_text(manifest.model_dump_json())
    return bundle


def test_a_whole_bundle_is_accepted(folder: Path) -> None:
    manifest = verify(folder)
    assert manifest.label == "tiny 1.0"
    assert sorted(manifest.files) == ["adapters/video.safetensors", "clap.safetensors"]
    assert parts_from({"TONEREEL_BUNDLE": str(folder)}).bundle == "tiny 1.0"


def test_one_changed_byte_is_found_and_named(folder: Path, tmp_path: Path) -> None:
    data = bytearray((folder / "clap.safetensors").read_bytes())
    data[100] ^= 1
    (folder / "clap.safetensors").write_bytes(bytes(data))
    words = ["score", "--caption", "x", "-o", str(tmp_path / "m.wav")]
    done = CliRunner().invoke(cli, words, env={"TONEREEL_BUNDLE": str(folder)})
    assert done.exit_code == 4
    assert len(done.stderr.splitlines()) == 1
    assert "clap.safetensors: has changed" in done.stderr
    assert not (tmp_path / "m.wav").exists()


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "adapters" / "video.safetensors").unlink()
    with pytest.raises(BadWeights, match=r"video\.safetensors"):
        verify(folder)


@pytest.mark.parametrize("text", ["", "{}", '{"name": "x", "version": 1}'])
def test_a_broken_manifest_is_refused(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_text(text)
    with pytest.raises(BadWeights, match="manifest"):
        read_manifest(folder)


def test_a_file_outside_the_bundle_is_refused(folder: Path) -> None:
    manifest = read_manifest(folder)
    (folder / MANIFEST).write_text(manifest.model_copy(update={"files": {"../x": "0"}}).model_dump_json())
    with pytest.raises(BadWeights, match="outside"):
        verify(folder)


def test_the_commands_list_and_verify_the_bundle(folder: Path) -> None:
    for command in ("list", "verify"):
        done = CliRunner().invoke(cli, ["models", command], env={"TONEREEL_BUNDLE": str(folder)})
        assert done.exit_code == 0
        assert "tiny 1.0" in done.stdout


def test_without_a_name_the_shipped_bundle_is_used() -> None:
    assert bundle_folder({}).parts[-2:] == ("weights", "tonereel-mini")


def test_the_doctor_names_a_bundle_that_is_not_there(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["doctor"], env={"TONEREEL_BUNDLE": str(tmp_path)})
    assert done.exit_code == 4
    assert "FAIL  bundle" in done.stdout
    assert "ok    codecs" in done.stdout
