"""Describes a video: once a second what it looks like, and how it moves and cuts there."""

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from encoders.descriptors import DESCRIPTOR_NAMES, ENCODER, describe
from encoders.events import analyse
from encoders.features import Events, Features, Frames

if TYPE_CHECKING:
    from encoders.vision import Eyes

MOVEMENT_NAMES: tuple[str, ...] = (
    *("motion_mean", "motion_max", "motion_change", "cut_rate", "cut_weight", "onset_rate"),
    *("brightness_change", "warmth_change"),
)
VIDEO_NAMES: tuple[str, ...] = DESCRIPTOR_NAMES + MOVEMENT_NAMES
_LOOKS_PER_STEP = 2
_RATE_SPAN_S = 5.0


def encode_video(
    frames: Frames, events: Events | None = None, *, step_s: float = 1.0, eyes: "Eyes | None" = None
) -> Features:
    """Return one vector [S D+8] about every `step_s` seconds; the leading D columns are those of an image.

    `events` are analysed here if they are not given. Times are the middles of equal parts of the video, and the frame
    nearest to each is what `eyes` look at: their columns stand between those of an image and those of movement.
    """
    happened = events if events is not None else analyse(frames)
    duration_s = max(frames.duration_s, 1e-3)
    n_steps = max(1, round(duration_s / step_s))
    edges_s = np.linspace(0.0, duration_s, n_steps + 1)
    rows = [
        np.concatenate([_looks(frames, start, end), _movement(happened, start, end)])
        for start, end in pairwise(edges_s)
    ]
    vectors, times_s = np.stack(rows).astype(np.float32), (edges_s[:-1] + edges_s[1:]) / 2
    if eyes is None:
        return Features("video", ENCODER, vectors, times_s)
    seen = eyes.columns([frames.rgb[_nearest(frames, time_s)] for time_s in times_s])
    looks, movement = np.split(vectors, [len(DESCRIPTOR_NAMES)], axis=1)
    return Features("video", eyes.config.encoder, np.concatenate([looks, seen, movement], axis=1), times_s)


def _looks(frames: Frames, start_s: float, end_s: float) -> NDArray[np.float32]:
    """Return the mean descriptors of a few frames spread over the part."""
    wanted_s = start_s + (np.arange(_LOOKS_PER_STEP) + 0.5) / _LOOKS_PER_STEP * (end_s - start_s)
    indices = {_nearest(frames, float(time_s)) for time_s in wanted_s}
    return np.asarray(np.mean([describe(frames.rgb[index]) for index in sorted(indices)], axis=0), dtype=np.float32)


def _nearest(frames: Frames, time_s: float) -> int:
    return int(np.argmin(np.abs(frames.times_s - time_s)))


def _movement(events: Events, start_s: float, end_s: float) -> NDArray[np.float32]:
    inside = (events.times_s >= start_s) & (events.times_s <= end_s)
    if not inside.any():
        inside[np.argmin(np.abs(events.times_s - start_s))] = True
    motion, brightness, warmth = (curve[inside] for curve in (events.motion, events.brightness, events.warmth))
    middle_s = (start_s + end_s) / 2
    # Rates count over a wider span, cut off at the video's ends: a cut says more than its own second.
    span_s = min(float(events.times_s[-1]), middle_s + _RATE_SPAN_S) - max(0.0, middle_s - _RATE_SPAN_S)
    near = [cut for cut in events.cuts if cut.kind == "cut" and abs(cut.time_s - middle_s) <= _RATE_SPAN_S]
    onsets = np.sum(np.abs(events.motion_onsets_s - middle_s) <= _RATE_SPAN_S)
    rates = [count / max(span_s, 1.0) for count in (len(near), sum(cut.weight for cut in near), float(onsets))]
    changes = [float(curve[-1] - curve[0]) for curve in (motion, brightness, warmth)]
    row = [float(motion.mean()), float(motion.max()), changes[0], *(min(1.0, rate) for rate in rates), *changes[1:]]
    return np.array(row, dtype=np.float32)
