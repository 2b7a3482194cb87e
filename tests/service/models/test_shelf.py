"""Where models are kept, and what counts as one."""

from pathlib import Path

import pytest

from service.errors import BadInput
from service.models.shelf import models_folder, place_on, shelved, use_of


def test_the_environment_names_the_shelf_before_the_users_data_folder() -> None:
    assert models_folder({"TONEREEL_MODELS_DIR": "/m", "XDG_DATA_HOME": "/x"}) == Path("/m")
    assert models_folder({"XDG_DATA_HOME": "/x"}) == Path("/x/tonereel/models")


def test_without_a_name_it_is_in_the_users_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert models_folder({}) == Path("/home/somebody/.local/share/tonereel/models")


def test_only_finished_models_are_on_the_shelf(tmp_path: Path) -> None:
    for name in ("b", "a", ".c.partial"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    (tmp_path / "no-model").mkdir()

    assert [p.name for p in shelved(tmp_path)] == ["a", "b"]
    assert shelved(tmp_path / "missing") == ()


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", ".hidden", "a b", "a" * 101, "a\n"])
def test_a_name_that_would_leave_the_shelf_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="name"):
        place_on(tmp_path, name)


def test_a_published_model_and_a_bundle_are_used_through_different_variables(tmp_path: Path) -> None:
    assert use_of(tmp_path) == f"TONEREEL_BUNDLE={tmp_path}"
    (tmp_path / "model_index.json").write_text("{}")
    assert use_of(tmp_path) == f"TONEREEL_AUDIO_MODEL={tmp_path}"
