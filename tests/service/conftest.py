"""A small video made once, and a command line whose parts need no model."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import cli
from tests.service.clips import Clip, write_clip
from tests.service.fake_parts import FakeParts

Tonereel = Callable[..., Result]


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds with cuts at 1.5 and 2.75 s, and sound."""
    return write_clip(tmp_path_factory.mktemp("clips") / "video.mp4", Clip(sound=True))


@pytest.fixture
def tonereel(monkeypatch: pytest.MonkeyPatch) -> Tonereel:
    """Runs the command line."""
    monkeypatch.setattr("service.composition.parts_from", lambda environment: FakeParts())
    return lambda *words: CliRunner().invoke(cli, [str(w) for w in words])
