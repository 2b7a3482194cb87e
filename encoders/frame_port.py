"""The frame port: what is asked of a frame reader, what it answers, and the limits that guard it."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class MediaLimits:
    """What a video may be before a single frame of it is decoded, and what its decoding may cost."""

    codecs: tuple[str, ...] = ("h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "prores", "mjpeg", "ffv1")
    max_side_px: int = 4096
    max_pixels: int = 16_800_000
    max_duration_s: float = 600.0
    max_fps: float = 120.0
    max_streams: int = 8
    max_result_bytes: int = 160_000_000
    memory_bytes: int = 1_500_000_000
    cpu_s_floor: int = 30
    wall_s: float = 900.0


@dataclass(frozen=True)
class FrameRequest:
    """Which frames: at most `sample_fps` a second (None: as many as cuts need), `short_side` px or less."""

    sample_fps: float | None = None
    short_side: int = 72
    reader: str = "pyav"
    every_frame: bool = False


@dataclass(frozen=True)
class VideoInfo:
    """What the container and its packets say; `pts_s` [S] are the sorted presentation times from the first frame on.

    `key_pts` are the keyframes' times in stream ticks; `start_pts` is the first frame's; `tick_s` is one tick.
    """

    demuxer: str
    codec: str
    width: int
    height: int
    fps: float
    duration_s: float
    has_audio: bool
    start_pts: int
    tick_s: float
    pts_s: NDArray[np.float64]
    key_pts: tuple[int, ...]


@dataclass(frozen=True)
class Picture:
    """Small upright frames in order: `rgb` uint8 [S H W 3] at `times_s` [S] from the first frame on.

    `turns` says how many quarter turns (counter-clockwise) made them upright, as phones ask for.
    """

    rgb: NDArray[np.uint8]
    times_s: NDArray[np.float64]
    turns: int = 0


class FrameReader(Protocol):
    """Decodes the video that lies open at a file descriptor; runs in the decode child only."""

    def read(self, descriptor: int, info: VideoInfo, request: FrameRequest, size: tuple[int, int]) -> Picture:
        """Return frames scaled to `size` (width, height).

        Raises:
            UnreadableMedia: nothing, or less than nine tenths of the video, can be decoded.
        """
        ...


def reduced_size(info: VideoInfo, request: FrameRequest, max_bytes: int) -> tuple[int, int]:
    """Return (width, height) of the reduced frames: even, never larger than the video, all of them in `max_bytes`.

    Long videos shrink to a half and no further: cuts and colours still show at 36 lines.
    """
    short = min(info.width, info.height)
    n_frames = len(info.pts_s)
    if request.sample_fps is not None:
        n_frames = min(n_frames, int(info.duration_s * request.sample_fps) + 1)
    for side in (request.short_side, max(request.short_side // 2, 16)):
        scale = min(1.0, side / short)
        width, height = (max(2, round(length * scale / 2) * 2) for length in (info.width, info.height))
        if n_frames * width * height * 3 <= max_bytes:
            break
    return width, height


def thinning_step_s(info: VideoInfo, request: FrameRequest, size: tuple[int, int], max_bytes: int) -> float:
    """Return the least time between kept frames: 0 keeps all; more where `sample_fps` or `max_bytes` asks for it."""
    asked_s = 0.0 if request.sample_fps is None else 1.0 / request.sample_fps
    room = max(1, max_bytes // (size[0] * size[1] * 3))
    return max(asked_s, info.duration_s / room if len(info.pts_s) > room else 0.0)
