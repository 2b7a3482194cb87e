"""What the model card says of the audio engine's weights."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill

from generators.flow.eight_bits import in_floats
from generators.flow.parts import load_tensors
from schemas.manifest import Trained

LINE = 120
SECTION = """
## The audio engine's weights
{said}

| weights | numbers | preset | on | clips | hours | held out | steps | minutes |
| --- | ---: | --- | --- | ---: | ---: | ---: | ---: | ---: |
{rows}
{collections}
![How codec, vocoder and flow learned](../../docs/audio-learning.png)

The picture is drawn by `python -m training.audio plots`.
"""


def section(trained: Sequence[Trained], bundle: Path) -> str:
    """A section with a table, a line for each file of weights; empty where there are none."""
    if not trained:
        return ""
    sources = "; ".join(dict.fromkeys(t.source for t in trained))
    collections = dict.fromkeys(name for t in trained for name in t.data)
    licence = " and ".join(dict.fromkeys(t.licence for t in trained))
    said = (
        f"Experimental. Trained on {sources}. Licence: {licence}. How well they do, and the commands that measure it: "
        "the sections on the audio engine in `benchmarks/RESULTS.md`."
    )
    named = fill(f"Collections: {'; '.join(collections)}.", LINE)
    return SECTION.format(
        said=fill(said, LINE),
        rows="\n".join(_row(t, bundle) for t in trained),
        collections=f"\n{named}\n" if collections else "",
    )


def numbers_in(path: Path) -> int:
    """How many numbers weights hold; raises BadWeights as `load_tensors` does."""
    return sum(tensor.numel() for tensor in in_floats(load_tensors(path)[0]).values())


def _row(told: Trained, bundle: Path) -> str:
    cells = (
        f"`{told.file}`",
        f"{numbers_in(bundle / told.file):,}",
        told.preset,
        told.device,
        f"{told.clips:,}",
        f"{told.hours:.1f}",
        f"{told.held_out_clips:,}",
        f"{told.steps:,}",
        f"{told.minutes:.0f}",
    )
    return f"| {' | '.join(cells)} |"
