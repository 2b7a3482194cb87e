"""Media that were made to do harm end in a typed error or in music; nothing crashes, nothing is fetched."""

import io
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from encoders.errors import EncoderError, MediaTooLarge, UnreadableMedia
from encoders.features import Features
from encoders.frames import read_frames
from encoders.image import encode_image
from service.errors import BadMedia, ServiceError
from service.failure import Failure, failure_of
from service.media.audio_file import write_audio
from service.media.mux import mux
from service.media.reading import read_audio
from service.media.tags import Tags
from tests.service.bad_media import (
    apng,
    png_claiming,
    png_with_text_bomb,
    write_changing_size,
    write_huge_picture,
    write_many_frames,
    write_mutants,
    write_no_frames,
    write_sound_only,
)
from tests.service.clips import tone

SEED, EACH = 20_261_121, 50  # of four containers
WITH_SOUND = {".mp4", ".mkv"}
AT_ONCE = 2


def test_two_hundred_damaged_videos_end_in_frames_or_a_typed_error(tmp_path: Path) -> None:
    music, made = tone(1.0), tmp_path / "made"
    made.mkdir()

    def fate(path: Path) -> Failure | None:
        """What a worker does with a video: look at it, lay music under its pictures, hear its sound; None: all well."""
        try:
            assert read_frames(path).rgb.size
            mux(path, music, made / f"{path.stem}{path.suffix}.mp4", Tags("x", 0, "tests"))
            if path.suffix in WITH_SOUND:
                read_audio(path, sample_rate=44100)
        except (EncoderError, ServiceError) as exc:
            return failure_of(exc)
        return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        fates = Counter(pool.map(fate, write_mutants(tmp_path, EACH, SEED)))
    assert fates.total() == 200
    assert {(end.status, end.retryable) for end in fates if end is not None} <= {(422, False), (413, False)}
    assert fates[None] > 20  # the damage is not such that everything is refused at the door
    assert fates[None] < 180


@pytest.mark.parametrize(
    ("name", "write", "error", "message"),
    [
        ("huge.avi", write_huge_picture, MediaTooLarge, "picture of 16384x8192"),
        ("sound.mp4", write_sound_only, UnreadableMedia, "no picture in it"),
        ("none.mkv", write_no_frames, UnreadableMedia, "none.mkv"),
        ("day.mp4", lambda path: write_many_frames(path, 86_400, 1), MediaTooLarge, "86400 s long"),
        ("fast.mp4", lambda path: write_many_frames(path, 200_000, 2_000), MediaTooLarge, "frames a second"),
    ],
)
def test_an_odd_video_is_refused_before_a_frame_is_decoded(
    tmp_path: Path, name: str, write: Callable[[Path], Path], error: type[EncoderError], message: str
) -> None:
    with pytest.raises(error, match=message):
        read_frames(write(tmp_path / name))


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi"])
def test_a_video_that_changes_its_size_gives_frames_of_one_size(tmp_path: Path, suffix: str) -> None:
    frames = read_frames(write_changing_size(tmp_path / f"two.{suffix}"))
    assert (len(frames.rgb), len(frames.times_s)) == (20, 20)


PLAYLISTS = {
    "m3u8": b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n%s\n#EXT-X-ENDLIST\n",
    "concat": b"ffconcat version 1.0\nfile '%s'\n",
    "dash": b'<?xml version="1.0"?><MPD><Period><BaseURL>%s</BaseURL></Period></MPD>',
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="%s"/></svg>',
    "sdp": b"v=0\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\na=%s\n",
}
DISGUISES = {"plain": b"", "ID3": b"ID3\x03\x00\x00\x00\x00\x00\x00", "fLaC": b"fLaC\n", "FLV": b"FLV\x01\n"}


@pytest.mark.parametrize("disguise", list(DISGUISES))
@pytest.mark.parametrize("playlist", list(PLAYLISTS))
def test_a_list_of_other_files_opens_none_of_them(tmp_path: Path, playlist: str, disguise: str) -> None:
    other = tmp_path / "other.wav"
    write_audio(other, tone(1.0), Tags("other", 0, "tests"))
    path = tmp_path / "clip.mp4"
    path.write_bytes(DISGUISES[disguise] + PLAYLISTS[playlist] % str(other).encode())
    with pytest.raises(BadMedia):
        read_audio(path, sample_rate=44100)
    with pytest.raises(UnreadableMedia, match="not a video"):
        read_frames(path)


def saved(picture: Image.Image, kind: str, **more: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **more)  # type: ignore[arg-type]
    return file.getvalue()


def exif_bomb() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "x" * 60_000
    return saved(Image.new("RGB", (8, 8)), "jpeg", exif=exif)


GRADIENT = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)


@pytest.mark.parametrize(
    "data",
    [
        saved(Image.new("CMYK", (64, 64), (10, 20, 30, 40)), "jpeg"),
        saved(Image.fromarray(GRADIENT), "png"),
        saved(Image.new("LA", (64, 64), (9, 9)), "png"),
        saved(Image.new("P", (64, 64)), "png", transparency=0),
        saved(Image.new("1", (1, 4_000)), "png"),
        apng(2_000),
        exif_bomb(),
    ],
    ids=["CMYK", "16 bits", "grey with holes", "palette", "a line", "APNG", "EXIF"],
)
def test_an_odd_image_is_described_like_any_other(tmp_path: Path, data: bytes) -> None:
    features = described(tmp_path, data)
    assert np.isfinite(features.vectors).all()


def described(folder: Path, data: bytes) -> Features:
    (folder / "odd.png").write_bytes(data)
    return encode_image(folder / "odd.png")


@pytest.mark.parametrize(
    "data",
    [png_claiming(60_000, 60_000), png_claiming(2**31 - 1, 2**31 - 1), png_claiming(25_000_001, 1)],
    ids=["60k x 60k", "largest", "a long line"],
)
def test_an_image_that_claims_too_many_pixels_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(MediaTooLarge, match="25 megapixels"):
        described(tmp_path, data)


def test_a_bomb_of_text_in_an_image_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia):
        described(tmp_path, png_with_text_bomb())
