"""The tiny models, written once; and a copy to spoil."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Written:
    """A folder, and the library's own pipeline of what is in it."""

    folder: Path
    pipeline: Any


@pytest.fixture(scope="session")
def musicldm(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A tiny MusicLDM."""
    from tests.generators.audio.published.tiny import write_musicldm

    folder = tmp_path_factory.mktemp("published") / "tiny-musicldm"
    return Written(folder, write_musicldm(folder))


@pytest.fixture(scope="session")
def audioldm2(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A tiny AudioLDM 2."""
    from tests.generators.audio.published.tiny import write_audioldm2

    folder = tmp_path_factory.mktemp("published") / "tiny-audioldm2"
    return Written(folder, write_audioldm2(folder))


@pytest.fixture
def spoiled(musicldm: Written, tmp_path: Path) -> Path:
    """A copy of the tiny MusicLDM that a test may change."""
    return Path(shutil.copytree(musicldm.folder, tmp_path / "spoiled"))


@pytest.fixture
def rewrite() -> Callable[..., None]:
    """Changes keys of a JSON file; None takes one out."""

    def change(path: Path, **changes: object) -> None:
        config = json.loads(path.read_text())
        kept = {**config, **changes}
        path.write_text(json.dumps({key: value for key, value in kept.items() if value is not None}))

    return change
