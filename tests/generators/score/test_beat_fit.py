"""Sung notes find their grid: laws, and tunes whose beat is known."""

import numpy as np
import pytest

from generators.errors import InvalidScore
from generators.score.beat_fit import FASTEST, SLOWEST, fit_beats
from generators.score.performance import TimedNote
from generators.score.score import Key, Metre, Mode, Note

#: Steps and pitches of two tunes of our own.
MARCH = tuple(
    zip(
        (0, 4, 6, 8, 12, 16, 20, 24, 32, 36, 38, 40, 44, 48),
        (60, 62, 64, 65, 64, 67, 65, 64, 62, 64, 65, 67, 62, 60),
        strict=True,
    )
)
WALTZ = tuple(
    (12 * b + s, p) for b, p in enumerate((60, 62, 64, 65, 67, 64, 62, 60)) for s in (0, 8) if s == 0 or b < 7
)


def sung(
    places: tuple[tuple[int, int], ...], tempo_bpm: float, *, jitter_s: float = 0.0, start_s: float = 0.4
) -> list[TimedNote]:
    """Notes up to the next one, the last one a half note."""
    step_s = 15.0 / tempo_bpm
    rng = np.random.default_rng(3)
    onsets = [start_s + s * step_s + jitter_s * float(np.clip(rng.standard_normal(), -2, 2)) for s, _ in places]
    ends = [*onsets[1:], onsets[-1] + 8 * step_s]
    return [TimedNote(a, b - a, p, 80) for a, b, (_, p) in zip(onsets, ends, places, strict=True)]


def steps(notes: tuple[Note, ...]) -> list[int]:
    return [n.onset - notes[0].onset for n in notes]


@pytest.mark.parametrize("tempo_bpm", [80.0, 96.0, 120.0])
@pytest.mark.parametrize("jitter_s", [0.0, 0.01])
def test_a_tune_comes_back_at_its_tempo_on_its_steps(tempo_bpm: float, jitter_s: float) -> None:
    tune = fit_beats(sung(MARCH, tempo_bpm, jitter_s=jitter_s))

    assert tune.tempo_bpm == pytest.approx(tempo_bpm, rel=0.03)
    assert (tune.metre, tune.key) == (Metre.FOUR_FOUR, Key(0, Mode.MAJOR))
    assert steps(tune.notes) == [s for s, _ in MARCH]
    assert [n.pitch for n in tune.notes] == [p for _, p in MARCH]


def test_a_waltz_is_counted_in_three() -> None:
    tune = fit_beats(sung(WALTZ, 120.0))

    assert tune.metre is Metre.THREE_FOUR
    assert tune.notes[0].onset == 0


def test_a_tempo_and_a_metre_that_are_told_are_obeyed() -> None:
    tune = fit_beats(sung(MARCH, 100.0), tempo_bpm=102.0, metre=Metre.THREE_FOUR)

    assert (tune.tempo_bpm, tune.metre) == (102.0, Metre.THREE_FOUR)
    assert steps(tune.notes) == [s for s, _ in MARCH]


def test_where_the_recording_begins_makes_no_difference() -> None:
    early, late = (fit_beats(sung(MARCH, 100.0, start_s=s)) for s in (0.0, 3.21))

    assert [(n.onset, n.duration) for n in early.notes] == [(n.onset, n.duration) for n in late.notes]


def test_notes_fill_up_to_the_next_one_unless_there_is_a_rest() -> None:
    notes = [TimedNote(0.6 * i, 0.55 if i != 1 else 0.2, 60, 80) for i in range(8)]

    tune = fit_beats(notes, tempo_bpm=100.0)

    assert [n.duration for n in tune.notes[:4]] == [4, 1, 4, 4]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_sung_becomes_a_tune(seed: int) -> None:
    rng = np.random.default_rng(seed)
    onsets = np.cumsum(rng.uniform(0.08, 1.5, 20))
    notes = [TimedNote(float(o), float(rng.uniform(0.07, 2.0)), int(rng.integers(40, 90)), 80) for o in onsets]

    tune = fit_beats(notes)

    assert tune.validate().notes[0].onset < tune.metre.steps_per_bar
    assert SLOWEST * 0.85 <= tune.tempo_bpm <= FASTEST * 1.15


def test_one_note_is_enough_and_none_is_not() -> None:
    assert len(fit_beats([TimedNote(1.0, 0.5, 60, 80)]).notes) == 1
    with pytest.raises(InvalidScore, match="no notes"):
        fit_beats([])
