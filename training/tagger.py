"""A judge of rendered music: `python -m training.tagger --data runs/corpus --run runs/tagger --minutes 15`.

It hears style, instruments, tempo, mode and mood, and whether a sound is spoiled. Its net is another than the CLAP
tower's, and it has seen no caption. No training loss may use it, nor its features: what is judged must not have learned
from its judge (a test looks at every import).
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from encoders.mel import SAMPLE_RATE, mono
from generators.flow.checkpoint import load_module
from generators.score.style import STYLES
from generators.waveform import Waveform
from training.judges.net import TaggerConfig, TaggerNet, Told
from training.judges.view import Looking

WINDOW_S, HOP_S = 10.0, 5.0
WEIGHTS = Path("weights/judges/tagger.safetensors")
TEMPI = ("slow", "moderate", "lively", "fast")  # below 76 bpm, 104, 126, above
BATCH = 16  # windows that are looked at together


@dataclass(frozen=True)
class Tags:
    """What music is like, all in 0..1: probabilities by name, and mood as the expected third (0, 0.5, 1)."""

    styles: dict[str, float]
    instruments: dict[str, float]
    tempi: dict[str, float]
    major_probability: float
    valence: float
    arousal: float

    @property
    def style(self) -> str:
        """The likeliest style."""
        return max(self.styles, key=lambda name: self.styles[name])

    @property
    def tempo(self) -> str:
        """The likeliest class of tempo, of `TEMPI`."""
        return max(self.tempi, key=lambda name: self.tempi[name])


class Tagger:
    """The trained judge, in evaluation mode; it hears 22,050 Hz mono in windows of 10 s, whatever the level."""

    def __init__(self, net: TaggerNet) -> None:
        self.net = net.eval()
        self._looking = Looking()

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> "Tagger":
        """From a file; raises BadWeights if it is missing, damaged or another net's."""
        return cls(load_module(path, TaggerNet, TaggerConfig))

    def features(self, wave: Waveform) -> NDArray[np.float32]:
        """A feature row for each window [W D]: 10 s long, every 5 s; sound under 10 s is repeated to fill one."""
        return np.concatenate([told.feature.numpy() for told in self._told(wave)])

    def tags(self, wave: Waveform) -> Tags:
        """What the whole sound is like: the mean of its windows' probabilities."""
        told = self._told(wave)
        thirds = torch.tensor([0.0, 0.5, 1.0])
        return Tags(
            styles=_named(STYLES, [t.style.softmax(-1) for t in told]),
            instruments=_named(self.net.config.instruments, [t.instruments.sigmoid() for t in told]),
            tempi=_named(TEMPI, [t.tempo.softmax(-1) for t in told]),
            major_probability=float(torch.cat([t.major.sigmoid() for t in told]).mean()),
            valence=float(torch.cat([t.valence.softmax(-1) @ thirds for t in told]).mean()),
            arousal=float(torch.cat([t.arousal.softmax(-1) @ thirds for t in told]).mean()),
        )

    def spoiled(self, wave: Waveform) -> NDArray[np.float32]:
        """How strongly each of `SPOILINGS` is heard, 0..1: [4]."""
        heard: NDArray[np.float32] = torch.cat([t.spoiled.sigmoid() for t in self._told(wave)]).mean(0).numpy()
        return heard

    @torch.inference_mode()
    def _told(self, wave: Waveform) -> list[Told]:
        windows = windows_of(wave)
        return [self.net(self._looking(windows[i : i + BATCH])) for i in range(0, len(windows), BATCH)]


def windows_of(wave: Waveform) -> Tensor:
    """Windows [W N] at SAMPLE_RATE, of 10 s every 5 s; raises ValueError for a sound without samples."""
    if not wave.samples.size:
        raise ValueError("a sound without samples cannot be judged")
    audio = torch.from_numpy(mono(wave.samples, wave.sample_rate))
    size, hop = int(WINDOW_S * SAMPLE_RATE), int(HOP_S * SAMPLE_RATE)
    if len(audio) < size:
        audio = audio.repeat(-(-size // len(audio)))[:size]
    return audio.unfold(0, size, hop)


def _named(names: Sequence[str], probabilities: Sequence[Tensor]) -> dict[str, float]:
    return dict(zip(map(str, names), torch.cat(list(probabilities)).mean(0).tolist(), strict=True))


def main() -> None:
    """The command line: train, then save as weights with the figures that were measured."""
    from training.judges.card import save
    from training.judges.clips import load_set
    from training.judges.fit import Batches, Mix, train
    from training.judges.labelled import load_labelled
    from training.loop import LoopConfig

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"), help="with clips by training.clips")
    parser.add_argument("--run", type=Path, default=Path("runs/tagger"), help="with clips/ by training.judges.clips")
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--width", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", type=Path, help="only put the finished run into this folder, with its README")
    given = parser.parse_args()
    if given.save:
        print(save(given.run, given.save))
        return
    budget = LoopConfig(given.steps, given.minutes, 2e-3, ema=0.995, weight_decay=0.02, seed=given.seed)
    labelled, held_out = (load_labelled(given.data, split) for split in ("train", "valid"))
    batches = Batches(labelled, load_set(given.run / "clips" / "train"), Mix(seed=given.seed))
    train(batches, held_out, given.run, width=given.width, budget=budget)


if __name__ == "__main__":
    main()
