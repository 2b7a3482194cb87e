"""What a scene asks of music, and which pieces of a corpus answer it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from generators.score.style import STYLES, Style
from training.pieces import Labels

OTHER_STYLE = 0.02  # weight of a style that a mood does not list: seldom, but never out of reach
BRIGHTNESS_SPREAD = 0.2
TEMPO_SPREAD = 0.12  # octaves beyond the asked range at which a piece is e^-1/2 as likely


@dataclass(frozen=True)
class Mood:
    """Valence and arousal in 0..1 with the spread of each; what is None or empty is free.

    styles: relative weights; tempo_bpm: a range; major: the chance of a major key that is wanted; tension and density
    in 0..1 and the name of a palette are for whoever composes: the labels of a corpus do not tell them, so `match`
    does not ask for them.
    """

    valence: float
    arousal: float
    valence_spread: float = 0.12
    arousal_spread: float = 0.12
    styles: Mapping[Style, float] = field(default_factory=dict)
    brightness: float | None = None
    tempo_bpm: tuple[float, float] | None = None
    major: float | None = None
    tension: float | None = None
    density: float | None = None
    palette: str | None = None


@dataclass(frozen=True)
class Library:
    """The labels of P pieces as arrays [P]; `style` counts in the order of STYLES."""

    style: NDArray[np.int64]
    tempo_bpm: NDArray[np.float64]
    brightness: NDArray[np.float64]
    valence: NDArray[np.float64]
    arousal: NDArray[np.float64]
    major: NDArray[np.bool_]

    @classmethod
    def of(cls, labels: Sequence[Labels]) -> "Library":
        """Labels in the order of their pieces."""
        return cls(
            style=np.array([STYLES.index(x.style) for x in labels], np.int64),
            tempo_bpm=np.array([x.tempo_bpm for x in labels]),
            brightness=np.array([x.brightness for x in labels]),
            valence=np.array([x.valence for x in labels]),
            arousal=np.array([x.arousal for x in labels]),
            major=np.array([x.major for x in labels], bool),
        )

    def __len__(self) -> int:
        return len(self.style)


def match(moods: Sequence[Mood], library: Library) -> NDArray[np.float64]:
    """How likely a composer would take each piece for each mood: [M P], rows sum to 1.

    Gaussian kernels on valence, arousal and brightness, a soft tempo range, odds of the mode, and the style's weight
    over the number of pieces in that style, so that a corpus full of one style does not decide the style.
    """
    logits = _kernels(moods, library) + _style_logits(moods, library) + _tempo_logits(moods, library)
    major = np.array([0.5 if m.major is None else m.major for m in moods]).clip(0.02, 0.98)[:, None]
    logits += np.log(np.where(library.major[None], major, 1.0 - major))
    logits -= logits.max(axis=1, keepdims=True)
    weights = np.exp(logits)
    out: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return out


def draw_pieces(moods: Sequence[Mood], library: Library, n: int, *, seed: int, rows: int = 256) -> NDArray[np.int64]:
    """`n` pieces for each mood, drawn from `match`: [M n]; `rows` moods at a time bound the memory."""
    rng = np.random.default_rng(seed)
    blocks: list[NDArray[np.int64]] = []
    for first in range(0, len(moods), rows):
        cumulative = np.cumsum(match(moods[first : first + rows], library), axis=1)
        draws = rng.random((len(cumulative), n))
        found = [np.searchsorted(c, d * c[-1], side="right") for c, d in zip(cumulative, draws, strict=True)]
        blocks.append(np.stack(found).clip(max=len(library) - 1))
    return np.concatenate(blocks)


def _kernels(moods: Sequence[Mood], library: Library) -> NDArray[np.float64]:
    asked = np.array([(m.valence, m.arousal, m.valence_spread, m.arousal_spread) for m in moods])
    logits = ((library.valence[None] - asked[:, :1]) / asked[:, 2:3]) ** 2
    logits += ((library.arousal[None] - asked[:, 1:2]) / asked[:, 3:4]) ** 2
    bright = np.array([np.nan if m.brightness is None else m.brightness for m in moods])[:, None]
    logits += np.nan_to_num((library.brightness[None] - bright) / BRIGHTNESS_SPREAD) ** 2
    out: NDArray[np.float64] = -0.5 * logits
    return out


def _style_logits(moods: Sequence[Mood], library: Library) -> NDArray[np.float64]:
    weights = np.array([[m.styles.get(s, 0.0) for s in STYLES] for m in moods])
    total = weights.sum(axis=1, keepdims=True)
    shares = np.where(total > 0, weights / np.where(total > 0, total, 1.0), 1.0 / len(STYLES))
    counts = np.bincount(library.style, minlength=len(STYLES)).clip(min=1)
    logits = np.log((shares + OTHER_STYLE / len(STYLES)) / counts)
    out: NDArray[np.float64] = logits[:, library.style]
    return out


def _tempo_logits(moods: Sequence[Mood], library: Library) -> NDArray[np.float64]:
    ranges = np.log2([m.tempo_bpm or (1.0, 1000.0) for m in moods])
    tempo = np.log2(library.tempo_bpm)[None]
    outside = np.maximum(ranges[:, :1] - tempo, 0.0) + np.maximum(tempo - ranges[:, 1:], 0.0)
    out: NDArray[np.float64] = -0.5 * (outside / TEMPO_SPREAD) ** 2
    return out
