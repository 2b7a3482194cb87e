"""Small media files made on the spot."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from generators.waveform import Waveform


@dataclass(frozen=True)
class Clip:
    """What a small video is like; colours change at every cut."""

    duration_s: float = 4.0
    fps: int = 24
    width: int = 160
    height: int = 90
    cuts_s: tuple[float, ...] = (1.5, 2.75)
    sound: bool = False
    codec: str = "libx264"


COLOURS = np.array([[200, 60, 40], [30, 90, 200], [240, 230, 90], [20, 20, 30]], np.float64)


def write_clip(path: Path, clip: Clip | None = None, *, container: str | None = None) -> Path:
    """Write a video of moving bars with hard cuts, and with a burst of sound in its second half if asked.

    The suffix says the container, unless one is named by FFmpeg's word for it.
    """
    clip = clip or Clip()
    with av.open(str(path), "w", format=container) as file:
        stream = file.add_stream(clip.codec, rate=clip.fps)
        stream.width, stream.height, stream.pix_fmt = clip.width, clip.height, "yuv420p"
        sound = file.add_stream("aac", rate=44100, layout="stereo") if clip.sound else None
        for i in range(round(clip.duration_s * clip.fps)):
            frame = av.VideoFrame.from_ndarray(_pixels(clip, i), format="rgb24")
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
        if sound is not None:
            frame_of_sound = av.AudioFrame.from_ndarray(burst(clip.duration_s).samples, format="fltp", layout="stereo")
            frame_of_sound.sample_rate, frame_of_sound.pts, frame_of_sound.time_base = 44100, 0, Fraction(1, 44100)
            file.mux(sound.encode(frame_of_sound))
            file.mux(sound.encode(None))
    return path


def burst(duration_s: float, sample_rate: int = 44100) -> Waveform:
    """Silence, then from the middle on a tone in the band of speech."""
    t = np.arange(round(duration_s * sample_rate)) / sample_rate
    tone = 0.3 * np.sin(2 * np.pi * 600 * t) * (t >= duration_s / 2)
    return Waveform(np.stack([tone, tone]).astype(np.float32), sample_rate)


def tone(duration_s: float, sample_rate: int = 44100, hz: float = 220.0) -> Waveform:
    """A stereo sine."""
    t = np.arange(round(duration_s * sample_rate)) / sample_rate
    wave = 0.4 * np.sin(2 * np.pi * hz * t)
    return Waveform(np.stack([wave, 0.5 * wave]).astype(np.float32), sample_rate)


def _pixels(clip: Clip, i: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    shot = sum(i / clip.fps >= c - 1e-9 for c in clip.cuts_s)
    x = np.arange(clip.width)[None, :, None]
    bars = 0.75 + 0.25 * np.sin((x + 3 * i * (shot + 1)) / 9.0)
    pixels = np.broadcast_to(COLOURS[shot % 4] * bars, (clip.height, clip.width, 3))
    return np.ascontiguousarray(pixels.astype(np.uint8))
