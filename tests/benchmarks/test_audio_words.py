"""What is said of captions alone, and how far sounds lie from music."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.audio_distance import CLAP, NO_TAGGER, TAGGER, Ears, Music, beginning, middle
from benchmarks.audio_sung import played
from benchmarks.audio_words import ALONE, COMPOSED, REAL, SPOILED, told
from encoders.clap import Clap, ClapConfig, ClapNet
from generators.errors import BadWeights
from generators.waveform import Waveform
from tests.benchmarks.audio_world import judges, plucked
from tests.generators.audio.worlds import DIM
from training.evaluation.intervals import Interval

NAMES = (REAL, ALONE, COMPOSED, *SPOILED)


def _said(distances: dict[str, dict[str, float]], *, low: float = 0.1) -> str:
    margins = dict.fromkeys(NAMES, Interval(0.2, low, 0.3))
    return told(dict.fromkeys(NAMES, 0.5), margins, distances, "Judged.", others=9)


def test_every_sound_has_a_row_with_every_distance() -> None:
    distances = {name: {TAGGER: 1.0 + i, CLAP: 0.1 + i} for i, name in enumerate(NAMES)}

    text = _said(distances)

    assert [line.count("|") for line in text.splitlines() if line.startswith("|")] == [6] * (2 + len(NAMES))
    assert f"| {COMPOSED} | 0.500 | 0.200 (0.100 .. 0.300) | 3.00 | 2.10 |" in text
    assert "both raise every distance" in text
    assert "; met." in text


def test_a_judge_that_likes_noise_as_much_as_music_tells_nothing() -> None:
    distances = {name: {TAGGER: 1.0, CLAP: 0.1 + i} for i, name in enumerate(NAMES)}

    text = _said(distances, low=-0.1)

    assert f"| {ALONE} | 0.500 | 0.200 (-0.100 .. 0.300) | not valid | 1.10 |" in text
    assert f"| {REAL} | 0.500 | 0.200 (-0.100 .. 0.300) | 1.00 | 0.100 |" in text
    assert f"{TAGGER} did not rise with both" in text
    assert "**not met**" in text


def test_without_a_tagger_its_distance_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    clap = Clap(ClapNet(ClapConfig(dim=DIM, width=8)), [])

    alone = Ears.of(clap, tmp_path / "none.safetensors")

    assert list(alone.judges) == [CLAP]
    assert NO_TAGGER in alone.said
    assert NO_TAGGER not in judges().said
    assert alone.heard([played(plucked(60))] * 2)[CLAP].shape == (2, DIM)


def test_a_tagger_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "tagger.safetensors").write_text("no weights")

    with pytest.raises(BadWeights, match="tagger"):
        Ears.of(Clap(ClapNet(ClapConfig(dim=DIM, width=8)), []), tmp_path / "tagger.safetensors")


def test_the_same_music_is_near_and_noise_is_far() -> None:
    ears = judges()
    notes = [played(plucked(pitch)) for pitch in range(60, 72)]
    rng = np.random.default_rng(0)
    noise = [Waveform((0.1 * rng.standard_normal((2, 88_200))).astype(np.float32), 44_100) for _ in range(6)]
    music = Music.heard(ears.heard(notes[::2]))

    near, far = music.distances(ears.heard(notes[1::2])), music.distances(ears.heard(noise))

    assert near.keys() == {TAGGER, CLAP}
    assert all(3.0 * near[judge] < far[judge] for judge in near)


def test_stretches_are_as_long_as_they_are_asked_for() -> None:
    ramp = Waveform(np.tile(np.arange(10.0, dtype=np.float32), (2, 1)), 2)

    assert beginning(ramp, 1.5).samples[0].tolist() == [0.0, 1.0, 2.0]
    assert middle(ramp, 2.0).samples[0].tolist() == [3.0, 4.0, 5.0, 6.0]
    assert middle(ramp, 99.0).samples.shape == (2, 10)
