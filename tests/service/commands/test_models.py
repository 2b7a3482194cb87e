"""`tonereel models` on the command line: what it says before it fetches, what it fetches and how it fails."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from schemas.manifest import MANIFEST
from service.cli import cli
from tests.service.models.conftest import offered_folder, server
from tests.service.models.mirror_server import MirrorServer

__all__ = ["offered_folder", "server"]  # fixtures
Models = Callable[..., Result]


@pytest.fixture
def models(tmp_path: Path) -> Models:
    """Runs `tonereel models` with a shelf of its own."""

    def run(*words: object, **environment: str) -> Result:
        shelf = {"TONEREEL_MODELS_DIR": str(tmp_path / "shelf"), "TONEREEL_MIRROR": "", **environment}
        return CliRunner().invoke(cli, ["models", *map(str, words)], env=shelf)

    return run


@pytest.mark.parametrize("by", ["variable", "option", "address", "folder", "file address"])
def test_a_model_is_found_by_name_in_a_mirror_or_by_its_address(
    models: Models, server: MirrorServer, offered_folder: Path, tmp_path: Path, by: str
) -> None:
    words: dict[str, tuple[tuple[object, ...], dict[str, str]]] = {
        "variable": (("tiny",), {"TONEREEL_MIRROR": server.address}),
        "option": (("tiny", "--mirror", offered_folder.parent), {"TONEREEL_MIRROR": "http://127.0.0.1:9"}),
        "address": ((f"{server.address}/tiny",), {}),
        "folder": ((offered_folder,), {}),
        "file address": ((offered_folder.as_uri(),), {}),
    }
    given, environment = words[by]

    done = models("pull", *given, **environment)

    assert done.exit_code == 0, done.output
    assert done.stdout == f"{tmp_path / 'shelf' / 'tiny'}\n"
    assert "tiny 1.0  CC-BY-4.0  4 files, 2.3 MB, from " in done.stderr
    assert f"TONEREEL_AUDIO_MODEL={tmp_path / 'shelf' / 'tiny'}" in done.stderr


def test_without_a_mirror_nothing_is_asked_of_anybody(models: Models) -> None:
    done = models("pull", "tonereel-pro")
    assert done.exit_code == 3
    assert "TONEREEL_MIRROR" in done.stderr


def test_a_dry_run_says_what_would_be_fetched_and_leaves_no_trace(
    models: Models, server: MirrorServer, tmp_path: Path
) -> None:
    done = models("pull", "tiny", "--mirror", server.address, "--dry-run")
    assert done.exit_code == 0
    assert "2.3 MB" in done.stderr
    assert not (tmp_path / "shelf").exists()


def test_a_licence_against_trade_is_refused_until_it_is_accepted(
    models: Models, server: MirrorServer, offered_folder: Path
) -> None:
    manifest = offered_folder / MANIFEST
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "licence": "CC-BY-NC-SA-4.0"}))

    refused = models("pull", "tiny", "--mirror", server.address)
    assert refused.exit_code == 3
    assert "--accept-licence CC-BY-NC-SA-4.0" in refused.stderr
    assert models("pull", "tiny", "--mirror", server.address, "--accept-licence", "CC-BY-NC-SA-4.0").exit_code == 0


def test_a_pulled_model_is_listed_and_verified_by_name(models: Models, offered_folder: Path, tmp_path: Path) -> None:
    models("pull", offered_folder)
    assert str(tmp_path / "shelf" / "tiny") in models("list").stdout
    assert "tiny 1.0: 4 files" in models("verify", "tiny").stdout

    (tmp_path / "shelf" / "tiny" / "model_index.json").write_text("{ }")
    changed = models("verify", "tiny")
    assert changed.exit_code == 4
    assert "model_index.json: has changed" in changed.stderr


def test_a_second_pull_says_that_all_is_there(models: Models, offered_folder: Path) -> None:
    models("pull", offered_folder)
    assert "all there already" in models("pull", offered_folder).stderr


def test_pulling_to_another_folder(models: Models, offered_folder: Path, tmp_path: Path) -> None:
    assert models("pull", offered_folder, "--to", tmp_path / "other").exit_code == 0
    assert (tmp_path / "other" / "tiny" / MANIFEST).is_file()


def test_a_mirror_that_is_down_is_one_line(models: Models) -> None:
    done = models("pull", "tiny", "--mirror", "http://127.0.0.1:9")
    assert done.exit_code == 3
    assert len(done.stderr.splitlines()) == 1


def test_a_manifest_makes_a_folder_one_that_can_be_pulled(models: Models, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "flow.safetensors").write_bytes(b"x")

    done = models("manifest", folder, "--licence", "MIT", "--version", "3")

    assert "mine 3: 1 files" in done.stdout
    pulled = models("pull", folder)
    assert pulled.exit_code == 0
    assert "TONEREEL_BUNDLE=" in pulled.stderr
