"""The command line of all stages."""

import importlib
from pathlib import Path

import pytest

from training.audio.__main__ import STAGES, parser


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_a_module_that_runs(stage: str) -> None:
    assert callable(importlib.import_module(f"training.audio.{stage}").run)


def test_arguments_name_folders_and_limits() -> None:
    args = parser().parse_args(["codec", "--preset", "tiny", "--minutes", "2", "--audio", "songs"])

    assert (args.stage, args.preset, args.minutes) == ("codec", "tiny", 2.0)
    assert args.audio == Path("songs")
    assert args.run is None


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["mix"])
