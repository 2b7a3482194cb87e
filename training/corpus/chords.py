"""Chords from notes: template matching on half bars, aware of the bass, smoothed by Viterbi's algorithm."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from generators.score.score import INTERVALS, QUALITIES, Chord, Key, Metre, Note, Quality

Floats = NDArray[np.float64]
#: how much a template tone asks to be there: root, third or its suspension, fifth, seventh
TONE_WEIGHTS = (1.0, 0.9, 0.7, 0.65)
#: readiness to believe a quality; triads first, since passing notes imitate the others
PRIORS: dict[Quality, float] = {
    Quality.MAJ: 0.06,
    Quality.MIN: 0.06,
    Quality.DIM: -0.02,
    Quality.AUG: -0.06,
    Quality.SUS2: -0.07,
    Quality.SUS4: -0.05,
    Quality.MAJ7: 0.0,
    Quality.MIN7: -0.01,
    Quality.DOM7: 0.03,
    Quality.HDIM7: -0.02,
}
BASS_IS_ROOT = 0.14
BASS_IN_CHORD = 0.05
DIATONIC = 0.04
CHANGE_ON_BAR = 0.04
CHANGE_IN_BAR = 0.12
CHORDS: tuple[Chord, ...] = tuple(Chord(root, q) for root, q in product(range(12), QUALITIES))


def detect_chords(notes: Sequence[Note], bars: int, metre: Metre, key: Key) -> tuple[Chord | None, ...]:
    """Two chords a bar from all pitched notes; None in bars without a sounding note."""
    weights, bass = _histograms(notes, bars, metre)
    fit = _fit(weights, bass, key)
    path = _viterbi(fit)
    silent = weights.reshape(bars, 2, 12).sum(axis=(1, 2)) == 0
    return tuple(None if silent[i // 2] else CHORDS[c] for i, c in enumerate(path))


def _histograms(notes: Sequence[Note], bars: int, metre: Metre) -> tuple[Floats, Floats]:
    """Sounding weight per half bar and pitch class [S, 12], and the same of the lowest sounding notes."""
    half = metre.steps_per_bar // 2
    weights, bass = np.zeros((2 * bars, 12)), np.zeros((2 * bars, 12))
    lowest = np.full(bars * metre.steps_per_bar, 128)
    for n in notes:
        end = min(n.onset + n.duration, len(lowest))
        lowest[n.onset : end] = np.minimum(lowest[n.onset : end], n.pitch)
        strong = 1.5 if n.onset % metre.steps_per_beat == 0 else 1.0
        for s in range(n.onset // half, (end - 1) // half + 1):
            weights[s, n.pitch % 12] += strong * (min(end, (s + 1) * half) - max(n.onset, s * half))
    for step, pitch in enumerate(lowest):
        if pitch < 128:
            bass[step // half, pitch % 12] += 2.0 if step % half == 0 else 1.0
    return weights, bass


def _templates() -> Floats:
    out = np.zeros((len(CHORDS), 12))
    for i, chord in enumerate(CHORDS):
        for weight, interval in zip(TONE_WEIGHTS, INTERVALS[chord.quality], strict=False):
            out[i, (chord.root + interval) % 12] = weight
    lengths: Floats = np.linalg.norm(out, axis=1, keepdims=True)
    return np.asarray(out / lengths)


def _fit(weights: Floats, bass: Floats, key: Key) -> Floats:
    """How well each chord explains each half bar [S, 120]; 0 for silence, so that neighbours decide there."""
    templates = _templates()
    length = np.linalg.norm(weights, axis=1, keepdims=True)
    share = bass / np.maximum(bass.sum(axis=1, keepdims=True), 1e-9)
    roots = np.array([c.root for c in CHORDS])
    scale = key.scale
    prior = np.array([PRIORS[c.quality] + DIATONIC * (c.pitch_classes <= scale) for c in CHORDS])
    fit: Floats = weights / np.maximum(length, 1e-9) @ templates.T
    fit += prior + BASS_IS_ROOT * share[:, roots] + BASS_IN_CHORD * share @ (templates > 0).T
    fit[length[:, 0] == 0] = 0.0
    return fit


def _viterbi(fit: Floats) -> list[int]:
    """The best path when every change of chord costs something, more inside a bar than on its downbeat."""
    score = fit[0].copy()
    back = np.zeros(fit.shape, dtype=int)
    stay = np.arange(fit.shape[1])
    for s in range(1, len(fit)):
        best = int(np.argmax(score))
        change = score[best] - (CHANGE_IN_BAR if s % 2 else CHANGE_ON_BAR)
        back[s] = np.where(score >= change, stay, best)
        score = np.maximum(score, change) + fit[s]
    path = [int(np.argmax(score))]
    for s in range(len(fit) - 1, 0, -1):
        path.append(int(back[s, path[-1]]))
    return path[::-1]
