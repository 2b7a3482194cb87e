"""Audio files hold exactly the samples that were written."""

from pathlib import Path

import av
import numpy as np
import pytest

from generators.waveform import Waveform
from service.errors import BadMedia, Incompatible
from service.media.audio_file import write_audio
from service.media.pcm import Dither, quantised
from service.media.reading import read_audio
from service.media.tags import Tags
from tests.service.clips import tone

TAGS = Tags("Sea", 7, "mini 1")


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
@pytest.mark.parametrize(("bits", "error"), [(24, 2**-23), (16, 2**-14)])
def test_lossless_files_give_back_every_sample(tmp_path: Path, suffix: str, bits: int, error: float) -> None:
    music = tone(1.2345)
    write_audio(tmp_path / f"a{suffix}", music, TAGS, bits=bits)
    again = read_audio(tmp_path / f"a{suffix}", sample_rate=44100)
    assert again.samples.shape == music.samples.shape
    assert np.abs(again.samples - music.samples).max() <= error


@pytest.mark.parametrize(("suffix", "rate"), [(".mp3", 44100), (".ogg", 48000), (".opus", 44100)])
def test_lossy_files_are_as_long_and_sound_the_same(tmp_path: Path, suffix: str, rate: int) -> None:
    music = tone(2.5, rate)
    write_audio(tmp_path / f"a{suffix}", music, TAGS)
    again = read_audio(tmp_path / f"a{suffix}", sample_rate=rate).samples
    size = music.samples.shape[1]
    assert abs(again.shape[1] - size) <= 1
    inside = slice(4000, size - 4000)
    assert np.corrcoef(again[0, inside], music.samples[0, inside])[0, 1] > 0.999


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".ogg"])
def test_the_same_music_makes_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    for name in ("a", "b"):
        write_audio(tmp_path / f"{name}{suffix}", tone(0.5), TAGS, bits=16)
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".ogg"])
def test_tags_say_what_made_it_and_from_which_seed(tmp_path: Path, suffix: str) -> None:
    write_audio(tmp_path / f"a{suffix}", tone(0.5), TAGS)
    with av.open(str(tmp_path / f"a{suffix}")) as container:
        found = container.metadata | container.streams.audio[0].metadata
    tags = {k.lower(): v for k, v in found.items()}
    assert tags["title"] == "Sea"
    assert "bundle mini 1; seed 7" in tags["comment"]


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Incompatible, match="use one of"):
        write_audio(tmp_path / "a.xyz", tone(0.1), TAGS)


def test_dither_makes_the_mean_error_vanish_between_steps() -> None:
    level = np.full((1, 200_000), 0.3 / 2**15, np.float32)
    plain = quantised(level, bits=16, dither=Dither.NONE, seed=0)
    dithered = quantised(level, bits=16, dither=Dither.TRIANGULAR, seed=0)
    assert plain.mean() == 0
    assert dithered.mean() == pytest.approx(0.3, abs=0.01)


def test_loud_samples_are_clipped_not_wrapped() -> None:
    whole = quantised(np.array([[2.0, -2.0]], np.float32), bits=16, dither=Dither.NONE, seed=0)
    assert whole.tolist() == [[32767, -32768]]


def test_text_named_like_audio_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("hello, this is text")
    with pytest.raises(BadMedia, match="is not audio"):
        read_audio(tmp_path / "a.wav", sample_rate=44100)


def test_a_video_without_sound_is_no_reference(tmp_path: Path) -> None:
    from tests.service.clips import Clip, write_clip

    with pytest.raises(BadMedia, match="no sound"):
        read_audio(write_clip(tmp_path / "v.mp4", Clip(duration_s=0.5)), sample_rate=44100)


def test_mono_is_written_as_mono(tmp_path: Path) -> None:
    write_audio(tmp_path / "a.wav", Waveform(tone(0.2).samples[:1], 44100), TAGS)
    with av.open(str(tmp_path / "a.wav")) as container:
        assert container.streams.audio[0].channels == 1
