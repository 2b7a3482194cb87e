"""How the judge learns: clips of `training.clips` for what music is, sounding clips spoiled on the fly for the rest."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from generators.flow.checkpoint import save_module
from generators.score.style import STYLES
from training.judges.clips import Sounding, every_instrument
from training.judges.degradations import SPOILINGS, Spoiled, drawn
from training.judges.figures import evaluate
from training.judges.labelled import Labelled
from training.judges.net import TaggerConfig, TaggerNet, Told
from training.judges.view import Looking, View, joined
from training.loop import Loop, LoopConfig

VARIANTS = 8


@dataclass(frozen=True)
class Batch:
    """Views with what is true of them; `spoiled` [B K] is known of the last `sounding` rows alone."""

    view: View
    targets: Tensor
    instruments: Tensor
    spoiled: Tensor
    sounding: int


@dataclass(frozen=True, slots=True)
class Mix:
    """Clips in a batch: `labelled` views, and `sounding` clips that come twice, as they are and spoiled."""

    labelled: int = 20
    sounding: int = 6
    seed: int = 0


class Batches:
    """Draws batches by step: the same step, the same batch. Every sounding clip is spoiled in `VARIANTS` ways once."""

    def __init__(self, labelled: Labelled, sounding: Sounding, mix: Mix) -> None:
        self._labelled, self._sounding, self._mix = labelled, sounding, mix
        self.labelled, self.sounding = len(labelled.mel), len(sounding)
        self._clean, self._spoiled, self._strengths = spoiled_views(sounding, mix.seed)

    def at(self, step: int) -> Batch:
        """The batch of a step."""
        mix, rng = self._mix, np.random.default_rng([self._mix.seed, step])
        rows = np.sort(rng.integers(len(self._labelled.mel), size=mix.labelled))
        heard = rng.integers(len(self._sounding), size=mix.sounding)
        ways = VARIANTS * heard + rng.integers(VARIANTS, size=mix.sounding)
        targets = torch.from_numpy(self._sounding.targets[heard])
        played = torch.from_numpy(self._sounding.instruments[heard])
        return Batch(
            joined(
                augmented(self._labelled.view(rows), rng),
                rolled(joined(self._clean.rows(heard), self._spoiled.rows(ways)), int(rng.integers(1000))),
            ),
            torch.cat([self._labelled.targets[rows], targets, targets]),
            torch.cat([self._labelled.instruments[rows], played, played]).float(),
            torch.cat([torch.zeros(len(heard), len(SPOILINGS)), self._strengths[ways]]),
            2 * len(heard),
        )


def spoiled_views(sounding: Sounding, seed: int) -> tuple[View, View, Tensor]:
    """Clips as they are [M], each spoiled in `VARIANTS` ways [M * VARIANTS], and how strongly [M * VARIANTS K]."""
    rng, looking = np.random.default_rng([seed, len(sounding)]), Looking()
    clean, views, strength = [], [], []
    for row in range(len(sounding)):
        wave = sounding.wave(row)
        spoilings = [drawn(rng) for _ in range(VARIANTS)]
        spoiled = [s.applied(wave, int(rng.integers(2**31))) for s in spoilings]
        clean.append(looking(torch.from_numpy(wave.samples)))
        views.append(looking(torch.from_numpy(np.concatenate([w.samples for w in spoiled]))))
        strength += [strengths(s) for s in spoilings]
    return joined(*clean), joined(*views), torch.from_numpy(np.stack(strength))


def rolled(view: View, by: int) -> View:
    """Clips that begin somewhere else: their end comes first."""
    return View(view.mel.roll(by % view.mel.shape[-1], dims=-1), view.chroma)


def strengths(spoiled: Spoiled) -> NDArray[np.float32]:
    """How strong each kind of spoiling is: 0 where it is not there, else 0.25 (mildest) to 1 (hardest): [K]."""
    out = np.zeros(len(SPOILINGS), dtype=np.float32)
    out[SPOILINGS.index(spoiled.kind)] = 0.25 + 0.75 * spoiled.strength
    return out


def augmented(view: View, rng: np.random.Generator) -> View:
    """A tilt and a ripple of the spectrum, a little noise, a smear in time as of a room; level is out of it already."""
    n, bands, frames = view.mel.shape
    at = torch.linspace(-1.0, 1.0, bands)
    draw = torch.from_numpy(rng.standard_normal((n, 3, 1)).astype(np.float32))
    tone = 0.15 * draw[:, 0] * at + 0.1 * torch.sin(3.0 * at + 3.0 * draw[:, 1])
    noise = torch.from_numpy(rng.standard_normal((n, bands, frames), dtype=np.float32))
    fall = float(rng.uniform(0.06, 0.3)) * torch.arange(frames)  # 60 dB in 0.5 to 2.5 s, in units of 20 dB
    ringing = (view.mel + fall).cummax(-1).values - fall - float(rng.uniform(0.4, 1.0))
    wet = torch.where(draw[:, 2:] > 0.7, torch.maximum(view.mel, ringing), view.mel)
    shaken = view.chroma * torch.from_numpy(np.exp(0.08 * rng.standard_normal(view.chroma.shape)).astype(np.float32))
    return View(wet + tone[:, :, None] + 0.03 * noise, shaken / shaken.sum(-1, keepdim=True))


def tagging_loss(told: Told, batch: Batch) -> tuple[Tensor, dict[str, float]]:
    """Cross-entropies of all answers; spoiling is asked where it is known."""
    style, tempo, major, valence, arousal = batch.targets.unbind(1)
    binary = functional.binary_cross_entropy_with_logits
    parts = {
        "style": functional.cross_entropy(told.style, style, label_smoothing=0.05),
        "tempo": 0.5 * functional.cross_entropy(told.tempo, tempo),
        "mode": 0.5 * binary(told.major, major.float()),
        "valence": 0.5 * functional.cross_entropy(told.valence, valence),
        "arousal": 0.5 * functional.cross_entropy(told.arousal, arousal),
        "instruments": 5.0 * binary(told.instruments, batch.instruments),
        "spoiled": 3.0 * binary(told.spoiled[-batch.sounding :], batch.spoiled[-batch.sounding :]),
    }
    return sum(parts.values(), start=torch.zeros(())), {name: float(part.detach()) for name, part in parts.items()}


def train(batches: Batches, held_out: Labelled, run: Path, *, width: int, budget: LoopConfig) -> TaggerNet:
    """Train and write `run/tagger.safetensors` and `run/metrics.json`."""
    torch.manual_seed(budget.seed)
    config = TaggerConfig(every_instrument(), width=width, styles=len(STYLES), spoilings=len(SPOILINGS))
    loop = Loop(TaggerNet(config), run, budget)

    def loss(step: int, _: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        batch = batches.at(step)
        value, figures = tagging_loss(loop.module(batch.view), batch)
        if (step + 1) % 500 == 0:
            figures |= {f"held_out_{name}": value for name, value in evaluate(loop.average, held_out).items()}
        return value, figures

    net = loop.run(loss)
    spent = {
        "steps": loop.step,
        "minutes": loop.spent_s / 60.0,
        "labelled": batches.labelled,
        "sounding": batches.sounding,
    }
    (run / "metrics.json").write_text(json.dumps(spent | evaluate(net, held_out), indent=1))
    save_module(run / "tagger.safetensors", net, config)
    return net
