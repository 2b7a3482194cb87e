"""What plays when, in the corpus: `python -m training.orchestration` -> `generators/score/plan/orchestration.json`.

For each style and three bands of energy: how often each role sounds in a bar, in intros and elsewhere, and how dense
the bars are. The planner asks the flow for no less; left alone, drawn music is a third thinner than real music.
"""

import argparse
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generators.score.controls import WIDTHS
from generators.score.plan.orchestration import TABLE
from generators.score.score import FORMS, Form
from generators.score.style import STYLES
from training.pieces import load_heads

BANDS = 3
LEAST_BARS = 30  # that a band must have, else its neighbour below speaks for it

Rows = NDArray[np.float64]


def control(controls: Rows, name: str) -> Rows:
    """The columns of one control [M width]."""
    borders = dict(zip(WIDTHS, pairwise(np.cumsum([0, *WIDTHS.values()]).tolist()), strict=True))
    first, last = borders[name]
    return controls[:, first:last]


def counted(controls: Rows, styles: NDArray[np.int64]) -> dict[str, object]:
    """The table, of the measured controls [M WIDTH] of bars and their styles [M]."""
    energy = control(controls, "energy")[:, 0]
    edges = np.quantile(energy, np.linspace(0, 1, BANDS + 1)[1:-1])
    band = np.digitize(energy, edges)
    intro = control(controls, "form").argmax(axis=1) == FORMS.index(Form.INTRO)
    middles = [float(np.median(energy[band == b])) for b in range(BANDS)]
    found: dict[str, object] = {}
    for number, style in enumerate(STYLES):
        mine = styles == number
        found[style.value] = {
            "usual": _by_band(control(controls, "roles"), band, mine & ~intro),
            "intro": _by_band(control(controls, "roles"), band, mine & intro),
            "density": [row[0] for row in _by_band(control(controls, "density"), band, mine)],
        }
    return {"energy": [round(m, 3) for m in middles], "styles": found}


def _by_band(values: Rows, band: NDArray[np.int64], where: NDArray[np.bool_]) -> list[list[float]]:
    rows: list[list[float]] = []
    for b in range(BANDS):
        bars = where & (band == b)
        if bars.sum() < LEAST_BARS and rows:
            rows.append(rows[-1])
        else:
            some = bars if bars.any() else where
            rows.append([round(float(v), 2) for v in values[some].sum(axis=0) / max(1, some.sum())])
    return rows


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--out", type=Path, default=TABLE)
    args = parser.parse_args()
    names = [s.value for s in STYLES]
    offsets = np.load(args.data / "train" / "offsets.npy")
    heads = load_heads(args.data, splits=frozenset({"train"}))
    styles = np.repeat([names.index(str(h["labels"][0])) for h in heads], np.diff(offsets))
    controls = np.load(args.data / "train" / "controls.npy").astype(np.float64)
    args.out.write_text(json.dumps(counted(controls, styles), indent=1) + "\n")


if __name__ == "__main__":
    main()
