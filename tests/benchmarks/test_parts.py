"""Parts of a benchmark: run in their order, written at once, and one that fails keeps no other from it."""

import argparse
import sys
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.parts import OfBundle, Parts
from benchmarks.table import Section

PARTS = Parts("benchmarks.some", {"one": ("made_one", ("first",)), "two": ("made_two", ("second",))})


class Context:
    """The shipped bundle."""

    bundle = Path("weights/tonereel-mini")


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two parts the first cannot be measured."""

    def fails(context: OfBundle) -> tuple[Section, ...]:
        raise ValueError("no data")

    for name, measure in (("made_one", fails), ("made_two", lambda context: (Section("second", "Two", "| 2 |\n"),))):
        module = ModuleType(name)
        vars(module)["measure"] = measure
        monkeypatch.setitem(sys.modules, name, module)


def test_a_part_that_fails_is_told_and_the_next_is_written_with_its_command(failing: None, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="could not be measured: one"):
        PARTS.measure(["one", "two"], Context(), tmp_path / "r.md", quick=True)

    text = (tmp_path / "r.md").read_text(encoding="utf-8")
    assert "python -m benchmarks.some --only two --quick" in text
    assert "| 2 |" in text
    assert "first" not in text


def test_parts_are_chosen_in_their_order_and_unknown_ones_refused(capsys: pytest.CaptureFixture[str]) -> None:
    parser: argparse.ArgumentParser = PARTS.parser("x")
    assert parser.parse_args(["--only", "two, one"]).only == ["one", "two"]
    assert parser.parse_args([]).only == ["one", "two"]
    with pytest.raises(SystemExit):
        parser.parse_args(["--only", "three"])
    assert "three: choose from one, two" in capsys.readouterr().err
