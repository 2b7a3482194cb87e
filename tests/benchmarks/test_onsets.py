import numpy as np
from numpy.typing import NDArray

from benchmarks.onsets import REACH_S, onsets
from generators.waveform import Waveform

RATE = 44100
TIMES_S = (0.5, 1.234, 2.0, 2.71)


def sounding(times_s: tuple[float, ...], *, attack_s: float, length_s: float = 3.5) -> Waveform:
    t = np.arange(round(length_s * RATE)) / RATE
    out: NDArray[np.float64] = 1e-4 * np.random.default_rng(0).standard_normal(len(t))
    for at in times_s:
        since = t - at
        shape = np.clip(since / attack_s, 0.0, 1.0) * np.exp(-np.maximum(since, 0.0) * 6.0)
        out += 0.3 * np.where(since >= 0, shape, 0.0) * (np.sin(440 * np.pi * t) + np.sin(1760 * np.pi * t))
    return Waveform(np.stack([out, out]).astype(np.float32), RATE)


def test_sharp_attacks_are_found_within_a_third_of_a_film_frame() -> None:
    found = onsets(sounding(TIMES_S, attack_s=0.002))

    assert max(found.nearest_s(t) for t in TIMES_S) < REACH_S / 3
    assert max(found.strongest_s(t) for t in TIMES_S) < REACH_S / 3


def test_nothing_is_found_where_nothing_begins() -> None:
    found = onsets(sounding(TIMES_S, attack_s=0.002))

    assert all(min(abs(p - t) for t in TIMES_S) < REACH_S for p in found.peaks_s)
    assert found.strength(1.6) < 0.2 * min(found.strength(t) for t in TIMES_S)
