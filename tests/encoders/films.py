"""Small films with known cuts, made while the tests run."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]


def texture(seed: int, height: int = 96, width: int = 240) -> Rgb:
    """A smooth random picture with a colour of its own."""
    source = np.random.default_rng(seed)
    coarse = source.uniform(0.0, 1.0, (height // 12, width // 12, 3))
    fine = np.kron(coarse, np.ones((12, 12, 1)))[:height, :width]
    colour = np.array([(seed * 0.37) % 1.0, (seed * 0.61 + 0.3) % 1.0, (seed * 0.83 + 0.6) % 1.0])
    return np.asarray(np.clip(255 * (0.45 * fine + 0.55 * colour), 0, 255), dtype=np.uint8)


def shots(lengths: Sequence[int], *, pan: float = 0.0, height: int = 96, width: int = 160) -> list[Rgb]:
    """Frames of shots one after the other, each a texture that pans by `pan` pixels a frame."""
    frames = []
    for number, length in enumerate(lengths):
        wide = texture(number + 1, height, width + 240)
        for index in range(length):
            left = int(index * pan) % 240
            frames.append(np.ascontiguousarray(wide[:, left : left + width]))
    return frames


def write_film(
    path: Path,
    frames: Sequence[Rgb],
    *,
    rate: int = 25,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    pts: Sequence[int] | None = None,
    rotation: int = 0,
) -> Path:
    """Write frames to `path`; `pts` in ticks of 1/`rate` s give a variable frame rate, `rotation` is in degrees."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, rate)
        if rotation:
            stream.set_display_rotation(rotation)
        for index, rgb in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame.pts = index if pts is None else pts[index]
            frame.time_base = Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_sound(path: Path) -> Path:
    """Write a second of silence without a picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44_100)
        assert isinstance(stream, av.AudioStream)
        for block in _silence():
            container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    return path


def _silence() -> Iterator[av.AudioFrame]:
    for index in range(44):
        block = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        block.sample_rate = 44_100
        block.pts = index * 1024
        yield block
