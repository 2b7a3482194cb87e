from pathlib import Path

from benchmarks.table import Section
from training.evaluation.report import Report, bundle_of, keep, kept


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    report = Report(Section("steps", "Steps", "| a |\n"), {"misfit": 0.5}, {"x": [1.0, 2.0]})

    keep(report, tmp_path / "now", bundle="mini 0.3.0")
    found = kept(tmp_path / "now")

    assert found == {"steps": report}
    assert bundle_of(tmp_path / "now") == "mini 0.3.0"


def test_measuring_again_replaces_a_report_and_leaves_the_others(tmp_path: Path) -> None:
    for name, value in (("steps", 1.0), ("novelty", 2.0), ("steps", 3.0)):
        keep(Report(Section(name, name, ""), {name: value}), tmp_path, bundle="b")

    assert {name: dict(r.figures) for name, r in kept(tmp_path).items()} == {
        "novelty": {"novelty": 2.0},
        "steps": {"steps": 3.0},
    }


def test_a_folder_of_two_bundles_names_both(tmp_path: Path) -> None:
    for name, bundle in (("a", "one"), ("b", "two")):
        keep(Report(Section(name, name, ""), {}), tmp_path, bundle=bundle)

    assert bundle_of(tmp_path) == "one and two"
    assert bundle_of(tmp_path / "nothing") == ""
