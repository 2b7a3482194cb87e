"""Laws of rooms and loudness in energies of bands: they agree with those of sound."""

import numpy as np
import pytest
import torch
from pyloudnorm import Meter

from generators.audio.acoustics import TARGET_LUFS, at_loudness, reverberated, room_energies
from generators.audio.mel import MelConfig, mel_filters, mid_side, spectrum
from generators.render.palette import Room
from generators.render.room import impulse_response, reverberate
from generators.render.tone import Floats

CONFIG = MelConfig()
RATE = CONFIG.sample_rate
HALL = Room(1.2, 0.02, 5000.0)


def energies(samples: Floats) -> Floats:
    """Of sound [2 N], N a multiple of the hop: [F 2 BANDS] in middle and side."""
    sizes = mel_filters(CONFIG) @ mid_side(spectrum(torch.from_numpy(samples), CONFIG), dim=0).abs()
    made: Floats = sizes.square().permute(2, 0, 1).numpy()
    return made


def noise(hops: int, seed: int = 0) -> Floats:
    """White noise in mono [2 N], silent in its second half."""
    out = np.zeros((2, hops * CONFIG.hop), np.float32)
    half = hops * CONFIG.hop // 2
    out[:, :half] = 0.1 * np.random.default_rng(seed).standard_normal(half)
    return out


def test_a_room_answers_in_energies_as_it_does_in_sound() -> None:
    dry = noise(240)
    wet = dry.copy()
    reverberate(wet, dry.mean(axis=0), impulse_response(HALL, RATE), loop=False)

    told = reverberated(energies(dry), energies(dry)[:, 0], HALL, loop=False)

    heard = energies(wet)
    for part in (slice(20, 110), slice(125, 160)):  # while the noise sounds, and in its tail
        apart_db = 10.0 * np.log10(told[part, :, 8:].mean(axis=0) / heard[part, :, 8:].mean(axis=0))
        assert np.abs(apart_db).mean() < 1.5
        assert abs(float(apart_db.mean())) < 1.0


def test_in_a_loop_a_room_rings_on_at_the_start() -> None:
    sent = np.zeros((40, CONFIG.bands), np.float32)
    sent[30] = 1.0
    silence = np.zeros((40, 2, CONFIG.bands), np.float32)

    once, looped = (reverberated(silence, sent, HALL, loop=loop) for loop in (False, True))

    assert once[:30].max() < 1e-6
    assert looped.sum() == pytest.approx(room_energies(HALL).sum(), rel=1e-3)


@pytest.mark.parametrize("hz", [60.0, 440.0, 1000.0, None])
def test_loudness_is_that_of_the_standard(hz: float | None) -> None:
    sines = np.sin(2 * np.pi * (hz or 0.0) * np.arange(200 * CONFIG.hop) / RATE).astype(np.float32)
    wave = 0.2 * sines if hz else noise(400)[0, : len(sines)]
    sound = np.stack([wave, 0.5 * wave])

    scaled = at_loudness(energies(sound))

    gain_db = 10.0 * np.log10(scaled.sum() / energies(sound).sum())
    assert Meter(RATE).integrated_loudness(sound.T.astype(float)) + gain_db == pytest.approx(TARGET_LUFS, abs=2.0)


def test_silence_stays_silent() -> None:
    silence = np.zeros((50, 2, CONFIG.bands), np.float32)

    assert np.array_equal(at_loudness(silence), silence)
