"""The frame port: one contract for both readers, and clear errors for media that cannot be read."""

from pathlib import Path

import numpy as np
import pytest

from encoders.errors import MediaTooLarge, UnreadableMedia
from encoders.frame_port import MediaLimits
from encoders.frames import read_frames
from tests.encoders.films import shots, write_film, write_sound

READERS = ("pyav", "decord")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", shots([30, 20]))


@pytest.mark.parametrize("reader", READERS)
def test_frames_describe_the_source_and_shrink_it(film: Path, reader: str) -> None:
    frames = read_frames(film, reader=reader, short_side=48)
    assert (frames.width, frames.height, frames.fps, frames.n_frames) == (160, 96, 25.0, 50)
    assert frames.duration_s == pytest.approx(2.0)
    assert frames.rgb.shape[1:] == (48, 80, 3)
    assert not frames.has_audio


@pytest.mark.parametrize("reader", READERS)
def test_times_start_at_zero_and_rise(film: Path, reader: str) -> None:
    times_s = read_frames(film, reader=reader).times_s
    assert times_s[0] == 0.0
    assert np.all(np.diff(times_s) > 0)
    assert np.allclose(times_s * 25, np.round(times_s * 25), atol=1e-6)


@pytest.mark.parametrize("reader", READERS)
def test_a_sample_rate_thins_frames_evenly(film: Path, reader: str) -> None:
    times_s = read_frames(film, reader=reader, sample_fps=5.0).times_s
    assert len(times_s) == 10
    assert np.all(np.abs(times_s - np.arange(10) / 5.0) <= 2 / 25 + 1e-6)


@pytest.mark.parametrize("reader", READERS)
def test_a_short_film_at_one_frame_a_second_is_not_taken_for_a_damaged_one(film: Path, reader: str) -> None:
    times_s = read_frames(film, reader=reader, sample_fps=1.0).times_s
    assert np.allclose(times_s, [0.0, 1.0], atol=2 / 25 + 1e-6)


@pytest.mark.parametrize("reader", READERS)
def test_pixels_are_those_of_the_film_in_rgb(tmp_path: Path, reader: str) -> None:
    red = np.zeros((64, 96, 3), np.uint8)
    red[..., 0] = 200
    frames = read_frames(write_film(tmp_path / "red.mp4", [red] * 5), reader=reader)
    assert np.abs(frames.rgb.mean(axis=(0, 1, 2)) - [200, 0, 0]).max() < 8


@pytest.mark.parametrize("reader", READERS)
def test_a_variable_frame_rate_keeps_its_true_times(tmp_path: Path, reader: str) -> None:
    pts = [0, 1, 2, 10, 11, 30, 31, 32, 33, 60]
    film = write_film(tmp_path / "slow.mp4", shots([5, 5]), pts=pts, options={"bf": "0"})
    assert np.allclose(read_frames(film, reader=reader).times_s, np.array(pts) / 25.0, atol=1e-3)


@pytest.mark.parametrize("reader", READERS)
def test_a_film_that_starts_late_is_told_from_its_first_frame(tmp_path: Path, reader: str) -> None:
    film = write_film(tmp_path / "late.mkv", shots([10]), pts=list(range(40, 50)), options={"bf": "0"})
    times_s = read_frames(film, reader=reader).times_s
    assert np.allclose(times_s, np.arange(10) / 25.0, atol=2e-3)


@pytest.mark.parametrize("name", ["film.mov", "film.mkv", "film.avi"])
def test_every_allowed_container_is_read(tmp_path: Path, name: str) -> None:
    codec = "mpeg4" if name.endswith("avi") else "libx264"
    assert len(read_frames(write_film(tmp_path / name, shots([8]), codec=codec, options={"bf": "0"})).rgb) == 8


@pytest.mark.parametrize("reader", READERS)
def test_a_film_from_a_phone_held_sideways_is_turned_upright(tmp_path: Path, reader: str) -> None:
    half = np.zeros((96, 160, 3), np.uint8)
    half[:, :80] = 255
    frames = read_frames(write_film(tmp_path / "phone.mp4", [half] * 4, rotation=90), reader=reader)
    top, bottom = np.array_split(frames.rgb[0].astype(np.int16), 2, axis=0)
    assert (frames.width, frames.height) == (96, 160)
    assert frames.rgb.shape[1] > frames.rgb.shape[2]
    assert bottom.mean() > top.mean() + 150


def test_frames_that_no_other_needs_are_skipped_but_never_at_a_cut(tmp_path: Path) -> None:
    steady = {"bf": "3", "x264-params": "keyint=250:scenecut=0:b-adapt=0"}
    film = write_film(tmp_path / "b.mp4", shots([37, 41], pan=0.5), options=steady)
    times_s = read_frames(film).times_s
    assert len(times_s) < 70
    assert {36, 37} <= set(np.round(times_s * 25).astype(int))


def test_text_named_as_a_film_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_text("#EXTM3U\nfile:///somewhere/else.mp4\n")
    with pytest.raises(UnreadableMedia, match=r"film\.mp4: not a video.*send MP4"):
        read_frames(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.touch()
    with pytest.raises(UnreadableMedia, match="empty"):
        read_frames(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia, match=r"none\.mp4: cannot be opened"):
        read_frames(tmp_path / "none.mp4")


def test_sound_without_a_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia, match="no picture"):
        read_frames(write_sound(tmp_path / "sound.mp4"))


@pytest.mark.parametrize("options", [{}, {"movflags": "faststart"}])
@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])
def test_a_film_cut_off_in_the_middle_is_refused(tmp_path: Path, name: str, options: dict[str, str]) -> None:
    whole = write_film(tmp_path / name, shots([40, 40], pan=2.0)).read_bytes()
    path = tmp_path / f"short_{name}"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableMedia, match=r"damaged|cut off"):
        read_frames(path)


def test_a_film_without_frames_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.mkv"
    whole = write_film(tmp_path / "film.mkv", shots([5])).read_bytes()
    path.write_bytes(whole[: whole.index(b"\x1f\x43\xb6\x75")])  # up to the first cluster
    with pytest.raises(UnreadableMedia):
        read_frames(path)


def test_a_picture_over_the_limit_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    wide = np.zeros((16, 8192, 3), np.uint8)
    with pytest.raises(MediaTooLarge, match=r"8192x16; at most 4096 px a side.*scale it down"):
        read_frames(write_film(tmp_path / "wide.mp4", [wide]))


def test_a_picture_over_the_pixel_limit_is_refused(film: Path) -> None:
    with pytest.raises(MediaTooLarge, match="160x96"):
        read_frames(film, limits=MediaLimits(max_pixels=160 * 95))


def test_a_film_over_the_time_limit_is_refused(film: Path) -> None:
    with pytest.raises(MediaTooLarge, match="at most 1 s"):
        read_frames(film, limits=MediaLimits(max_duration_s=1.0))


def test_a_frame_rate_over_the_limit_is_refused(film: Path) -> None:
    with pytest.raises(MediaTooLarge, match="lower the frame rate"):
        read_frames(film, limits=MediaLimits(max_fps=20.0))


def test_a_codec_off_the_list_is_refused(film: Path) -> None:
    with pytest.raises(UnreadableMedia, match="codec h264"):
        read_frames(film, limits=MediaLimits(codecs=("vp9",)))


def test_a_child_out_of_memory_is_an_error_and_not_a_crash(film: Path) -> None:
    with pytest.raises(UnreadableMedia):
        read_frames(film, limits=MediaLimits(memory_bytes=120_000_000))


def test_a_child_out_of_time_is_killed(film: Path) -> None:
    with pytest.raises(MediaTooLarge, match="too long"):
        read_frames(film, limits=MediaLimits(wall_s=0.01))


def test_a_result_too_large_shrinks_and_then_thins(tmp_path: Path) -> None:
    film = write_film(tmp_path / "one.mp4", shots([50]))
    frames = read_frames(film, limits=MediaLimits(max_result_bytes=60 * 36 * 3 * 20))
    assert frames.rgb.shape[1] == 36
    assert frames.rgb.nbytes <= 60 * 36 * 3 * 20


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bytes_give_frames_or_a_clear_error(tmp_path: Path, film: Path, seed: int) -> None:
    data = np.frombuffer(film.read_bytes(), np.uint8).copy()
    source = np.random.default_rng(seed)
    where = source.integers(64, len(data), 30)
    data[where] ^= source.integers(1, 256, 30).astype(np.uint8)
    path = tmp_path / "flipped.mp4"
    path.write_bytes(data.tobytes())
    message = ""
    try:
        n_frames = len(read_frames(path).rgb)
    except UnreadableMedia as exc:
        n_frames, message = 0, str(exc)
    assert n_frames > 0 or message.startswith("flipped.mp4: ")
