"""What the measurement of an adapted engine measures: the telephone is heard, and what is not followed is not told."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks.audio_adapted import band_db, followed, record, rows, telephone
from generators.audio.conditions import FOLLOWED, WIDTHS, Follow
from generators.waveform import Waveform
from tests.benchmarks.audio_world import FRAMES, plucked, small_stage

RATE = 44_100


def test_a_telephone_is_in_its_band_and_mono() -> None:
    random = np.random.default_rng(0)
    noise = Waveform(random.standard_normal((2, RATE)).astype(np.float32), RATE)

    heard = telephone(noise)

    assert band_db(heard) > band_db(noise) + 20.0
    assert np.array_equal(heard.samples[0], heard.samples[1])
    assert 0.3 < np.abs(heard.samples).max() < 0.36


@pytest.mark.parametrize(("hz", "sign"), [(60.0, -1.0), (1000.0, 1.0), (8000.0, -1.0)])
def test_the_band_is_where_voices_are(hz: float, sign: float) -> None:
    tone = np.sin(2.0 * np.pi * hz * np.arange(RATE) / RATE).astype(np.float32)

    assert sign * band_db(Waveform(np.stack([tone, tone]), RATE)) > 40.0


def test_recordings_lie_beside_their_captions(tmp_path: Path) -> None:
    record([plucked(60), plucked(62)], tmp_path / "phone")

    samples, rate = soundfile.read(tmp_path / "phone" / "001.wav")
    assert (samples.shape, rate) == ((FRAMES * 2048, 2), RATE)
    assert (tmp_path / "phone" / "001.txt").read_text() == "note 62 Through an old telephone."


@pytest.mark.parametrize("follow", [Follow.SCORE, Follow.NOTES, Follow.NOTHING])
def test_what_is_not_followed_is_not_told(follow: Follow) -> None:
    told = followed(small_stage(clips=1).engine, plucked(60), follow, frames=FRAMES)

    known = {name for name, mask in zip(WIDTHS, told.masks[0].T, strict=True) if bool(mask.any())}
    assert known & FOLLOWED[Follow.SCORE] <= FOLLOWED[follow]
    assert ("sketch" in known) == (follow is Follow.SCORE)


def test_every_way_is_heard_on_every_clip() -> None:
    stage = small_stage(clips=2)

    table = rows(stage, stage.engine, stage.clips)

    assert [row[0] for row in table][:2] == ["sampled rendering", "the same through the telephone"]
    assert len(table) == 6
    assert table[0][2] == pytest.approx(1.0)
    assert all(isinstance(cell, float) and np.isfinite(cell) for row in table for cell in row[1:])
