"""A manifest lists every file of a bundle with its hash."""

import hashlib
from pathlib import Path

from schemas.manifest import Manifest
from training.manifest import manifest_of


def test_every_file_but_the_manifest_and_hidden_ones_is_listed(tmp_path: Path) -> None:
    (tmp_path / "instruments").mkdir()
    for name in ("clap.safetensors", "instruments/piano.flac", "manifest.json", ".hidden"):
        (tmp_path / name).write_bytes(name.encode())
    manifest = manifest_of(tmp_path, version="2", metrics={"loss": 0.5})
    assert list(manifest.files) == ["clap.safetensors", "instruments/piano.flac"]
    assert manifest.files["clap.safetensors"] == hashlib.sha256(b"clap.safetensors").hexdigest()
    assert Manifest.model_validate_json(manifest.model_dump_json()) == manifest


def test_every_data_set_is_credited_in_the_notice_too(tmp_path: Path) -> None:
    notice = (Path(__file__).parent.parent.parent / "NOTICE").read_text("utf-8")
    for source in manifest_of(tmp_path, version="1", metrics={}).data:
        assert source.licence
        assert source.credit
        assert source.name in notice
