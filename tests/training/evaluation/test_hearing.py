from dataclasses import replace

import numpy as np
import pytest

from generators.score.key_finding import MAJOR, MINOR
from generators.waveform import Waveform
from tests.training.evaluation.world import RATE, chords
from training.evaluation.hearing import Cues, arousal_of, cues_of, majorness, roughness, valence_of

CALM, FAST = chords(major=True, per_s=1.0), chords(major=True, per_s=4.0)
SAD = chords(major=False, per_s=1.0)


@pytest.fixture(scope="module")
def heard() -> dict[str, Cues]:
    return {"calm": cues_of(CALM), "fast": cues_of(FAST), "sad": cues_of(SAD)}


def test_major_and_minor_chords_are_told_apart(heard: dict[str, Cues]) -> None:
    assert heard["calm"].majorness > 0.05 > -0.02 > heard["sad"].majorness


def test_more_chords_a_second_are_more_onsets_and_more_accents(heard: dict[str, Cues]) -> None:
    assert np.exp(heard["fast"].onsets) - 0.25 == pytest.approx(4.0, rel=0.3)
    assert heard["fast"].accents > heard["calm"].accents


def test_no_cue_depends_on_the_level(heard: dict[str, Cues]) -> None:
    quiet = cues_of(replace(CALM, samples=0.05 * CALM.samples))

    for name in Cues.__slots__:
        assert getattr(quiet, name) == pytest.approx(getattr(heard["calm"], name), abs=0.02), name


def test_overtones_raise_the_centroid(heard: dict[str, Cues]) -> None:
    bright = cues_of(chords(major=True, per_s=1.0, sharp=0.8))

    assert bright.centroid > heard["calm"].centroid + 0.3


def test_fast_music_is_aroused_and_major_music_is_glad(heard: dict[str, Cues]) -> None:
    pieces = [heard["calm"], heard["fast"], heard["sad"]]

    assert np.argmax(arousal_of(pieces)) == 1
    assert np.argmin(valence_of(pieces)) == 2


def test_profiles_of_keys_are_their_own_mode_on_every_tonic() -> None:
    for tonic in range(12):
        assert majorness(np.roll(MAJOR, tonic)) > 0.1
        assert majorness(np.roll(MINOR, tonic)) < -0.1


def test_a_semitone_is_rougher_than_a_fifth() -> None:
    hz = np.linspace(0.0, RATE / 2, 2049)

    def tones(*at: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        return sum(np.exp(-0.5 * ((hz - f) / 6.0) ** 2) for f in at)[:, None]  # type: ignore[index, return-value]

    assert roughness(tones(440.0, 466.2)) > 3.0 * roughness(tones(440.0, 660.0))
    assert roughness(tones(440.0)) == 0.0


def test_silence_is_heard_as_nothing_and_no_samples_are_refused() -> None:
    silent = cues_of(Waveform(np.zeros((2, RATE), np.float32), RATE))

    assert silent.majorness == silent.roughness == silent.centroid == 0.0
    assert np.exp(silent.onsets) == pytest.approx(0.25)
    with pytest.raises(ValueError, match="without samples"):
        cues_of(Waveform(np.zeros((2, 0), np.float32), RATE))
