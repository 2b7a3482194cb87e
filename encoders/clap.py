"""Our own music CLAP: an audio tower and a text tower into one unit sphere, and what can be read off a point on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from encoders.chroma import chroma, chroma_filters
from encoders.hearing import HARMONY, PULSE, harmony, pulse
from encoders.mel import SAMPLE_RATE, log_mel, mel_filters, mono
from generators.flow.checkpoint import load_module

STYLE_COUNT = 14
CLIP_S = 10.0
_AT_ONCE = 4  # windows


@dataclass(frozen=True, slots=True)
class ClapConfig:
    """dim: of the shared space; width: of the audio tower; text: of the sentence embedding."""

    dim: int = 128
    width: int = 64
    text: int = 384
    styles: int = STYLE_COUNT


@dataclass(frozen=True)
class Attributes:
    """What a point in CLAP space says of the music; all but tempo in 0..1, probabilities by style name."""

    tempo_bpm: float
    energy: float
    brightness: float
    valence: float
    arousal: float
    major_probability: float
    style_probabilities: dict[str, float]


class AudioTower(nn.Module):
    """Log-mel [B 64 F] and pitch classes [B 12] -> unit vector [B D].

    Five strided convolution stages, mean and deviation over time, and beside them the pulse and the mode.
    """

    def __init__(self, config: ClapConfig) -> None:
        super().__init__()
        widths = [1, config.width // 2, config.width, 2 * config.width, 3 * config.width, 4 * config.width]
        stages: list[nn.Module] = []
        for i, (a, b) in enumerate(pairwise(widths)):
            stride = (2, 1) if i == 4 else (2, 2)
            stages += [nn.Conv2d(a, b, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(b), nn.GELU()]
        self.stages = nn.Sequential(*stages)
        self.pulse = nn.Sequential(nn.Linear(PULSE, 4 * config.width), nn.GELU(), nn.Dropout(0.1))
        self.harmony = nn.Sequential(nn.Linear(HARMONY, config.width), nn.GELU())
        self.leave = nn.Sequential(
            nn.Linear((4 * 4 + 4 + 1) * config.width, 8 * config.width),
            nn.GELU(),
            nn.Dropout(0.1),
            nn.Linear(8 * config.width, config.dim),
        )

    def forward(self, mel: Tensor, chroma: Tensor) -> Tensor:
        """The embedding."""
        h = self.stages(mel[:, None]).flatten(1, 2)
        told = [h.mean(-1), h.std(-1), self.pulse(pulse(mel)), self.harmony(harmony(chroma))]
        return functional.normalize(self.leave(torch.cat(told, dim=-1)), dim=-1)


class TextTower(nn.Module):
    """A text as the set of its clauses -> unit vector [B D]: each is read alone, so that none drowns in a long text.

    The whole text and the mean and the maximum over its clauses are joined (deep sets: Zaheer et al. 2017).
    """

    def __init__(self, config: ClapConfig) -> None:
        super().__init__()
        wide = 8 * config.width
        self.whole = nn.Sequential(nn.Linear(config.text, wide), nn.GELU(), nn.Dropout(0.1))
        self.clause = nn.Sequential(
            nn.Linear(config.text, wide), nn.GELU(), nn.Dropout(0.1), nn.Linear(wide, wide), nn.GELU()
        )
        self.leave = nn.Sequential(nn.Linear(3 * wide, wide), nn.GELU(), nn.Dropout(0.1), nn.Linear(wide, config.dim))

    def forward(self, whole: Tensor, clauses: Tensor, there: Tensor) -> Tensor:
        """The embedding of texts [B 384] with clauses [B K 384], of which `there` bool [B K] are real."""
        read = self.clause(clauses)
        real = there[..., None]
        mean = (read * real).sum(1) / real.sum(1).clamp(min=1)
        most = read.masked_fill(~real, -1e4).amax(1)
        return functional.normalize(self.leave(torch.cat([self.whole(whole), mean, most], dim=-1)), dim=-1)


class AttributeHead(nn.Module):
    """A point [B D] -> tempo, energy, brightness, valence, arousal (in 0..1), a logit of major, logits of styles."""

    def __init__(self, config: ClapConfig) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(config.dim, 4 * config.width), nn.GELU(), nn.Linear(4 * config.width, 6 + config.styles)
        )

    def forward(self, point: Tensor) -> Tensor:
        """[B 6 + styles]; the first five are squashed to 0..1."""
        out = self.layers(point)
        return torch.cat([out[:, :5].sigmoid(), out[:, 5:]], dim=-1)


class ClapNet(nn.Module):
    """The three nets and the temperature of their contrast (Radford et al. 2021; Wu et al. 2023 for audio)."""

    def __init__(self, config: ClapConfig) -> None:
        super().__init__()
        self.config = config
        self.audio = AudioTower(config)
        self.text = TextTower(config)
        self.attributes = AttributeHead(config)
        self.log_scale = nn.Parameter(torch.tensor(2.65))


class Clap:
    """The trained CLAP: embed music, embed sentence vectors, read attributes. Everything in evaluation mode."""

    def __init__(self, net: ClapNet, styles: Sequence[str]) -> None:
        self.net = net.eval()
        self.styles = tuple(styles)
        self._filters = mel_filters()
        self._classes = chroma_filters()

    @classmethod
    def load(cls, path: Path, styles: Sequence[str]) -> "Clap":
        """From a bundle's file; `styles` names the attribute head's styles in order."""
        return cls(load_module(path, ClapNet, ClapConfig), styles)

    @torch.inference_mode()
    def embed_audio(self, samples: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
        """Samples [C N] -> [D]: the mean over windows of 10 s, at unit length."""
        audio = torch.from_numpy(mono(samples, sample_rate))
        size = int(CLIP_S * SAMPLE_RATE)
        if len(audio) < size:
            audio = audio.repeat(-(-size // max(len(audio), 1)))[:size]
        starts = np.linspace(0, len(audio) - size, max(1, len(audio) // size)).astype(int)
        points = [self._windows(torch.stack([audio[s : s + size] for s in some])) for some in _few(starts)]
        out: NDArray[np.float32] = unit(torch.cat(points).mean(0)).numpy()
        return out

    def _windows(self, audio: Tensor) -> Tensor:
        """Windows [B N] -> [B D]."""
        points: Tensor = self.net.audio(log_mel(audio, self._filters), chroma(audio, self._classes))
        return points

    @torch.inference_mode()
    def embed_text(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Sentence embeddings [1 + K 384] of a text and its clauses, as `encode_caption` gives them -> [D]."""
        rows = torch.from_numpy(np.ascontiguousarray(vectors, dtype=np.float32))
        clauses = rows[1:] if len(rows) > 1 else rows
        out: NDArray[np.float32] = self.net.text(
            rows[:1], clauses[None], torch.ones(1, len(clauses), dtype=torch.bool)
        )[0].numpy()
        return out

    @torch.inference_mode()
    def describe(self, point: NDArray[np.float32]) -> Attributes:
        """What music at a point [D] is like."""
        out = self.net.attributes(torch.from_numpy(point)[None])[0]
        styles = out[6:].softmax(0).tolist()
        tempo, energy, brightness, valence, arousal = out[:5].tolist()
        return Attributes(
            tempo_bpm=40.0 * 5.0**tempo,
            energy=energy,
            brightness=brightness,
            valence=valence,
            arousal=arousal,
            major_probability=float(out[5].sigmoid()),
            style_probabilities=dict(zip(self.styles, styles, strict=True)),
        )


def _few(starts: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Starts in groups that are heard at once: ten minutes in one would take half a gigabyte."""
    return [starts[first : first + _AT_ONCE] for first in range(0, len(starts), _AT_ONCE)]


def unit(x: Tensor) -> Tensor:
    """x scaled to length 1 along the last axis."""
    return functional.normalize(x, dim=-1)
