"""Laws of the sketch: every note stands in its instrument's bands, as long and as loud as it is played."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.audio.sketch import BANDS, RANGE_DB, Orchestra
from generators.render.palette import Palette, Part, Voice
from generators.render.tone import Tone
from generators.score.performance import Performance, TimedNote
from generators.score.score import Role
from generators.score.style import Style
from tests.generators.audio.worlds import small_timbre

FRAME_S, FRAMES = 0.05, 40
PIANO = Voice("piano")
LOW_KEY = 30  # whose band is the first


def drawn(
    *notes: TimedNote,
    voices: tuple[Voice, ...] = (PIANO,),
    gain_db: float = 0.0,
    dynamics: float = 1.0,
    loop: bool = False,
) -> np.ndarray:
    """Levels [T BANDS] in dB of a lead; -RANGE_DB is nothing."""
    palette = Palette("duo", Style.LOFI, {Role.LEAD: Part(voices, gain_db)}, dynamics=dynamics)
    performance = Performance(FRAMES * FRAME_S, {Role.LEAD: notes, Role.BASS: notes}, loop)
    made = Orchestra(palette, {"piano": small_timbre()}).sketch(performance, frames=FRAMES, frame_s=FRAME_S)
    assert made.shape == (FRAMES, BANDS)
    assert 0.0 <= made.min() <= made.max() <= 1.0
    return RANGE_DB * (made - 1.0)


@given(st.integers(30, 90), st.floats(0.1, 1.0), st.floats(0.3, 0.8))
def test_a_note_sounds_in_its_bands_while_it_is_held(pitch: int, onset_s: float, lasts_s: float) -> None:
    levels_db = drawn(TimedNote(onset_s, lasts_s, pitch, 100))

    sounding = np.flatnonzero(levels_db[:, pitch - LOW_KEY] > -21.0)
    assert np.flatnonzero(levels_db.max(axis=0) > -RANGE_DB).tolist() == [pitch - LOW_KEY]
    assert len(sounding) == pytest.approx(lasts_s / FRAME_S, abs=2.0)
    assert sounding[0] == pytest.approx(onset_s / FRAME_S, abs=1.0)
    assert (levels_db[: int(onset_s / FRAME_S)] == -RANGE_DB).all()


def test_a_released_note_dies_as_fast_as_its_instrument() -> None:
    slow = replace(PIANO, release_s=1.0)

    short, long = (drawn(TimedNote(0.0, 0.5, 60, 100), voices=(voice,))[:, 30] for voice in (PIANO, slow))

    assert short[14] == -RANGE_DB
    assert np.diff(long[11:19]) == pytest.approx(np.full(7, -60.0 * FRAME_S), abs=0.5)


@settings(max_examples=30)
@given(st.integers(20, 120), st.floats(-12.0, 0.0), st.floats(-12.0, 0.0), st.floats(0.5, 2.0))
def test_level_is_that_of_velocity_part_and_voice(
    velocity: int, part_db: float, voice_db: float, dynamics: float
) -> None:
    voice, note = replace(PIANO, gain_db=voice_db), TimedNote(0.0, 2.0, 60, velocity)

    level_db = drawn(note, voices=(voice,), gain_db=part_db, dynamics=dynamics)[20, 30]

    expected_db = -20.0 + part_db + voice_db + 20.0 * dynamics * np.log10(velocity / 100.0)
    assert level_db == pytest.approx(max(expected_db, -RANGE_DB), abs=1e-2)


def test_voices_play_in_their_octaves_through_their_equalisers_and_add_up() -> None:
    dark = replace(PIANO, tone=Tone(high_cut_hz=100.0))
    note = TimedNote(0.0, 2.0, 72, 100)

    doubled = drawn(note, voices=(PIANO, PIANO, replace(PIANO, octave=-1)))[20]
    cut = drawn(note, voices=(dark,))[20]

    assert doubled[42] == pytest.approx(-20.0 + 3.01, abs=0.01)
    assert doubled[30] == pytest.approx(-20.0, abs=0.01)
    assert cut[42] < -40.0


def test_who_is_not_known_or_not_there_is_silent() -> None:
    stranger = replace(PIANO, instrument="kazoo")

    assert (drawn(TimedNote(0.0, 2.0, 60, 100), voices=(stranger,)) == -RANGE_DB).all()
    assert (drawn() == -RANGE_DB).all()


def test_a_note_that_began_before_the_first_frame_still_sounds() -> None:
    levels_db = drawn(TimedNote(-0.5, 1.0, 60, 100))[:, 30]

    assert levels_db[:10] == pytest.approx(np.full(10, -20.0), abs=0.01)
    assert levels_db[20] == -RANGE_DB


def test_in_a_loop_what_lasts_over_the_end_goes_on_at_the_start() -> None:
    note = TimedNote(1.8, 0.5, 60, 100)

    once, looped = (drawn(note, loop=loop)[:, 30] for loop in (False, True))

    assert (once[:6] == -RANGE_DB).all()
    assert looped[:6] == pytest.approx(np.full(6, -20.0), abs=0.01)
    assert np.array_equal(once[10:], looped[10:])
