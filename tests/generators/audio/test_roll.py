"""Laws of the score roll: what is played stands where it is played, and nothing else does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.audio.roll import LOWEST, PARTS, PITCHES, WIDTHS, beat_roll, score_roll
from generators.score.performance import Performance, TimedNote
from generators.score.plan.brief import GridBar
from generators.score.score import DRUM_KEYS, EFFECTS, SNARE, Effect, Metre, Role

FRAME_S = 0.05
BARS = (GridBar(0.0, 2.0, 16), GridBar(2.0, 4.0, 16))
onsets = st.floats(0.0, 3.4)


def rolled(notes: dict[Role, tuple[TimedNote, ...]], *, frames: int = 80, loop: bool = False) -> dict[str, np.ndarray]:
    performance = Performance(frames * FRAME_S, notes, loop)
    return score_roll(performance, BARS, Metre.FOUR_FOUR, frames=frames, frame_s=FRAME_S)


@given(onsets, st.floats(0.01, 0.5), st.integers(21, 108), st.integers(1, 127))
def test_a_note_lasts_as_long_in_the_roll_as_it_is_played(
    onset: float, lasts: float, pitch: int, velocity: int
) -> None:
    note = TimedNote(onset, lasts, pitch, velocity)

    melody = rolled({Role.LEAD: (note,)})["melody"]

    held = melody[:, PITCHES : 2 * PITCHES]
    assert held.sum() * FRAME_S == pytest.approx(lasts * velocity / 127.0, rel=1e-3)
    assert set(np.flatnonzero(held.any(axis=0))) == {pitch - LOWEST}
    assert np.count_nonzero(melody[:, :PITCHES]) == 1


@given(onsets, st.sampled_from(DRUM_KEYS))
def test_a_stroke_is_told_to_a_part_of_a_frame(onset: float, key: int) -> None:
    drums = rolled({Role.DRUMS: (TimedNote(onset, 0.1, key, 127),)})["drums"]

    ((frame, column),) = np.argwhere(drums)

    kind, part = divmod(int(column), PARTS)
    assert DRUM_KEYS[kind] == key
    assert 0.0 <= onset - (frame + part / PARTS) * FRAME_S + 1e-6 < FRAME_S / PARTS + 1e-5


def test_all_values_lie_between_nothing_and_full() -> None:
    rng = np.random.default_rng(0)
    notes = tuple(
        TimedNote(float(t), 1.0, int(p), 127)
        for t, p in zip(rng.random(50) * 4, rng.integers(21, 109, 50), strict=True)
    )
    effects = (TimedNote(1.0, 1.0, EFFECTS.index(Effect.RISER), 100),)

    groups = rolled({Role.LEAD: notes, Role.PAD: notes, Role.EFFECTS: effects})

    assert {name: group.shape for name, group in groups.items()} == {name: (80, w) for name, w in WIDTHS.items()}
    assert all(group.min() >= 0.0 and group.max() <= 1.0 for group in groups.values())


def test_groups_know_only_their_own_roles() -> None:
    note = (TimedNote(1.0, 0.5, 60, 100),)

    lead, bass, snare = (
        rolled({role: n})
        for role, n in ((Role.LEAD, note), (Role.BASS, note), (Role.DRUMS, (TimedNote(1.0, 0.1, SNARE, 100),)))
    )

    assert [g for g, v in lead.items() if v.any() and g != "beats"] == ["melody", "whole"]
    assert [g for g, v in bass.items() if v.any() and g != "beats"] == ["chords", "whole"]
    assert [g for g, v in snare.items() if v.any() and g != "beats"] == ["drums"]


def test_what_began_before_the_first_frame_still_sounds_and_does_not_begin() -> None:
    melody = rolled({Role.LEAD: (TimedNote(-1.0, 1.5, 60, 127),)})["melody"]

    assert melody[:10, PITCHES + 60 - LOWEST].all()
    assert not melody[:, :PITCHES].any()


def test_in_a_loop_only_what_lasts_over_the_end_goes_on_at_the_start() -> None:
    late: dict[Role, tuple[TimedNote, ...]] = {Role.PAD: (TimedNote(3.5, 1.0, 60, 127),)}

    once, round_and_round = (rolled(late, loop=loop)["chords"] for loop in (False, True))

    assert not once[:10].any()
    assert round_and_round[:10, 0].all()
    assert np.array_equal(once[10:], round_and_round[10:])


def test_beats_and_bars_begin_where_the_grid_says() -> None:
    beats = beat_roll((GridBar(0.0, 1.9, 16), GridBar(1.9, 3.0, 8)), Metre.FOUR_FOUR, frames=80, frame_s=FRAME_S)

    strokes = np.flatnonzero(beats[:, 4 : 4 + PARTS].reshape(-1)) * FRAME_S / PARTS
    bars = np.flatnonzero(beats[:, 4 + PARTS :].reshape(-1)) * FRAME_S / PARTS

    assert strokes == pytest.approx([0.0, 0.475, 0.95, 1.425, 1.9, 2.45], abs=FRAME_S / PARTS)
    assert bars == pytest.approx([0.0, 1.9], abs=FRAME_S / PARTS)
    assert not beats[61:].any()


def test_the_phase_goes_round_once_a_bar() -> None:
    beats = beat_roll(BARS, Metre.FOUR_FOUR, frames=80, frame_s=FRAME_S)

    angle = np.unwrap(np.arctan2(beats[:, 2] - 0.5, beats[:, 3] - 0.5))

    assert np.allclose(np.diff(angle), 2.0 * np.pi * FRAME_S / 2.0, atol=1e-4)
