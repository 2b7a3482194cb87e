"""Files that were made to do harm, small and made on the spot."""

import io
import struct
import zlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from tests.service.clips import Clip, tone, write_clip

CONTAINERS = {"mp4": "libx264", "mkv": "libx264", "webm": "libvpx", "avi": "mpeg4"}
HEAD_BYTES = 400  # where containers say what they are


def write_many_frames(path: Path, n_frames: int, rate: int) -> Path:
    """A video of 16x16 pixels whose one coded frame comes again and again."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        assert isinstance(stream, av.VideoStream)
        stream.width = stream.height = 16
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        frame.pts = 0
        coded = bytes([*stream.encode(frame), *stream.encode(None)][0])
        for number in range(n_frames):
            packet = av.Packet(coded)
            packet.stream, packet.time_base = stream, Fraction(1, rate)
            packet.pts = packet.dts = number
            packet.duration, packet.is_keyframe = 1, True
            container.mux(packet)
    return path


def write_huge_picture(path: Path, width: int = 16384, height: int = 8192) -> Path:
    """An AVI whose container and pictures claim to be so large; nothing of that size is encoded."""
    with av.open(str(path), "w", format="avi") as container:
        stream = container.add_stream("mjpeg", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        for number in range(5):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    data = path.read_bytes()
    for order, told, claimed in (("<II", (64, 48), (width, height)), (">HH", (48, 64), (height, width))):
        assert struct.pack(order, *told) in data
        data = data.replace(struct.pack(order, *told), struct.pack(order, *claimed))
    path.write_bytes(data)
    return path


def write_sound_only(path: Path) -> Path:
    """A second of sound in a container for videos."""
    wave = tone(1.0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=wave.sample_rate, layout="stereo")
        frame = av.AudioFrame.from_ndarray(wave.samples, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = wave.sample_rate, 0, Fraction(1, wave.sample_rate)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_no_frames(path: Path) -> Path:
    """A Matroska file that ends before its first cluster."""
    whole = write_clip(path, Clip(duration_s=0.5, cuts_s=())).read_bytes()
    path.write_bytes(whole[: whole.index(b"\x1f\x43\xb6\x75")])
    return path


def write_changing_size(path: Path) -> Path:
    """Two videos of different sizes, one after the other in one stream."""
    streams = []
    for width, height in ((160, 96), (320, 192)):
        with av.open(io.BytesIO(), "w", format="matroska") as container:
            stream = container.add_stream("mpeg4", rate=25)
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            frames = [np.full((height, width, 3), 20 * n, np.uint8) for n in range(10)]
            coded = [p for f in frames for p in stream.encode(av.VideoFrame.from_ndarray(f, format="rgb24"))]
            streams.append([bytes(p) for p in (*coded, *stream.encode(None))])
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for number, data in enumerate(data for coded_stream in streams for data in coded_stream):
            packet = av.Packet(data)
            packet.stream, packet.time_base = stream, Fraction(1, 25)
            packet.pts = packet.dts = number
            packet.is_keyframe = number in {0, 10}
            container.mux(packet)
    return path


def write_mutants(folder: Path, each: int, seed: int) -> Iterator[Path]:
    """Damaged copies of one small video of each container: bits turned, pieces cut out, doubled, overwritten, cut off.

    The first bytes stay, so that the files are taken for what they were; the same seed makes the same files.
    """
    chance = np.random.default_rng(seed)
    for suffix, codec in CONTAINERS.items():
        clip = Clip(duration_s=1.0, cuts_s=(0.5,), codec=codec, sound=suffix in {"mp4", "mkv"})
        whole = write_clip(folder / f"whole.{suffix}", clip).read_bytes()
        for number in range(each):
            path = folder / f"mutant-{number}.{suffix}"
            path.write_bytes(mutated(whole, number, chance))
            yield path


def mutated(whole: bytes, number: int, chance: np.random.Generator) -> bytes:
    """One damaged copy; the kind of damage follows from its number, everything else from chance."""
    data = np.frombuffer(whole, np.uint8).copy()
    start, end = sorted(int(place) for place in chance.integers(16, len(data), 2))
    match number % 6:
        case 0:  # bits anywhere
            places = chance.integers(16, len(data), 4)
            data[places] ^= np.uint8(1) << chance.integers(0, 8, 4).astype(np.uint8)
        case 1:  # bytes of the head
            places = chance.integers(16, min(HEAD_BYTES, len(data)), 2)
            data[places] = chance.integers(0, 256, 2).astype(np.uint8)
        case 2:  # bytes of the tail, where MP4 has its index
            places = len(data) - 1 - chance.integers(0, min(1_500, len(data) - 16), 2)
            data[places] = chance.integers(0, 256, 2).astype(np.uint8)
        case 3:
            return whole[:end]
        case 4:
            return whole[:start] + whole[end:]
        case _:
            return whole[:end] + whole[start:]
    return data.tobytes()


def png_claiming(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(100))) + _chunk(b"IEND")


def png_with_text_bomb() -> bytes:
    """A small PNG with 200 MB of text in it, compressed."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "png")
    plain = file.getvalue()
    bomb = _chunk(b"zTXt", b"comment\0\0" + zlib.compress(bytes(200_000_000), 1))
    return plain[:33] + bomb + plain[33:]


def apng(n_frames: int) -> bytes:
    """An animation of many small pictures."""
    file = io.BytesIO()
    pictures = [Image.new("RGB", (4, 4), (n % 256, n // 256, 0)) for n in range(n_frames)]
    pictures[0].save(file, "png", save_all=True, append_images=pictures[1:])
    return file.getvalue()


def _chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
