"""Statistics of a score that tell music from noise, and the envelope that real pieces span.

Sources: pitch-class entropy and groove consistency after Wu and Yang, "The Jazz Transformer on the Front Line" (ISMIR
2020, 3.1, 3.2); in-key share, polyphony and empty bars after Dong et al., "MuseGAN" (AAAI 2018) and "MusPy" (ISMIR
2020). Every statistic is the same for a piece and its transpositions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from generators.score.score import PITCHED, Mode, Note, Role, Score
from training.corpus.key import detect_key, pitched_notes

Floats = NDArray[np.float64]
NEARLY = 0.75  # share of common (step, pitch class) places from which a bar counts as the repetition of another


@dataclass(frozen=True, slots=True)
class Musicality:
    """Statistics of one score."""

    in_key: float  # share of sounding time on the key's scale (minor: with both sixths and sevenths)
    chord_tones: float  # share of notes on felt beats that belong to the chord there
    groove: float  # mean of 1 - Hamming distance of neighbouring bars' onset vectors
    pitch_entropy: float  # bits, of pitch classes, mean over bars that sound
    repetition: float  # share of sounding bars that recur, exactly or nearly, somewhere in the piece
    polyphony: float  # mean number of pitched notes while any sounds
    chords_polyphony: float  # the same of chords and pad alone; 0 without them
    empty_bars: float  # share of bars without a sounding note
    density: float  # pitched onsets per felt beat
    melodic_interval: float  # mean semitones between neighbouring notes of the top line
    resolved: float  # 1 when the last bass or last chord is on the tonic triad's root


NAMES: tuple[str, ...] = tuple(f.name for f in fields(Musicality))


@dataclass(frozen=True)
class Envelope:
    """Lower and upper bound of every statistic [len(NAMES)]."""

    low: tuple[float, ...]
    high: tuple[float, ...]

    @classmethod
    def of(cls, real: Sequence[Musicality], low: float = 5.0, high: float = 95.0) -> "Envelope":
        """The percentiles of real pieces; raises ValueError when there are none."""
        if not real:
            raise ValueError("an envelope needs at least one piece")
        table = np.array([astuple(m) for m in real])
        return cls(*(tuple(float(x) for x in np.percentile(table, p, axis=0)) for p in (low, high)))

    def outside(self, m: Musicality) -> tuple[str, ...]:
        """Names of the statistics that lie outside."""
        bounds = zip(NAMES, astuple(m), self.low, self.high, strict=True)
        return tuple(name for name, x, low, high in bounds if not low - 1e-9 <= x <= high + 1e-9)

    def inside(self, m: Musicality) -> bool:
        """Whether all statistics lie within the bounds."""
        return not self.outside(m)

    def share_inside(self, made: Sequence[Musicality]) -> dict[str, float]:
        """For every statistic the share of pieces within its bounds."""
        out = dict.fromkeys(NAMES, 1.0)
        for m in made:
            for name in self.outside(m):
                out[name] -= 1.0 / len(made)
        return out


def statistics(score: Score) -> Musicality:
    """All statistics of a score; shares of nothing are 0."""
    notes = pitched_notes(score)
    harmony = [*score.parts.get(Role.CHORDS, ()), *score.parts.get(Role.PAD, ())]
    return Musicality(
        in_key=_in_key(score, notes),
        chord_tones=_chord_tones(score, notes),
        groove=groove_consistency(score),
        pitch_entropy=pitch_entropy(score),
        repetition=repetition(score),
        polyphony=_polyphony(notes, score.steps),
        chords_polyphony=_polyphony(harmony, score.steps),
        empty_bars=_empty_bars(score),
        density=len(notes) / (score.bars * score.metre.beats_per_bar),
        melodic_interval=_melodic_interval(score),
        resolved=_resolved(score),
    )


def measured_mode(score: Score) -> Mode:
    """Major or minor by the key profile that fits the notes alone; the score's own key is not looked at."""
    return detect_key(pitched_notes(score)).mode


def groove_consistency(score: Score) -> float:
    """Mean likeness of neighbouring bars' rhythm: 1 - Hamming distance of their onset vectors, over all roles."""
    if score.bars < 2:
        return 1.0
    hits = _onsets(score)
    return float(np.mean(1.0 - np.mean(hits[1:] != hits[:-1], axis=1)))


def pitch_entropy(score: Score) -> float:
    """Entropy in bits of the pitch classes struck in a bar, mean over the bars that have any; at most log2 12."""
    counts = np.zeros((score.bars, 12))
    for n in pitched_notes(score):
        counts[n.onset // score.metre.steps_per_bar, n.pitch % 12] += 1
    counts = counts[counts.sum(axis=1) > 0]
    if not len(counts):
        return 0.0
    p = counts / counts.sum(axis=1, keepdims=True)
    return float(np.mean(-(p * np.log2(np.where(p > 0, p, 1.0))).sum(axis=1)))


def repetition(score: Score) -> float:
    """Share of sounding bars whose places (step, pitch class) agree with another bar's by `NEARLY` (Jaccard)."""
    per = score.metre.steps_per_bar
    rolls = np.zeros((score.bars, per * 12))
    for n in pitched_notes(score):
        rolls[n.onset // per, n.onset % per * 12 + n.pitch % 12] = 1.0
    rolls = rolls[rolls.sum(axis=1) > 0]
    if len(rolls) < 2:
        return 0.0
    common = rolls @ rolls.T
    size = rolls.sum(axis=1)
    likeness = common / (size[:, None] + size[None, :] - common)
    np.fill_diagonal(likeness, 0.0)
    return float(np.mean(likeness.max(axis=1) >= NEARLY))


def _onsets(score: Score) -> NDArray[np.bool_]:
    per = score.metre.steps_per_bar
    out = np.zeros((score.bars, per), dtype=bool)
    for role, notes in score.parts.items():
        if role is not Role.EFFECTS:
            for n in notes:
                out[n.onset // per, n.onset % per] = True
    return out


def _in_key(score: Score, notes: list[Note]) -> float:
    allowed = set(score.key.scale)
    if score.key.mode is Mode.MINOR:
        allowed |= {(score.key.tonic + 9) % 12, (score.key.tonic + 11) % 12}
    total = sum(n.duration for n in notes)
    return sum(n.duration for n in notes if n.pitch % 12 in allowed) / total if total else 0.0


def _chord_tones(score: Score, notes: list[Note]) -> float:
    per, beat = score.metre.steps_per_bar, score.metre.steps_per_beat
    fits = [
        n.pitch % 12 in chord.pitch_classes
        for n in notes
        if n.onset % per % beat == 0 and (chord := score.chords[n.onset * 2 // per]) is not None
    ]
    return sum(fits) / len(fits) if fits else 0.0


def _sounding(notes: Iterable[Note], steps: int) -> NDArray[np.int64]:
    out = np.zeros(steps, dtype=np.int64)
    for n in notes:
        out[n.onset : n.onset + n.duration] += 1
    return out


def _polyphony(notes: Iterable[Note], steps: int) -> float:
    sounding = _sounding(notes, steps)
    return float(sounding.sum() / max(np.count_nonzero(sounding), 1))


def _empty_bars(score: Score) -> float:
    every = [n for role, notes in score.parts.items() if role is not Role.EFFECTS for n in notes]
    return float(np.mean(_sounding(every, score.steps).reshape(score.bars, -1).max(axis=1) == 0))


def _melodic_interval(score: Score) -> float:
    line = score.parts.get(Role.LEAD) or [n for role in PITCHED for n in score.parts.get(role, ())]
    top: dict[int, int] = {}
    for n in line:
        top[n.onset] = max(n.pitch, top.get(n.onset, 0))
    pitches = [top[onset] for onset in sorted(top)]
    return float(np.mean(np.abs(np.diff(pitches)))) if len(pitches) > 1 else 0.0


def _resolved(score: Score) -> float:
    bass = score.parts.get(Role.BASS, ())
    last = max(bass, default=None)
    chords = [c for c in score.chords if c is not None]
    by_bass = last is not None and last.pitch % 12 == score.key.tonic
    return float(by_bass or bool(chords and chords[-1].root == score.key.tonic))
