from pathlib import Path

import pytest

from benchmarks.table import Section
from training.evaluation.comparison import better, compare
from training.evaluation.report import Report, keep


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        ("description -> music, R@10", 0.5, 0.8, "better"),
        ("description -> music, median rank", 12.0, 3.0, "better"),
        ("Frechet distance, TFD", 2.0, 3.0, "worse"),
        ("nearest by CLAP, composed", 0.8, 0.9, ""),
        ("story valence by cues", 0.4, 0.3, "worse"),
        ("membership AUC", 0.5, 0.5, "the same"),
    ],
)
def test_the_way_that_is_better_depends_on_the_figure(name: str, before: float, after: float, said: str) -> None:
    assert better(name, before, after) == said


def test_two_bundles_stand_side_by_side_and_what_only_one_has_is_named(tmp_path: Path) -> None:
    for folder, bundle, figures in (
        ("old", "mini 0.2.0", {"R@10": 0.5, "gone": 1.0}),
        ("new", "mini 0.3.0", {"R@10": 0.75, "fresh": 2.0}),
    ):
        keep(Report(Section("retrieval", "Retrieval", ""), figures), tmp_path / folder, bundle=bundle)

    section = compare(tmp_path / "old", tmp_path / "new")

    assert "| R@10 | 0.500 | 0.750 | better |" in section.body
    assert "mini 0.2.0 before, mini 0.3.0 after" in section.body
    assert "fresh, gone" in section.body


def test_a_folder_without_reports_is_refused_with_the_way_to_mend_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="--keep"):
        compare(tmp_path, tmp_path)
