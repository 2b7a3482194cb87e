"""From notes in seconds to a tune on the grid: the tempo, metre and bar lines under which the notes are likeliest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generators.errors import InvalidScore
from generators.score.key_finding import key_of_melody
from generators.score.performance import TimedNote
from generators.score.score import Metre, Note
from generators.score.tune import Tune, one_at_a_time

SLOWEST, FASTEST = 60.0, 180.0  # felt beats per minute


@dataclass(frozen=True, slots=True)
class _Habits:
    """Where melodies of one metre have notes: at each step of a bar, first of all, last of all; its share of tunes."""

    onsets: tuple[float, ...]
    first: tuple[float, ...]
    last: tuple[float, ...]
    share: float


#: Counted on the 2,592 leads of songs and lead sheets in the training corpus; where hardly any are, 0.02.
_HABITS = {
    Metre.FOUR_FOUR: _Habits(
        (0.84, 0.02, 0.16, 0.05, 0.50, 0.02, 0.27, 0.05, 0.63, 0.02, 0.17, 0.04, 0.56, 0.02, 0.26, 0.05),
        (0.51, 0.02, 0.02, 0.02, 0.07, 0.02, 0.03, 0.02, 0.06, 0.02, 0.02, 0.02, 0.22, 0.02, 0.04, 0.02),
        (0.80, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.08, 0.02, 0.02, 0.02, 0.05, 0.02, 0.05, 0.02),
        0.66,
    ),
    Metre.THREE_FOUR: _Habits(
        (0.91, 0.02, 0.08, 0.03, 0.38, 0.02, 0.13, 0.02, 0.65, 0.02, 0.24, 0.04),
        (0.52, 0.02, 0.03, 0.02, 0.05, 0.02, 0.04, 0.02, 0.32, 0.02, 0.03, 0.02),
        (0.79, 0.02, 0.02, 0.02, 0.03, 0.02, 0.02, 0.02, 0.10, 0.02, 0.06, 0.02),
        0.22,
    ),
    Metre.SIX_EIGHT: _Habits(
        (0.87, 0.02, 0.17, 0.08, 0.42, 0.03, 0.68, 0.02, 0.20, 0.14, 0.58, 0.04),
        (0.59, 0.02, 0.04, 0.02, 0.03, 0.02, 0.07, 0.02, 0.03, 0.03, 0.20, 0.02),
        (0.54, 0.02, 0.02, 0.02, 0.02, 0.02, 0.17, 0.02, 0.02, 0.02, 0.22, 0.02),
        0.12,
    ),
}
_USUAL_BPM, _TEMPO_SPREAD = 96.0, 0.34  # median and spread (of the logarithm) of their tempos
_NEAR = 0.06  # share by which a tempo that was given may be missed
_LOOSE_S, _LATEST_S = 0.030, 0.075  # how loosely people keep time, and the most that an onset counts as late
_FOLLOW, _BEND = 0.25, 0.08  # shares of an error by which beat and tempo follow the singer
_REST = 0.75  # steps of silence before a note that count as breath, not as a rest

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Followed:
    """Notes followed at H tempos: `steps` [H N] from the first note, and the cost [H] of what is off."""

    steps: Ints
    cost: Floats


def fit_beats(notes: Sequence[TimedNote], *, tempo_bpm: float | None = None, metre: Metre | None = None) -> Tune:
    """The tune of notes that somebody sang, in order; a tempo (within a few per cent) and a metre may be known.

    Each tempo is followed through the notes, since people do not keep time to the millisecond; then tempo, metre and
    first bar line are chosen by how probable the onsets are on the steps where they fall (after Temperley, "Music and
    Probability", 2007, chapter 3). Raises InvalidScore without notes.
    """
    if not notes:
        raise InvalidScore("no notes were given to fit a beat to")
    onsets = np.array([n.onset_s for n in notes])
    found: list[tuple[float, Metre, Ints]] = []
    for candidate in [metre] if metre else list(Metre):
        tempos = _tempos(tempo_bpm)
        followed = _follow(onsets, 60.0 / tempos / candidate.steps_per_beat)
        for h, tempo in enumerate(tempos):
            prior = -float(np.log(_HABITS[candidate].share))
            if tempo_bpm is None:
                prior += 0.5 * float(np.log(tempo / _USUAL_BPM) / _TEMPO_SPREAD) ** 2
            costs = _bar_costs(followed.steps[h], candidate)
            place = int(np.argmin(costs))
            total = prior + float(followed.cost[h]) + float(costs[place])
            found.append((total, candidate, place + followed.steps[h]))
    _, best, steps = min(found, key=lambda f: f[0])
    return _on_grid(notes, best, steps, tempo_bpm=tempo_bpm)


def _tempos(tempo_bpm: float | None) -> Floats:
    if tempo_bpm is not None:
        return tempo_bpm * np.linspace(1.0 - _NEAR, 1.0 + _NEAR, 25)
    return np.geomspace(SLOWEST, FASTEST, 240)


def _follow(onsets: Floats, step_s: Floats) -> _Followed:
    """Every note on the nearest step of a beat that gives way a little to what is sung."""
    step = step_s.copy()
    at = np.full(len(step), onsets[0])
    steps = np.zeros((len(step), len(onsets)), np.int64)
    cost = np.zeros(len(step))
    for i in range(1, len(onsets)):
        count = np.maximum(np.rint((onsets[i] - at) / step), 0.0)
        error = onsets[i] - at - count * step
        cost += 0.5 * (np.clip(error, -_LATEST_S, _LATEST_S) / _LOOSE_S) ** 2
        at = at + count * step + _FOLLOW * error
        step = np.clip(step + _BEND * error / np.maximum(count, 4.0), 0.9 * step_s, 1.1 * step_s)
        steps[:, i] = steps[:, i - 1] + count.astype(np.int64)
    return _Followed(steps, cost)


def _bar_costs(steps: Ints, metre: Metre) -> Floats:
    """How improbable [P] the onsets are with the first note on each step of a bar."""
    per, habits = metre.steps_per_bar, _HABITS[metre]
    chance = np.array(habits.onsets)
    sounding = np.unique(steps)
    spread = np.arange(per)[:, None]
    places = (sounding + spread) % per
    cells = (np.arange(int(sounding[-1]) + 1) + spread) % per
    costs = -np.log(chance / (1.0 - chance))[places].sum(axis=1) - np.log(1.0 - chance)[cells].sum(axis=1)
    out: Floats = costs - np.log(habits.first) - np.log(habits.last)[places[:, -1]]
    return out


def _on_grid(notes: Sequence[TimedNote], metre: Metre, steps: Ints, *, tempo_bpm: float | None) -> Tune:
    """Notes at their steps, counted from a bar line, which may be the one after a pickup."""
    per = metre.steps_per_bar
    onsets = np.array([n.onset_s for n in notes])
    step_s = _slope(steps.astype(np.float64), onsets) or 60.0 / (tempo_bpm or _USUAL_BPM) / metre.steps_per_beat
    start = per if int(steps[0]) > per // 2 else 0  # what lies in the second half of a bar leads to the next
    placed = []
    for i, note in enumerate(notes):
        length = note.duration_s / step_s
        if i + 1 < len(notes):
            to_next = float(steps[i + 1] - steps[i])
            length = to_next if to_next - length <= max(_REST, 0.3 * to_next) else length
        placed.append(Note(int(steps[i]) - start, note.pitch, max(1, round(length)), note.velocity))
    line = one_at_a_time(placed)
    bpm = tempo_bpm or 60.0 / (step_s * metre.steps_per_beat)
    return Tune(metre, float(bpm), key_of_melody(line), line).validate()


def _slope(x: Floats, y: Floats) -> float:
    """Least squares; 0 where x does not change."""
    spread = x - x.mean()
    return float(spread @ (y - y.mean()) / (spread @ spread)) if spread.any() else 0.0
