import numpy as np
import pytest
from numpy.typing import NDArray

from generators.waveform import Waveform
from tests.training.evaluation.world import chords
from training.evaluation.distances import CLEAN, COMPOSED, SPOILED, distances, measure, report
from training.evaluation.material import Material
from training.evaluation.sounds import Stage

REAL = [chords(major=i % 2 == 0, per_s=1.0 + 0.25 * i, seconds=3.0) for i in range(12)]


def levels(wave: Waveform) -> NDArray[np.float32]:
    """Log powers of 12 bands over three windows: enough to notice what is spoiled."""
    blocks = np.array_split(wave.samples[0], 3)
    spectra = [np.log10(np.abs(np.fft.rfft(b)) ** 2 + 1e-6) for b in blocks]
    return np.array([[band.mean() for band in np.array_split(s, 12)] for s in spectra], np.float32)


def test_the_same_music_lies_no_farther_than_its_own_halves() -> None:
    found = distances(levels, REAL, REAL)

    assert found["composed"] == pytest.approx(found["real, other half"])
    for spoiled in ("real with noise", "real, clipped"):
        assert found[spoiled] > found["real, other half"]


def test_noise_instead_of_music_lies_far_away() -> None:
    rng = np.random.default_rng(0)
    noise = [Waveform(rng.standard_normal((1, 66150)).astype(np.float32), 22050) for _ in REAL]

    found = distances(levels, noise, REAL)

    assert found["composed"] > 4.0 * found["real, other half"]


def test_the_seed_decides_the_halves() -> None:
    assert distances(levels, REAL, REAL, seed=1) == distances(levels, REAL, REAL, seed=1)
    assert distances(levels, REAL, REAL, seed=1) != distances(levels, REAL, REAL, seed=2)


def test_too_few_pieces_are_refused() -> None:
    with pytest.raises(ValueError, match="at least four"):
        distances(levels, REAL[:3], REAL[:3])


def row(**more: float) -> dict[str, float]:
    return {CLEAN: 1.0, COMPOSED: 2.0, **dict.fromkeys(SPOILED, 3.0), **more}


def test_a_judge_that_spoiling_does_not_raise_says_nothing_of_composed_music() -> None:
    deaf = row(**{SPOILED[1]: 0.9})

    found = report({"TFD": row(), "CLAP": deaf}, 8, halves=4)

    assert dict(found.figures) == {"Frechet distance, TFD": 2.0}
    assert "CLAP did not rise with each of them" in found.section.body
    assert "| composed | 2.00 | not valid |" in found.section.body


def test_without_a_tagger_clap_alone_judges_and_the_section_says_so(material: Material) -> None:
    found = measure(material, Stage(material))

    assert "No trained tagger was at hand" in found.section.body
    assert "| against real | CLAP |" in found.section.body
