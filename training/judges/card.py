"""Puts a finished judge where it can be used, with a README of what it is and what it was measured to hear."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from generators.flow.checkpoint import load_module, parameters
from training.judges.net import TaggerConfig, TaggerNet

EXTRA = ("instruments_f1", "instruments_map", "instruments_share", "valence_r", "arousal_r")
README = """# Judges

`tagger.safetensors` is the project's own judge of rendered music (`training.tagger.Tagger`): style, instruments, tempo
class, mode, thirds of valence and arousal, and how spoiled a sound is. It belongs to the evaluation, not to the
product: neither wheel nor Bento ships it, and no training loss may use it (`tests/training/judges/test_apart.py`).

- Net: residual convolutions with attention pooling over log-mels (absolute and per-band normalised), circular
  convolutions over chroma, autocorrelations of onsets; {parameters:,} numbers, {dim} features a window of 10 s.
- Trained by `python -m training.tagger`: {steps:,} steps in {minutes:.0f} minutes on a shared core, on
  {labelled:,} clips of the corpus rendered with the shipped instruments and {sounding:,} more that were spoiled by
  known amounts (white noise, shuffled time, hard clipping, lowpass), so that its features change where a sound gets
  worse.
- Distances in its features are called TFD (tagger Frechet distance, `training/frechet.py`). They are no FAD, and are
  reported only beside the gate of `python -m benchmarks.judges`.
- It knows the sounds of these renders; of other recordings it is no judge.
- Licence: Apache-2.0; data as listed in `NOTICE`.

## Held-out clips
Pieces that no training has seen, one clean clip of each ({clips:.0f}); beside it always saying the commonest.

| answer | right | commonest |
| --- | ---: | ---: |
{rows}
| instruments (F1) | {instruments_f1:.3f} | - |
| instruments (mAP; at random) | {instruments_map:.3f} | {instruments_share:.3f} |
| valence (r) | {valence_r:.3f} | 0 |
| arousal (r) | {arousal_r:.3f} | 0 |
"""


def save(run: Path, folder: Path) -> Path:
    """Copy `run/tagger.safetensors` to `folder` and write README.md there; raises BadWeights for a broken file."""
    net = load_module(run / "tagger.safetensors", TaggerNet, TaggerConfig)
    facts: dict[str, float] = json.loads((run / "metrics.json").read_text())
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(run / "tagger.safetensors", folder)
    text = README.format(
        parameters=parameters(net),
        dim=net.config.dim,
        rows=_rows(facts),
        **{name: int(facts[name]) for name in ("steps", "labelled", "sounding")},
        **{name: facts[name] for name in ("minutes", "clips", *EXTRA)},
    )
    (folder / "README.md").write_text(text)
    return folder / "tagger.safetensors"


def _rows(facts: Mapping[str, float]) -> str:
    answers = [name.removesuffix("_commonest") for name in facts if name.endswith("_commonest")]
    return "\n".join(f"| {name} | {facts[name]:.3f} | {facts[f'{name}_commonest']:.3f} |" for name in answers)
