"""Files are known by their first bytes, not by their names, and what is called readable is read."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from encoders.errors import UnreadableMedia
from encoders.frame_port import MediaLimits
from encoders.image import load_image
from encoders.probe import probe
from service.errors import BadInput, BadMedia
from service.media.audio_child import pieces
from service.media.magic import FORMATS, Format, Kind, format_of, format_of_file, kind_of, require
from tests.service.clips import Clip, tone, write_clip


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x00\x00\x00\x18ftypisom", Kind.VIDEO),
        (b"\x00\x00\x00\x18ftypM4A ", Kind.AUDIO),
        (b"\x00\x00\x00\x18ftypavif", Kind.IMAGE),
        (b"RIFF\x00\x00\x00\x00WAVE", Kind.AUDIO),
        (b"RIFF\x00\x00\x00\x00WEBP", Kind.IMAGE),
        (b"RIFF\x00\x00\x00\x00sfbk", None),
        (b"\xff\xd8\xff\xe0", Kind.IMAGE),
        (b"\xff\xfb\x90\x00", Kind.AUDIO),
        (b"\x1a\x45\xdf\xa3", Kind.VIDEO),
        (b"MThd\x00\x00\x00\x06", Kind.MIDI),
        (b"G" + bytes(187) + b"G", Kind.VIDEO),
        (bytes(4) + b"G" + bytes(191) + b"G", Kind.VIDEO),
        (b"#!/bin/sh", None),
        (b"#EXTM3U", None),
        (b"", None),
    ],
)
def test_first_bytes_tell_the_kind(head: bytes, kind: Kind | None) -> None:
    found = format_of(head)
    assert (found and found.kind) is kind


def test_what_is_missing_empty_or_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    for name in ("missing.mp4", "empty.mp4", "."):
        with pytest.raises(BadInput):
            kind_of(tmp_path / name)


def test_the_message_names_what_it_looks_like(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(BadMedia, match="is not video, it looks like image"):
        require(tmp_path / "a.mp4", Kind.VIDEO)


def test_a_format_that_is_not_read_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", Clip(duration_s=0.2), container="flv")
    with pytest.raises(BadMedia, match=r"Flash video is not read here; convert it, .* ffmpeg -i in.flv out.mp4"):
        require(path, Kind.VIDEO)


VIDEOS = {
    ".mp4": ("mp4", "libx264"),
    ".mov": ("mov", "libx264"),
    ".mkv": ("matroska", "libx264"),
    ".webm": ("webm", "libvpx"),
    ".avi": ("avi", "libx264"),
    ".flv": ("flv", "libx264"),
    ".ts": ("mpegts", "libx264"),
    ".mpg": ("mpeg", "mpeg2video"),
    ".ogv": ("ogg", "libvpx"),
    ".wmv": ("asf", "libx264"),
}
SOUNDS = {
    ".wav": ("wav", "pcm_s16le"),
    ".flac": ("flac", "flac"),
    ".mp3": ("mp3", "libmp3lame"),
    ".ogg": ("ogg", "libopus"),
    ".m4a": ("ipod", "aac"),
    ".aiff": ("aiff", "pcm_s16be"),
    ".caf": ("caf", "pcm_s16le"),
}
IMAGES = {
    ".png": "png",
    ".jpg": "jpeg",
    ".webp": "webp",
    ".gif": "gif",
    ".bmp": "bmp",
    ".tiff": "tiff",
    ".avif": "avif",
}


def found_in(path: Path, suffix: str) -> Format:
    """The format of a file under a name that says nothing; its suffix is the one that the file was written for."""
    found = format_of_file(path)
    assert found is not None
    assert found.suffix == suffix
    return found


def is_read(read: Callable[[], object]) -> bool:
    try:
        read()
    except UnreadableMedia:
        return False
    return True


@pytest.mark.parametrize("suffix", list(VIDEOS))
def test_a_video_is_called_readable_exactly_if_the_decode_child_takes_it(tmp_path: Path, suffix: str) -> None:
    container, codec = VIDEOS[suffix]
    path = write_clip(tmp_path / "clip", Clip(duration_s=0.5, codec=codec), container=container)
    with path.open("rb") as file:
        taken = is_read(lambda: probe(file.fileno(), MediaLimits()))
    assert (found_in(path, suffix).kind, taken) == (Kind.VIDEO, not found_in(path, suffix).unread)


@pytest.mark.parametrize("suffix", list(SOUNDS))
def test_every_kind_of_sound_that_is_called_readable_is_read(tmp_path: Path, suffix: str) -> None:
    path = write_sound(tmp_path / "sound", *SOUNDS[suffix])
    found = found_in(path, suffix)
    with path.open("rb") as file:
        samples = np.concatenate(list(pieces(file.fileno(), 44_100, 1.0)), axis=1)
    assert (found.kind, found.unread, np.abs(samples).max() > 0.1) == (Kind.AUDIO, "", True)


@pytest.mark.parametrize("suffix", list(IMAGES))
def test_an_image_is_called_readable_exactly_if_the_encoder_reads_it(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "image"
    Image.new("RGB", (16, 16), (200, 100, 50)).save(path, IMAGES[suffix])
    found = found_in(path, suffix)
    assert (found.kind, is_read(lambda: load_image(path, short_side=8))) == (Kind.IMAGE, not found.unread)


def test_the_table_has_no_row_that_no_file_was_made_for() -> None:
    unseen = {".heic", ".mid"}  # no encoder for the first; the second is read by the score's own tests
    assert {format_.suffix for _, format_ in FORMATS} == {*VIDEOS, *SOUNDS, *IMAGES, *unseen}


def write_sound(path: Path, container: str, codec: str) -> Path:
    """A quarter of a second of a tone."""
    music = tone(0.25, 48_000)
    with av.open(str(path), "w", format=container) as file:
        stream = file.add_stream(codec, rate=48_000, layout="stereo")
        frame = av.AudioFrame.from_ndarray(music.samples, format="fltp", layout="stereo")
        frame.sample_rate = 48_000
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="stereo", rate=48_000)
        fifo = av.AudioFifo()
        for part in resampler.resample(frame):
            fifo.write(part)
        size = stream.codec_context.frame_size or 1024
        while part := fifo.read(size, partial=True):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return path
