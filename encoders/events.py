"""What happens in a video when: shot cuts, motion onsets, and curves of motion, light and colour."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from encoders.cuts import CutConfig, detect_cuts
from encoders.features import Events, Frames, ShotCut
from encoders.motion import MotionConfig, measure_speeds, motion_curve, motion_onsets

_BLOCK = 256


@dataclass(frozen=True)
class EventConfig:
    """Curves have `grid_rate` points a second and are smoothed over `smooth_s` seconds, never across a cut."""

    grid_rate: float = 10.0
    smooth_s: float = 0.3
    cuts: CutConfig = field(default_factory=CutConfig)
    motion: MotionConfig = field(default_factory=MotionConfig)


@dataclass(frozen=True)
class _Light:
    """Means of each frame [S], in 0..1."""

    brightness: NDArray[np.float64]
    warmth: NDArray[np.float64]
    saturation: NDArray[np.float64]


def analyse(frames: Frames, config: EventConfig | None = None) -> Events:
    """Return what happens when in the frames of a video."""
    settings = config or EventConfig()
    cuts = detect_cuts(frames, settings.cuts)
    n_points = max(2, round(frames.duration_s * settings.grid_rate) + 1)
    grid_s = np.linspace(0.0, max(frames.duration_s, 1.0 / settings.grid_rate), n_points)
    jumps_s = np.array([cut.time_s for cut in cuts if cut.kind != "fade"], dtype=np.float64)
    speeds = measure_speeds(frames, jumps_s, settings.motion)
    light = _light(frames.rgb)

    def on_grid(curve: NDArray[np.float64]) -> NDArray[np.float64]:
        return _smoothed(np.interp(grid_s, frames.times_s, curve), grid_s, cuts, settings.smooth_s)

    motion = _smoothed(motion_curve(speeds, grid_s, settings.motion), grid_s, cuts, settings.smooth_s)
    return Events(
        times_s=grid_s,
        cuts=cuts,
        motion_onsets_s=_away_from(motion_onsets(motion, grid_s, settings.motion), jumps_s),
        motion=motion,
        brightness=on_grid(light.brightness),
        warmth=on_grid(light.warmth),
        saturation=on_grid(light.saturation),
    )


def _light(rgb: NDArray[np.uint8]) -> _Light:
    """Return luma (BT.709), red against blue (0.5 neutral) and HSV saturation, a block of frames at a time."""
    rows: list[NDArray[np.float64]] = []
    for start in range(0, len(rgb), _BLOCK):
        block = rgb[start : start + _BLOCK, ::2, ::2]
        red, green, blue = (block[..., channel].astype(np.float32) / np.float32(255.0) for channel in range(3))
        luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        top, bottom = (pick(pick(red, green), blue) for pick in (np.maximum, np.minimum))  # not along an axis of three
        saturation = (top - bottom) / np.maximum(top, 1e-3)
        means = [part.mean(axis=(1, 2)) for part in (luma, 0.5 + 0.5 * (red - blue), saturation)]
        rows.append(np.stack(means, axis=-1).astype(np.float64))
    table = np.clip(np.concatenate(rows), 0.0, 1.0)
    return _Light(table[:, 0], table[:, 1], table[:, 2])


def _smoothed(
    curve: NDArray[np.float64], grid_s: NDArray[np.float64], cuts: tuple[ShotCut, ...], width_s: float
) -> NDArray[np.float64]:
    """Return the curve smoothed within each shot: what a cut changes at once, stays changed at once."""
    from scipy.ndimage import gaussian_filter1d

    step_s = float(grid_s[1] - grid_s[0])
    edges = np.searchsorted(grid_s, [cut.time_s - 1e-9 for cut in cuts if cut.kind == "cut"])
    shots = np.split(np.asarray(curve, dtype=np.float64), edges)
    parts = [gaussian_filter1d(shot, width_s / step_s, mode="nearest") if len(shot) else shot for shot in shots]
    joined: NDArray[np.float64] = np.asarray(np.concatenate(parts), dtype=np.float64)
    np.clip(joined, 0.0, 1.0, out=joined)
    return joined


def _away_from(onsets_s: NDArray[np.float64], jumps_s: NDArray[np.float64], gap_s: float = 0.25) -> NDArray[np.float64]:
    """Return the onsets that no cut explains."""
    if not len(jumps_s):
        return onsets_s
    nearest_s = np.min(np.abs(onsets_s[:, None] - jumps_s[None, :]), axis=1)
    return np.asarray(onsets_s[nearest_s > gap_s], dtype=np.float64)
