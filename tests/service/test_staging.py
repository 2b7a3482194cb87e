"""Outputs appear all together or not at all."""

from pathlib import Path

import pytest

from service.errors import OutputUnwritable
from service.staging import Staging


def test_nothing_is_seen_until_all_is_published(tmp_path: Path) -> None:
    with Staging() as staging:
        for name in ("a.wav", "b.mid"):
            staging.path(tmp_path / name).write_bytes(b"x")
        assert not (tmp_path / "a.wav").exists()
        staging.publish()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.wav", "b.mid"]


def test_leaving_without_publishing_leaves_no_trace_and_keeps_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"old")
    with Staging() as staging:
        staging.path(tmp_path / "a.wav").write_bytes(b"new")
        staging.path(staging.folder(tmp_path / "deep" / "stems") / "lead.wav")
    assert [p.name for p in tmp_path.iterdir()] == ["a.wav"]
    assert (tmp_path / "a.wav").read_bytes() == b"old"


def test_a_folder_in_the_place_of_a_file_shows_at_once(tmp_path: Path) -> None:
    with Staging() as staging, pytest.raises(OutputUnwritable, match="is a folder"):
        staging.path(tmp_path)


def test_a_folder_that_does_not_exist_shows_at_once(tmp_path: Path) -> None:
    with Staging() as staging, pytest.raises(OutputUnwritable, match="cannot be written"):
        staging.path(tmp_path / "nowhere" / "a.wav")


def test_a_file_in_the_place_of_a_folder_shows_at_once(tmp_path: Path) -> None:
    (tmp_path / "stems").write_bytes(b"x")
    with Staging() as staging, pytest.raises(OutputUnwritable):
        staging.folder(tmp_path / "stems" / "more")
