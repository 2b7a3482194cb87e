"""Laws of stems that a score tells apart: they add up, each gets what is its own, and effects are among them."""

import numpy as np
import pytest

from generators.audio.separation import BLOCK, expected, separated, shared
from generators.audio.sketch import Orchestra, centres_hz
from generators.render.effects import effect_frames, render_effect
from generators.render.palettes import palette_for
from generators.score.performance import Performance, TimedNote
from generators.score.score import EFFECTS, Effect, Role
from generators.score.style import Style
from generators.waveform import Waveform
from tests.generators.audio.worlds import RATE, every_timbre

LENGTH_S = 4.0
SAMPLES = round(LENGTH_S * RATE)
KEYS = {Role.LEAD: (62, 1.0, 3.0), Role.BASS: (40, 0.5, 2.5)}


@pytest.fixture(scope="module")
def orchestra() -> Orchestra:
    return Orchestra(palette_for(Style.LOFI, 0), every_timbre())


def _tone(key: int, start_s: float, end_s: float) -> np.ndarray:
    """What the small timbre would sound like: a sine in the middle of the key's band."""
    t = np.arange(SAMPLES) / RATE
    sounds = (t >= start_s) & (t < end_s)
    return np.tile(0.1 * np.sin(2 * np.pi * centres_hz()[key - 30] * t) * sounds, (2, 1)).astype(np.float32)


def _performance(roles: dict[Role, tuple[int, float, float]]) -> Performance:
    return Performance(LENGTH_S, {r: (TimedNote(a, b - a, key, 100),) for r, (key, a, b) in roles.items()})


def _keys_of(orchestra: Orchestra) -> dict[Role, tuple[int, float, float]]:
    """The notes that sound in the bands of KEYS, whatever octave a voice plays in."""
    return {r: (key - 12 * orchestra.palette.parts[r].voices[0].octave, a, b) for r, (key, a, b) in KEYS.items()}


def _si_sdr_db(made: np.ndarray, true: np.ndarray) -> float:
    aim = true * float(np.vdot(made, true) / np.vdot(true, true))
    return 10.0 * float(np.log10(np.vdot(aim, aim) / np.vdot(made - aim, made - aim)))


def test_stems_add_up_and_each_has_its_own_notes(orchestra: Orchestra) -> None:
    true = {role: _tone(*told) for role, told in KEYS.items()}
    mix = Waveform(true[Role.LEAD] + true[Role.BASS], RATE)

    made = separated(mix, orchestra, _performance(_keys_of(orchestra)))

    assert np.allclose(made[Role.LEAD].samples + made[Role.BASS].samples, mix.samples, atol=1e-5)
    for role, tone in true.items():
        assert _si_sdr_db(made[role].samples, tone) > 12.0


def test_blocks_leave_no_seam(orchestra: Orchestra, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal((2, SAMPLES - 99)).astype(np.float32)
    told = _performance(_keys_of(orchestra))
    whole = separated(Waveform(noise, RATE), orchestra, told)

    monkeypatch.setattr("generators.audio.separation.BLOCK", 37)
    parts = separated(Waveform(noise, RATE), orchestra, told)

    assert SAMPLES / 512 < BLOCK
    for role, stem in whole.items():
        assert np.allclose(parts[role].samples, stem.samples, atol=1e-5)


@pytest.mark.parametrize("rest", [0, 200])
def test_a_loop_that_begins_elsewhere_has_the_same_stems(orchestra: Orchestra, rest: int) -> None:
    length, turned_by = SAMPLES // 512 * 512 + rest, 172 * 512  # two notes then sound over the seam
    mix = sum(_tone(*told)[:, :length] for told in KEYS.values())
    keys = _keys_of(orchestra)

    made, turned = (
        separated(Waveform(np.roll(mix, by, axis=1), RATE), orchestra, Performance(length / RATE, parts, loop=True))
        for by, parts in (
            (by, {r: (TimedNote(a + by / RATE, b - a, key, 100),) for r, (key, a, b) in keys.items()})
            for by in (0, turned_by)
        )
    )

    for role in KEYS:
        off = np.roll(made[role].samples, turned_by, axis=1) - turned[role].samples
        assert float(np.abs(off).max()) < (0.015 if rest else 1e-4), role


def test_who_plays_alone_has_the_whole_mix(orchestra: Orchestra) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal((2, SAMPLES)).astype(np.float32)

    made = separated(Waveform(noise, RATE), orchestra, _performance({Role.BASS: KEYS[Role.BASS]}))

    assert list(made) == [Role.BASS]
    assert np.allclose(made[Role.BASS].samples, noise, atol=1e-5)


def test_without_notes_there_are_no_stems(orchestra: Orchestra) -> None:
    assert separated(Waveform(np.zeros((2, SAMPLES), np.float32), RATE), orchestra, Performance(LENGTH_S, {})) == {}


@pytest.mark.parametrize("effect", [Effect.IMPACT, Effect.RISER])
def test_an_effect_is_expected_where_it_sounds(orchestra: Orchestra, effect: Effect) -> None:
    lasts_s = 1.5
    note = TimedNote(1.0, lasts_s, EFFECTS.index(effect), 100)
    told = Performance(LENGTH_S, {Role.EFFECTS: (note,), **_performance(_keys_of(orchestra)).parts})
    sound = render_effect(effect, effect_frames(effect, lasts_s, RATE), RATE)
    true = np.zeros((2, SAMPLES), np.float32)
    end = min(RATE + sound.shape[1], SAMPLES)
    true[:, RATE:end] = 0.3 * sound[:, : end - RATE]
    mix = true + sum(_tone(*k) for k in KEYS.values())

    made = separated(Waveform(mix, RATE), orchestra, told)[Role.EFFECTS].samples

    assert _si_sdr_db(made, true) > _si_sdr_db(mix, true) + 5.0


def test_shares_add_up_to_one_even_in_silence(orchestra: Orchestra) -> None:
    found = expected(orchestra, _performance(_keys_of(orchestra)), frames=400, frame_s=512 / RATE)

    total = sum(shared(found).values())

    assert np.allclose(total, 1.0, atol=1e-5)
    assert min(share.min() for share in found.values()) >= 0.0
