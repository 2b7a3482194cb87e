from argparse import Namespace
from pathlib import Path

import pytest

from benchmarks.table import Section
from training import evaluate
from training.evaluation.material import Amounts, Material
from training.evaluation.report import Report, kept


class Labelled:
    label = "mini 0.0"


def given(folder: Path) -> Namespace:
    return Namespace(keep=folder / "keep", out=folder / "RESULTS.md", quick=True, amounts="", pictures=None)


def material(folder: Path) -> Material:
    return Material(folder, folder, folder, Labelled())  # type: ignore[arg-type]


def test_a_part_leaves_its_section_and_its_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report(Section("steps", "Steps", "as fast as light"), {"seconds": 0.5})
    monkeypatch.setitem(evaluate.PARTS, "steps", lambda m, s: report)

    for _ in range(2):
        assert evaluate._part("steps", material(tmp_path), None, given(tmp_path))  # type: ignore[arg-type]

    text = (tmp_path / "RESULTS.md").read_text()
    assert text.count("<!-- steps -->") == 1
    assert "as fast as light" in text
    assert "--only steps --quick" in text
    assert dict(kept(tmp_path / "keep")["steps"].figures) == {"seconds": 0.5}


def test_a_part_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Report:
        raise ValueError("no clips")

    (tmp_path / "RESULTS.md").write_text("# Results\n")
    monkeypatch.setitem(evaluate.PARTS, "steps", broken)

    assert not evaluate._part("steps", material(tmp_path), None, given(tmp_path))  # type: ignore[arg-type]
    assert (tmp_path / "RESULTS.md").read_text() == "# Results\n"


def test_an_unknown_part_is_refused_before_anything_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["evaluate", "--only", "taste"])

    with pytest.raises(SystemExit, match="taste: choose from retrieval"):
        evaluate.main()


def test_amounts_are_read_over_what_holds_otherwise() -> None:
    found = evaluate.amounts_of("written=24, seconds=2.5", evaluate.QUICK)

    assert (found.written, found.seconds) == (24, 2.5)
    assert found.sentences == evaluate.QUICK.sentences
    assert evaluate.amounts_of("", Amounts()) == Amounts()


@pytest.mark.parametrize("given", ["notes=3", "written=many", "written=0", "seconds=nan", "written"])
def test_an_amount_that_means_nothing_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match=r"no 'notes'|invalid literal|more than 0"):
        evaluate.amounts_of(given, Amounts())
