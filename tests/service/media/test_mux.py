"""A muxed video keeps its pictures byte for byte and gets sound of its length."""

from pathlib import Path

import av
import numpy as np
import pytest

from service.errors import BadMedia, Incompatible
from service.media.duck import DuckConfig, duck_gain, ducked_under
from service.media.mux import mux
from service.media.probe import probe
from service.media.reading import read_audio
from service.media.tags import Tags
from tests.service.clips import Clip, burst, tone, write_clip

TAGS = Tags("Sea", 7, "mini 1")


def pictures(path: Path) -> list[tuple[float, bytes]]:
    with av.open(str(path)) as container:
        return [(float(p.pts * p.time_base), bytes(p)) for p in container.demux(video=0) if p.dts is not None]


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_the_pictures_are_copied_and_the_sound_is_as_long(tmp_path: Path, suffix: str) -> None:
    video = write_clip(tmp_path / "v.mp4", Clip(sound=True))
    mux(video, tone(4.0), tmp_path / f"o{suffix}", TAGS)
    assert pictures(tmp_path / f"o{suffix}") == pictures(video)
    with av.open(str(tmp_path / f"o{suffix}")) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert len(container.streams.audio) == 1
        seconds = [float(s.duration * s.time_base) for s in (picture, sound)]
        assert seconds[0] == pytest.approx(seconds[1], abs=1 / 24)


def test_the_sound_starts_with_the_picture(tmp_path: Path) -> None:
    mux(write_clip(tmp_path / "v.mp4"), tone(4.0), tmp_path / "o.mp4", TAGS)
    again = read_audio(tmp_path / "o.mp4", sample_rate=44100).samples[:, :170_000]
    assert np.abs(again - tone(4.0).samples[:, :170_000]).max() < 0.02


def test_the_same_music_makes_the_same_file(tmp_path: Path) -> None:
    video = write_clip(tmp_path / "v.mp4")
    for name in ("a.mp4", "b.mp4"):
        mux(video, tone(4.0), tmp_path / name, TAGS)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_a_codec_that_the_container_does_not_know_is_named(tmp_path: Path) -> None:
    video = write_clip(tmp_path / "v.webm", Clip(duration_s=0.5, codec="libvpx-vp9"))
    with pytest.raises(Incompatible, match="vp9"):
        mux(video, tone(0.5), tmp_path / "o.mov", TAGS)


def test_a_truncated_video_is_refused(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "v.mp4").read_bytes()
    (tmp_path / "half.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadMedia, match="damaged or cut short"):
        mux(tmp_path / "half.mp4", tone(4.0), tmp_path / "o.mp4", TAGS)


def test_a_probe_says_what_a_file_holds(tmp_path: Path) -> None:
    seen = probe(write_clip(tmp_path / "v.mp4", Clip(sound=True)))
    assert (seen.video_codec, seen.audio_codec, seen.fps) == ("h264", "aac", 24.0)


def test_music_steps_back_where_the_video_speaks_and_nowhere_else() -> None:
    gain = duck_gain(burst(6.0), DuckConfig())
    assert gain[: 2 * 44100].min() == pytest.approx(1.0, abs=1e-3)
    assert 20 * np.log10(gain[5 * 44100]) == pytest.approx(-12.0, abs=0.5)


def test_ducking_keeps_the_length_of_the_music_and_all_of_the_original() -> None:
    mixed = ducked_under(burst(2.0), tone(3.0))
    assert mixed.samples.shape == tone(3.0).samples.shape
    lowered = mixed.samples[:, : 2 * 44100] - burst(2.0).samples
    assert np.abs(lowered).max() <= np.abs(tone(3.0).samples).max() + 1e-6
