"""Pictures of the measurements, drawn from what reports and training logs left."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from training.evaluation.report import Report, Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAPER, INK, FAINT = "#fbf9f4", "#22252b", "#8f8b82"
COLOURS = ("#3c7a89", "#d1495b", "#8f8b82", "#e58c4b", "#2e4057")
WIDTH_IN, HEIGHT_IN, DPI = 8.0, 3.4, 110
LEARNED = ("held_out", "text_to_audio_r10", "loss")  # which figure of a log is drawn: the first that it has


def draw(reports: Mapping[str, Report], runs: Path, folder: Path) -> list[Path]:
    """Draw what there is something of; returns the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    painters = {
        "retrieval": ("retrieval", _retrieval, 1),
        "attributes": ("calibration", _calibration, 1),
        "affect_story": ("affect-story", _affect, 2),
        "affect_image": ("affect-image", _affect, 2),
        "steps": ("steps", _steps, 2),
    }
    done = []
    for name, (file, paint, columns) in painters.items():
        if name in reports and reports[name].series:
            sheet = _Sheet(columns)
            paint(reports[name].series, sheet.axes)
            done.append(sheet.save(folder / f"{file}.png"))
    logs = learning_curves(runs)
    if logs:
        sheet = _Sheet(min(3, len(logs)), rows=-(-len(logs) // 3))
        _learning(logs, sheet.axes)
        done.append(sheet.save(folder / "learning.png"))
    return done


def learning_curves(runs: Path) -> dict[str, tuple[str, list[float], list[float]]]:
    """By run: the figure's name, minutes and values, from every `log.jsonl` that has at least two of it."""
    found = {}
    for path in sorted(runs.glob("**/log.jsonl")):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
        for figure in LEARNED:
            points = [(float(r["minutes"]), float(r[figure])) for r in rows if figure in r and "minutes" in r]
            if len(points) > 1:
                minutes, values = (list(column) for column in zip(*points, strict=True))
                found[str(path.parent.relative_to(runs))] = (figure, minutes, values)
                break
    return found


def _retrieval(series: Series, axes: "list[Axes]") -> None:
    cutoffs = series["cutoffs"]
    for colour, (name, values) in zip(COLOURS, ((n, v) for n, v in series.items() if n != "cutoffs"), strict=False):
        axes[0].plot(cutoffs, values, color=colour, marker="o", markersize=3, label=name)
    axes[0].set_xscale("log")
    axes[0].set(xlabel="cutoff k", ylabel="recall at k", ylim=(0, 1), title="Retrieval among held-out pieces")
    axes[0].legend(frameon=False, fontsize=8)


def _calibration(series: Series, axes: "list[Axes]") -> None:
    axes[0].plot([0, 1], [0, 1], color=FAINT, linewidth=0.8, linestyle="--")
    for colour, name in zip(COLOURS, ("style", "mode"), strict=False):
        axes[0].plot(series[f"{name} confidence"], series[f"{name} right"], color=colour, marker="o", label=name)
    axes[0].set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1), title="Calibration")
    axes[0].legend(frameon=False, fontsize=8)


def _affect(series: Series, axes: "list[Axes]") -> None:
    for colour, axis, name in zip(COLOURS, axes, ("valence", "arousal"), strict=False):
        axis.scatter(series[f"{name} asked"], series[f"{name} heard"], s=12, color=colour, alpha=0.75, linewidths=0)
        axis.set(xlabel=f"rated {name}", ylabel=f"{name} of the sound (standardised cues)")


def _steps(series: Series, axes: "list[Axes]") -> None:
    ways = [name.removesuffix(" evaluations") for name in series if name.endswith(" evaluations")]
    for colour, way in zip(COLOURS, ways, strict=False):
        for axis, key in zip(axes, ("misfit", "latents"), strict=True):
            axis.plot(series[f"{way} evaluations"], series[f"{way} {key}"], color=colour, marker="o", label=way)
            axis.set_xscale("log", base=2)
            axis.set(xlabel="evaluations", ylabel=f"{key} (lower is better)")
    axes[0].legend(frameon=False, fontsize=8)


def _learning(logs: Mapping[str, tuple[str, list[float], list[float]]], axes: "list[Axes]") -> None:
    for axis, (name, (figure, minutes, values)) in zip(axes, logs.items(), strict=False):
        axis.plot(minutes, values, color=COLOURS[0], linewidth=1.2)
        axis.set(title=name, xlabel="minutes", ylabel=figure.replace("_", " "))
    for axis in axes[len(logs) :]:
        axis.set_visible(False)


class _Sheet:
    """A figure with rows of axes, in the project's colours."""

    def __init__(self, columns: int, rows: int = 1) -> None:
        from matplotlib.figure import Figure

        size = (WIDTH_IN if columns > 1 else 0.6 * WIDTH_IN, HEIGHT_IN * (rows if rows == 1 else 0.8 * rows))
        self._figure = Figure(figsize=size, dpi=DPI, facecolor=PAPER, layout="constrained")
        self.axes: list[Axes] = list(self._figure.subplots(rows, columns, squeeze=False).ravel())
        for axis in self.axes:
            axis.set_facecolor(PAPER)
            axis.tick_params(colors=INK, labelsize=8)
            axis.spines[["top", "right"]].set_visible(False)
            axis.title.set_fontsize(10)

    def save(self, path: Path) -> Path:
        """Write the picture."""
        self._figure.savefig(path)
        return path
