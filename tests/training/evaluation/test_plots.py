import json
from pathlib import Path

from PIL import Image

from benchmarks.table import Section
from training.evaluation.plots import draw, learning_curves
from training.evaluation.report import Report


def report(series: dict[str, list[float]]) -> Report:
    return Report(Section("x", "x", ""), {}, series)


SERIES = {
    "retrieval": {"cutoffs": [1.0, 10.0], "description -> music": [0.2, 0.8], "music -> description": [0.3, 0.7]},
    "attributes": {f"{n} {w}": [0.4, 0.9] for n in ("style", "mode") for w in ("confidence", "right")},
    "affect_story": {f"{d} {w}": [0.1, 0.5, 0.9] for d in ("valence", "arousal") for w in ("asked", "heard")},
    "steps": {
        f"{s} {k}": [1.0, 2.0] for s in ("strides", "guided euler") for k in ("evaluations", "misfit", "latents")
    },
}


def logs(folder: Path, rows: list[dict[str, float]]) -> None:
    folder.mkdir(parents=True)
    (folder / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_every_report_with_series_gets_its_picture(tmp_path: Path) -> None:
    logs(tmp_path / "runs" / "flow", [{"minutes": 1.0, "loss": 2.0}, {"minutes": 2.0, "loss": 1.0}])

    done = draw({name: report(s) for name, s in SERIES.items()}, tmp_path / "runs", tmp_path / "docs")

    names = {path.name for path in done}
    assert names == {"retrieval.png", "calibration.png", "affect-story.png", "steps.png", "learning.png"}
    for path in done:
        with Image.open(path) as picture:
            assert picture.width > 400
            assert len(picture.convert("RGB").getcolors(1_000_000) or []) > 20


def test_nothing_measured_is_nothing_drawn(tmp_path: Path) -> None:
    assert draw({"retrieval": report({})}, tmp_path / "none", tmp_path) == []


def test_a_learning_curve_is_of_the_held_out_loss_where_a_log_has_it(tmp_path: Path) -> None:
    logs(
        tmp_path / "a", [{"minutes": 1.0, "loss": 3.0, "held_out": 2.0}, {"minutes": 4.0, "loss": 1.0, "held_out": 1.5}]
    )
    logs(tmp_path / "b" / "c", [{"minutes": 1.0, "loss": 3.0}, {"minutes": 2.0, "loss": 2.5}])
    logs(tmp_path / "d", [{"minutes": 1.0, "loss": 3.0}])

    found = learning_curves(tmp_path)

    assert found == {"a": ("held_out", [1.0, 4.0], [2.0, 1.5]), "b/c": ("loss", [1.0, 2.0], [3.0, 2.5])}
