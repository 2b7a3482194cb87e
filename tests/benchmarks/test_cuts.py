from dataclasses import replace

import numpy as np

from benchmarks.cuts import Clip, cut_section, random_cuts, ranks, sound_section
from benchmarks.onsets import HOP, Onsets
from benchmarks.sound import Sound

DURATION_S = 30.0
GOOD = Sound(1323000, -14.1, -1.2, 0, 0.0, -90.0, 0.2)


def heard(at_s: tuple[float, ...], strength: float = 5.0) -> Onsets:
    """Flux that beats softly four times a second and hard at some times."""
    times = np.arange(0.0, DURATION_S, HOP / 44100)
    flux = np.zeros(len(times))
    soft = np.arange(0.1, DURATION_S, 0.25)
    for t, value in [*((t, 1.0) for t in soft), *((t, strength) for t in at_s)]:
        flux[np.argmin(np.abs(times - t))] = value
    return Onsets(flux, times, np.sort(np.concatenate([soft, at_s])))


def clip(cuts_s: tuple[float, ...], met: Onsets) -> Clip:
    return Clip("epic", DURATION_S, cuts_s, met, heard(()), GOOD)


def test_cuts_lie_inside_and_apart() -> None:
    for seed in range(20):
        cuts = random_cuts(DURATION_S, np.random.default_rng(seed))

        assert all(0.7 <= t <= DURATION_S - 1.5 for t in cuts)
        assert np.all(np.diff(cuts) >= 0.699)


def test_a_met_cut_ranks_high_and_a_random_time_ranks_anywhere() -> None:
    music = heard((7.03, 15.2))
    rng = np.random.default_rng(0)

    met = ranks(music, np.array([7.03, 15.2]), DURATION_S, rng)
    random = ranks(music, rng.uniform(1, 28, 200), DURATION_S, rng)

    assert met.min() > 0.95
    assert abs(float(random.mean()) - 0.3) < 0.15  # ties in silence rank at the bottom


def test_the_section_tells_met_cuts_from_missed_ones() -> None:
    cuts = (5.03, 11.97, 20.02)

    met = cut_section([clip(cuts, heard(cuts))]).body
    missed = cut_section([clip(cuts, heard(()))]).body

    assert "41.7 ms; met" in met
    assert "**not met**" in missed


def test_one_bad_clip_fails_its_row() -> None:
    cuts = (5.03,)
    loud = replace(clip(cuts, heard(cuts)), sound=replace(GOOD, loudness_lufs=-12.9))

    assert "**no**" in sound_section([clip(cuts, heard(cuts)), loud]).body
    assert "**no**" not in sound_section([clip(cuts, heard(cuts))]).body
