"""A worker's folder lives as long as its worker."""

import subprocess
import sys
from pathlib import Path

import pytest

from service.errors import OutputUnwritable
from service.worker.scratch import Scratch

DYING = """
import os, sys
from pathlib import Path
from service.worker.scratch import Scratch
scratch = Scratch(Path(sys.argv[1]), "dead")
scratch.open()
(scratch.folder("job") / "film.mp4").write_bytes(b"x")
os._exit(9)
"""


def test_nothing_is_left_of_a_worker_that_ends(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "scratch", "one")
    assert scratch.open() == ()
    (scratch.folder("job") / "film.mp4").write_bytes(b"x")
    scratch.close()
    assert list((tmp_path / "scratch").iterdir()) == []


def test_what_a_killed_worker_left_is_swept_and_the_living_are_spared(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", DYING, str(tmp_path)], check=False)
    (tmp_path / "older").mkdir()
    assert (tmp_path / "dead" / "job" / "film.mp4").exists()
    first, second = Scratch(tmp_path, "first"), Scratch(tmp_path, "second")
    assert first.open() == ("dead", "older")
    folder = first.folder("job")
    assert second.open() == ()
    assert folder.exists()
    assert not (tmp_path / "dead").exists()


def test_a_folder_is_fresh_each_time(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, "one")
    scratch.open()
    (scratch.folder("job") / "half").write_bytes(b"x")
    assert list(scratch.folder("job").iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputUnwritable, match="TONEREEL_DATA_DIR"):
        Scratch(tmp_path / "file" / "scratch", "one").open()
