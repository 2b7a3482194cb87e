"""Laws of the sketch: every note stands in its instrument's bands, as long and as loud as it is played."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.audio.sketch import BANDS, PARTS, RANGE_DB, SIDES, Orchestra
from generators.render.palette import Palette, Part, Room, Voice
from generators.render.tone import Tone
from generators.score.performance import Performance, TimedNote
from generators.score.score import EFFECTS, KICK, Effect, Role
from generators.score.style import Style
from tests.generators.audio.worlds import small_timbre

FRAME_S, FRAMES = 0.05, 40
HOP_S = 512 / 44_100  # at which rooms are known
PIANO = Voice("piano")
LOW_KEY = 30  # whose band is the first


def drawn(
    *notes: TimedNote,
    voices: tuple[Voice, ...] = (PIANO,),
    gain_db: float = 0.0,
    dynamics: float = 1.0,
    loop: bool = False,
) -> np.ndarray:
    """Levels [T BANDS] in dB of a dry lead's middle; -RANGE_DB is nothing."""
    palette = Palette("duo", Style.LOFI, {Role.LEAD: Part(voices, gain_db, send=0.0)}, dynamics=dynamics)
    performance = Performance(FRAMES * FRAME_S, {Role.LEAD: notes, Role.BASS: notes}, loop)
    return levels(Orchestra(palette, {"piano": small_timbre()}), performance)[:, 0]


def levels(orchestra: Orchestra, performance: Performance, *, part_s: float = FRAME_S) -> np.ndarray:
    """Levels [T SIDES BANDS] in dB."""
    parts = round(performance.duration_s / part_s)
    made = orchestra.energies(performance, parts=parts, part_s=part_s)
    assert made.shape == (parts, SIDES, BANDS)
    levels_db: np.ndarray = 10.0 * np.log10(np.maximum(made.astype(float), 10.0 ** (-RANGE_DB / 10.0)))
    return levels_db


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


def held(duration_s: float = 1.8) -> TimedNote:
    """A note of the middle, from the first frame on."""
    return TimedNote(0.0, duration_s, 60, 100)


def test_a_voice_stands_where_it_is_placed() -> None:
    palette = Palette("solo", Style.LOFI, {Role.LEAD: Part((replace(PIANO, pan=1.0),), send=0.0)})

    placed = levels(Orchestra(palette, {"piano": small_timbre()}), Performance(2.0, {Role.LEAD: (held(),)}))

    assert placed[10, :, 30] == pytest.approx([-23.01, -23.01], abs=0.01)


def test_sides_of_an_instrument_are_as_wide_as_its_equaliser_makes_them() -> None:
    wide = replace(small_timbre(), side_db=np.full(BANDS, -10.0, np.float32))
    voice = replace(PIANO, tone=Tone(width=0.5))
    palette = Palette("solo", Style.LOFI, {Role.LEAD: Part((voice,), send=0.0)})

    placed = levels(Orchestra(palette, {"piano": wide}), Performance(2.0, {Role.LEAD: (held(),)}))

    assert placed[10, :, 30] == pytest.approx([-20.0, -36.02], abs=0.01)


def test_drums_ring_out_and_press_down_what_pumps() -> None:
    kit = replace(small_timbre(), release_s=0.4, pitched=False)
    parts = {
        Role.DRUMS: Part((Voice("kit"),), send=0.0),
        Role.PAD: Part((PIANO,), send=0.0, pump_db=12.0),
    }
    orchestra = Orchestra(Palette("club", Style.HOUSE, parts), {"piano": small_timbre(), "kit": kit})
    struck = Performance(2.0, {Role.DRUMS: (TimedNote(1.0, 0.05, KICK, 100),), Role.PAD: (held(),)})

    made = levels(orchestra, struck)[:, 0]

    assert made[20:27, KICK - LOW_KEY] == pytest.approx(np.full(7, -20.0), abs=0.01)
    assert made[:19, 30] == pytest.approx(np.full(19, -20.0), abs=0.01)
    assert made[20:22, 30].min() == pytest.approx(-32.0, abs=1.0)


def test_in_a_loop_the_last_kick_presses_down_the_start() -> None:
    parts = {Role.DRUMS: Part((Voice("kit"),), send=0.0), Role.PAD: Part((PIANO,), send=0.0, pump_db=12.0)}
    kit = replace(small_timbre(), release_s=0.1, pitched=False)
    orchestra = Orchestra(Palette("club", Style.HOUSE, parts), {"piano": small_timbre(), "kit": kit})
    played = {Role.DRUMS: (TimedNote(1.95, 0.05, KICK, 100),), Role.PAD: (held(),)}

    once, looped = (levels(orchestra, Performance(2.0, played, loop))[0, 0, 30] for loop in (False, True))

    assert once == pytest.approx(-20.0, abs=0.01)
    assert looped < -23.0


def test_a_room_answers_on_both_sides_and_dies_away() -> None:
    parts = {Role.LEAD: Part((PIANO,), send=0.5)}
    orchestra = Orchestra(Palette("hall", Style.CINEMATIC, parts, Room(1.0)), {"piano": small_timbre()})

    made = levels(orchestra, Performance(2.0, {Role.LEAD: (held(0.3),)}), part_s=HOP_S)[:, :, 30]

    early, late = (made[round(t / HOP_S) :][:8].mean(axis=0) for t in (0.5, 1.0))
    assert (early > -60.0).all()
    assert late == pytest.approx(early - 30.0, abs=8.0)


def test_a_sketch_is_as_loud_as_mastered_music_however_it_is_played() -> None:
    palettes = [Palette("duo", Style.LOFI, {Role.LEAD: Part((PIANO,), gain_db)}) for gain_db in (-20.0, 0.0)]
    performance = Performance(FRAMES * FRAME_S, {Role.LEAD: (held(),)})

    soft, loud = (
        Orchestra(p, {"piano": small_timbre()}).sketch(performance, frames=FRAMES, frame_s=FRAME_S) for p in palettes
    )

    assert soft.shape == (FRAMES, PARTS * SIDES * BANDS)
    assert 0.0 <= soft.min() <= soft.max() <= 1.0
    assert loud == pytest.approx(soft, abs=1e-3)


def _effect(effect: Effect, **note: float) -> np.ndarray:
    """Levels [F] in dB of an effect alone, dry, hop by hop: a note from 1 s to 2.5 s in 6 s, if not told otherwise."""
    told = {"onset_s": 1.0, "duration_s": 1.5, "velocity": 100} | note
    struck = TimedNote(told["onset_s"], told["duration_s"], EFFECTS.index(effect), int(told["velocity"]))
    palette = Palette("hits", Style.EPIC, {Role.EFFECTS: Part((), send=0.0)}, dynamics=1.0)
    performance = Performance(6.0, {Role.EFFECTS: (struck,)}, loop=bool(note.get("loop")))
    loudest: np.ndarray = levels(Orchestra(palette, {}), performance, part_s=HOP_S).max(axis=(1, 2))
    return loudest


@pytest.mark.parametrize(("effect", "starts_s", "loudest_s"), [(Effect.IMPACT, 1.0, 1.0), (Effect.RISER, 1.0, 2.45)])
def test_an_effect_is_drawn_when_it_sounds(effect: Effect, starts_s: float, loudest_s: float) -> None:
    level_db = _effect(effect)

    assert np.flatnonzero(level_db > -RANGE_DB)[0] * HOP_S == pytest.approx(starts_s, abs=0.05)
    assert int(level_db.argmax()) * HOP_S == pytest.approx(loudest_s, abs=0.1)
    assert level_db.max() > -45.0


def test_an_effect_that_is_played_softer_is_drawn_softer() -> None:
    loud, soft = (_effect(Effect.BOOM, velocity=v).max() for v in (100, 50))

    assert loud - soft == pytest.approx(20.0 * np.log10(2.0), abs=0.01)


def test_an_effect_that_leads_into_a_loop_begins_before_its_end() -> None:
    level_db = _effect(Effect.RISER, onset_s=0.0, duration_s=1.0, loop=1)

    assert level_db[round(0.9 / HOP_S)] > -60.0
    assert _effect(Effect.IMPACT, onset_s=5.0, loop=1)[: round(2.0 / HOP_S)].min() > -RANGE_DB
