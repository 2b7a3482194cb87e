"""Frames of a video, low resolution, decoded once and shared; the only file that imports decord."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoders.errors import UnreadableMedia
from encoders.features import Frames
from encoders.frame_port import FrameRequest, MediaLimits, Picture, VideoInfo, thinning_step_s

_BATCH = 64
_N_THREADS = 2


class DecordReader:
    """Reads with decord, every frame that is asked for; about twice as slow as `PyavReader`, which skips.

    decord carries an old FFmpeg and reads whole files without limits of its own: it runs in the decode child only,
    on a descriptor, after `probe` has passed the file.
    """

    def __init__(self, limits: MediaLimits) -> None:
        self._limits = limits

    def read(self, descriptor: int, info: VideoInfo, request: FrameRequest, size: tuple[int, int]) -> Picture:
        """Return frames scaled to `size` (width, height); see `FrameReader`."""
        import decord

        from encoders.frames_pyav import quarter_turns

        step_s = thinning_step_s(info, request, size, self._limits.max_result_bytes)
        try:
            video = decord.VideoReader(f"/dev/fd/{descriptor}", width=size[0], height=size[1], num_threads=_N_THREADS)
            times_s = info.pts_s[: len(video)]
            slots = np.arange(len(times_s)) if step_s <= 0 else np.floor(times_s / step_s + 1e-6)
            wanted = np.flatnonzero(np.concatenate([[True], np.diff(slots) > 0]))
            rgb = np.empty((len(wanted), size[1], size[0], 3), dtype=np.uint8)
            for start in range(0, len(wanted), _BATCH):
                rgb[start : start + _BATCH] = video.get_batch(wanted[start : start + _BATCH]).asnumpy()
        except (decord.DECORDError, RuntimeError) as exc:
            raise UnreadableMedia("no frame of it can be decoded; export it again") from exc
        turns = quarter_turns(descriptor, info)
        return Picture(_stood_up(rgb) if turns % 2 else rgb, times_s[wanted], turns)


def _stood_up(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return frames that are upright but squeezed into a lying picture in their true shape.

    decord turns frames by itself, keeps the size that it was given, and fails on most sizes given the other way round.
    """
    import cv2

    height, width = rgb.shape[1:3]
    return np.stack([cv2.resize(frame, (height, width), interpolation=cv2.INTER_AREA) for frame in rgb]).astype(
        np.uint8
    )


def read_frames(
    path: Path,
    *,
    sample_fps: float | None = None,
    short_side: int = 72,
    reader: str = "pyav",
    limits: MediaLimits | None = None,
) -> Frames:
    """Decode the video at `path` in a child process with limits and return its small frames.

    Args:
        path: A local file; it is opened here and handed on as an open file, never as a name.
        sample_fps: At most so many frames a second; None keeps what `encoders.events.analyse` needs.
        short_side: Height of a landscape frame in pixels; halved where a long video would take too much memory.
        reader: "pyav" (fast, current FFmpeg) or "decord".
        limits: What a video may be and cost.

    Raises:
        UnreadableMedia: not a video, damaged, cut off, without a picture.
        MediaTooLarge: over a limit of size, length, frame rate, memory or time.
    """
    from encoders.sandbox import decode

    return decode(Path(path), FrameRequest(sample_fps, short_side, reader), limits or MediaLimits())
