"""What the audio engine's measurements measure, on sounds that are known."""

import numpy as np
import pytest

from benchmarks.audio_edits import flux_percentile, seam_percentile
from benchmarks.audio_score import beat_times, chroma_correlation, heard, onset_f1, true_onsets
from benchmarks.audio_words import margin, shuffled
from generators.score.score import ROLES, Role
from generators.waveform import Waveform
from training.audio.aligned import FULL, SAMPLE_RATE, Aligned

SECONDS = 6.0


def clicks(times_s: np.ndarray, pitch: int = 69) -> Waveform:
    """Plucked tones at some times."""
    out = np.zeros(int(SECONDS * SAMPLE_RATE), np.float32)
    t = np.arange(SAMPLE_RATE // 4) / SAMPLE_RATE
    pluck = 0.5 * np.sin(2 * np.pi * 440.0 * 2 ** ((pitch - 69) / 12) * t) * np.exp(-40.0 * t)
    for at in (times_s * SAMPLE_RATE).astype(int):
        out[at : at + len(pluck)] += pluck[: len(out) - at]
    return Waveform(np.stack([out, out]), SAMPLE_RATE)


TIMES = np.arange(0.5, 5.6, 0.5)


@pytest.fixture(scope="module")
def clip() -> Aligned:
    sound = clicks(TIMES)
    notes = np.array([(ROLES.index(Role.LEAD), t, 0.2, 69, 100) for t in TIMES], np.float32)
    bars = np.array([(0.0, 2.0, 16), (2.0, 4.0, 16), (4.0, 6.0, 16)])
    mix = np.round(sound.samples * FULL).astype(np.int16)
    controls, point = np.zeros((3, 43), np.float32), np.zeros(4, np.float32)
    return Aligned(mix, mix, 0, notes, bars, controls, "4/4", point, "x", "lofi", 0)


def test_a_sound_of_its_own_notes_scores_full(clip: Aligned) -> None:
    own = heard(clicks(TIMES), clip, clicks(TIMES))

    assert own.f1 == pytest.approx(1.0)
    assert own.chroma == pytest.approx(1.0, abs=1e-3)
    assert np.median(own.beat_ms) < 15.0


def test_late_and_other_notes_score_less(clip: Aligned) -> None:
    late = heard(clicks(TIMES + 0.2), clip, clicks(TIMES))
    other = heard(clicks(TIMES, pitch=75), clip, clicks(TIMES))

    assert late.f1 == 0.0
    assert np.median(late.beat_ms) == pytest.approx(200.0, abs=20.0)
    assert other.chroma < 0.3


def test_notes_at_once_are_one_onset_and_beats_come_from_the_bars(clip: Aligned) -> None:
    assert true_onsets(clip, SECONDS) == pytest.approx(TIMES, abs=1e-5)
    assert beat_times(clip) == pytest.approx(np.arange(0.5, 6.0, 0.5))


@pytest.mark.parametrize(
    ("found", "true", "expected"),
    [([1.0, 2.0], [1.0, 2.0], 1.0), ([1.0], [1.0, 2.0], 2 / 3), ([1.0, 1.02], [1.01], 2 / 3), ([], [1.0], 0.0)],
)
def test_onsets_are_matched_one_to_one(found: list[float], true: list[float], expected: float) -> None:
    assert onset_f1(np.array(found), np.array(true)) == pytest.approx(expected)


def test_silence_has_no_chroma() -> None:
    silence = Waveform(np.zeros((2, SAMPLE_RATE * 2), np.float32), SAMPLE_RATE)

    assert chroma_correlation(silence, silence) == 0.0


def test_a_click_at_the_seam_shows_and_a_steady_tone_has_none() -> None:
    t = np.arange(int(SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    rng = np.random.default_rng(0)
    steady = (0.1 * rng.standard_normal((2, len(t)))).astype(np.float32)
    clicked = steady.copy()
    clicked[:, :300] *= 30.0

    assert seam_percentile(Waveform(clicked, SAMPLE_RATE)) > 98.0
    assert seam_percentile(Waveform(steady, SAMPLE_RATE)) < 98.0
    assert flux_percentile(clicks(TIMES), 2.0) > 80.0


def test_the_margin_is_above_nothing_only_for_points_that_know_their_captions() -> None:
    rng = np.random.default_rng(0)
    captions = rng.standard_normal((30, 8))
    captions /= np.linalg.norm(captions, axis=1, keepdims=True)
    others = [*range(1, 30), 0]

    assert margin(captions, captions, others).low > 0.5
    assert margin(np.ones((30, 8)) / np.sqrt(8), captions, others).low < 0.0


def test_shuffled_sound_is_the_same_pieces_in_another_order() -> None:
    sound = clicks(TIMES)

    mixed = shuffled(sound, seed=1)

    assert mixed.samples.std() == pytest.approx(sound.samples.std(), rel=1e-3)
    assert not np.array_equal(mixed.samples[:, :9000], sound.samples[:, :9000])
