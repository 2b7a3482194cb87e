"""A user's recordings for the flow: latents, and points of sound and caption; the score is never told."""

import argparse
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from generators.audio.windows import WINDOW
from tests.generators.audio.worlds import CHANNELS, LevelCodec
from tests.training.audio.recorded import CLIP_S, music, write
from training.audio.flow import ClipSampler
from training.audio.latents import Told
from training.audio.pool import CLIP_SAMPLES
from training.audio.recorded import Heard, clips, heard
from training.audio.recordings import BadRecordings, Recorded, Recordings

Floats = NDArray[np.float32]
HEARD, READ = np.array([1.0, 0.0, 0.0], np.float32), np.array([0.0, 0.6, 0.8], np.float32)


class FakeEars:
    """Hears one thing in every sound and reads one thing in every caption; counts what it was asked."""

    def __init__(self) -> None:
        self.listened, self.read = 0, 0

    def embed_audio(self, samples: Floats, sample_rate: int) -> Floats:
        assert samples.shape == (2, CLIP_SAMPLES)
        assert sample_rate == 44_100
        self.listened += 1
        return HEARD

    def embed_text(self, vectors: Floats) -> Floats:
        assert vectors.shape[1] == 384
        self.read += 1
        return READ


def recordings(*captions: str) -> Recordings:
    """A clip for each caption, of another steady level each."""
    levels = np.arange(1, len(captions) + 1, dtype=np.int16)[:, None, None]
    origins = tuple(Recorded(f"{i}.wav", 0.0, caption) for i, caption in enumerate(captions))
    return Recordings(np.broadcast_to(1000 * levels, (len(captions), 2, CLIP_SAMPLES)), origins)


def told(*captions: str) -> list[Told]:
    found = heard(recordings(*captions), LevelCodec(), FakeEars())
    assert found is not None
    return found.told()


def test_a_clip_with_a_caption_is_told_its_sound_or_its_caption_half_of_the_time_each() -> None:
    made = told("slow strings", "")

    points = {
        i: [t.clap.astype(np.float32) for t in made if t.sound[0, 0, 0] == level]
        for i, level in enumerate(np.float16(1000 * n / 32_767) for n in (1, 2))
    }

    assert len(made) == 4
    assert np.allclose(points[0], [HEARD, READ], atol=1e-3)
    assert np.allclose(points[1], [HEARD, HEARD], atol=1e-3)


def test_clips_are_latents_of_whole_windows() -> None:
    (first, _) = told("")

    assert first.sound.shape == (3, WINDOW, CHANNELS)
    assert np.allclose(first.sound, 1000 / 32_767, atol=1e-4)


def test_draws_tell_points_and_sound_in_its_place_but_nothing_of_a_score() -> None:
    sampler = ClipSampler(told("slow strings", "loud drums"))

    x_1, drawn = sampler.draw(200, np.random.default_rng(0))

    given = drawn.clap.abs().sum((1, 2)) > 0
    said = (drawn.clap @ drawn.clap.new_tensor(READ)).mean(1) > 0.5
    assert x_1.shape == (200, WINDOW, CHANNELS)
    assert not drawn.values.any()
    assert not drawn.masks.any()
    assert 0.7 < given.float().mean() < 0.95
    assert 0.35 < said[given].float().mean() < 0.65
    assert drawn.kinds[..., 0].any()
    assert not drawn.kinds[..., 1].any()


def test_a_caption_is_read_once_however_many_clips_have_it() -> None:
    ears = FakeEars()

    heard(recordings("slow strings", "slow strings", "loud drums"), LevelCodec(), ears)

    assert (ears.listened, ears.read) == (3, 2)


def test_a_caption_without_words_names_its_recording() -> None:
    with pytest.raises(BadRecordings, match=r"caption of 1\.wav.*no words"):
        heard(recordings("", "..."), LevelCodec(), FakeEars())


def test_clips_shorter_than_a_window_are_refused() -> None:
    short = np.zeros((2, WINDOW - 1, CHANNELS), np.float16)

    with pytest.raises(BadRecordings, match=f"{WINDOW - 1} latents are too short.*{WINDOW}"):
        Heard(short, short[:, 0], short[:, 0])


@pytest.fixture
def asked(tmp_path: Path) -> argparse.Namespace:
    """A folder of two recordings, and files that stand for a codec and a CLAP."""
    for n, caption in enumerate(("slow strings", "loud drums")):
        write(tmp_path / "mine" / f"{n}.wav", music(CLIP_S, seed=n))
        (tmp_path / "mine" / f"{n}.txt").write_text(caption)
    (tmp_path / "codec").mkdir()
    for path in (tmp_path / "codec" / "codec.safetensors", tmp_path / "clap.safetensors"):
        path.write_text("weights")
    return argparse.Namespace(
        audio=tmp_path / "mine",
        pool=tmp_path / "runs" / "pool",
        codec=tmp_path / "codec",
        clap=tmp_path / "clap.safetensors",
    )


def test_another_recording_is_held_out(asked: argparse.Namespace) -> None:
    train, held_out = clips(asked, LevelCodec(), FakeEars())

    assert len(train) == len(held_out) == 2
    assert not np.array_equal(train[0].sound, held_out[0].sound)


def test_what_was_encoded_is_read_again_until_codec_or_clap_change(asked: argparse.Namespace) -> None:
    ears = FakeEars()
    first, _ = clips(asked, LevelCodec(), ears)

    again, _ = clips(asked, LevelCodec(), ears)
    assert ears.listened == 2
    (asked.codec / "codec.safetensors").write_text("other weights")
    clips(asked, LevelCodec(), ears)

    assert ears.listened == 4
    assert all(np.array_equal(getattr(a, n), getattr(b, n)) for a, b in zip(first, again, strict=True) for n in vars(a))


def test_a_single_recording_is_measured_on_as_well(
    asked: argparse.Namespace, capsys: pytest.CaptureFixture[str]
) -> None:
    (asked.audio / "1.wav").unlink()

    train, held_out = clips(asked, LevelCodec(), FakeEars())

    assert train is held_out
    assert "nothing is held out" in capsys.readouterr().out


def test_a_folder_of_silence_or_of_nothing_is_refused(asked: argparse.Namespace) -> None:
    write(asked.audio / "0.wav", music(CLIP_S, level=0.0))
    (asked.audio / "1.wav").unlink()
    with pytest.raises(BadRecordings, match="1 silent"):
        clips(asked, LevelCodec(), FakeEars())
    (asked.audio / "0.wav").unlink()
    with pytest.raises(BadRecordings, match="no recordings"):
        clips(asked, LevelCodec(), FakeEars())
