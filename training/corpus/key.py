"""Keys from notes: correlation of a weighted pitch-class histogram with key profiles."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from generators.score.score import PITCHED, Key, Mode, Note, Score

#: Kostka-Payne profiles of Temperley, Music and Probability (MIT Press, 2007), table 6.1.
MAJOR_PROFILE = (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400)
MINOR_PROFILE = (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330)
LONGEST = 8  # steps; a held note says no more about the key than a half note


def histogram(notes: Iterable[Note]) -> NDArray[np.float64]:
    """Duration-weighted pitch-class histogram [12]; a note counts at most `LONGEST` steps."""
    out = np.zeros(12)
    for n in notes:
        out[n.pitch % 12] += min(n.duration, LONGEST)
    return out


def key_scores(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson correlation [2, 12] of a histogram [12] with the major and minor profile on every tonic."""
    if weights.std() == 0:
        return np.zeros((2, 12))
    x = (weights - weights.mean()) / weights.std()
    out = np.zeros((2, 12))
    for m, profile in enumerate((MAJOR_PROFILE, MINOR_PROFILE)):
        p = (np.asarray(profile) - np.mean(profile)) / np.std(profile)
        for tonic in range(12):
            out[m, tonic] = float(np.mean(x * np.roll(p, tonic)))
    return out


def detect_key(notes: Iterable[Note]) -> Key:
    """The key that fits best; C major when there are no notes."""
    scores = key_scores(histogram(notes))
    mode, tonic = np.unravel_index(int(np.argmax(scores)), scores.shape)
    return Key(int(tonic), (Mode.MAJOR, Mode.MINOR)[int(mode)])


def pitched_notes(score: Score) -> list[Note]:
    """All notes that have a pitch, in order of onset."""
    return sorted(n for role in PITCHED for n in score.parts.get(role, ()))
