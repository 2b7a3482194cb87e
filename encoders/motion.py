"""Motion: how fast the picture moves, by dense optical flow between neighbouring frames, and where movement starts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoders.features import Frames


@dataclass(frozen=True)
class MotionConfig:
    """Speeds in picture heights a second; `half_speed` gives a motion of 0.5."""

    pair_rate: float = 8.0
    flow_lines: int = 48
    half_speed: float = 0.35
    onset_rise: float = 0.12
    onset_gap_s: float = 0.4


@dataclass(frozen=True)
class Speeds:
    """Mean speed [S] of the picture, in picture heights a second, at `times_s` [S]."""

    times_s: NDArray[np.float64]
    speed: NDArray[np.float64]


def measure_speeds(frames: Frames, cut_times_s: NDArray[np.float64], config: MotionConfig) -> Speeds:
    """Return speeds between neighbouring frames, about `pair_rate` pairs a second, none across a cut.

    Flow by dense inverse search (Kroeger et al., 2016, "Fast Optical Flow using Dense Inverse Search").
    """
    import cv2

    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    height, width = frames.rgb.shape[1:3]
    scale = min(1.0, config.flow_lines / height)
    # Dense inverse search needs a few patches to work with: 16 pixels a side at the least.
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    times_s, speeds = [], []
    for left, right in _pairs(frames.times_s, cut_times_s, config.pair_rate):
        grey = [cv2.cvtColor(cv2.resize(frames.rgb[i], size), cv2.COLOR_RGB2GRAY) for i in (left, right)]
        moved = flow.calc(grey[0], grey[1], None)
        pixels = float(np.mean(np.hypot(moved[..., 0], moved[..., 1])))
        times_s.append((frames.times_s[left] + frames.times_s[right]) / 2)
        speeds.append(pixels / size[1] / (frames.times_s[right] - frames.times_s[left]))
    return Speeds(np.array(times_s, dtype=np.float64), np.array(speeds, dtype=np.float64))


def _pairs(times_s: NDArray[np.float64], cuts_s: NDArray[np.float64], rate: float) -> list[tuple[int, int]]:
    pairs = []
    due_s = 0.0
    for index in range(len(times_s) - 1):
        if times_s[index] + 1e-6 < due_s:
            continue
        if np.any((cuts_s > times_s[index] + 1e-6) & (cuts_s <= times_s[index + 1] + 1e-6)):
            continue
        pairs.append((index, index + 1))
        due_s = times_s[index] + 1.0 / rate
    return pairs


def motion_curve(speeds: Speeds, grid_s: NDArray[np.float64], config: MotionConfig) -> NDArray[np.float64]:
    """Return motion in 0..1 on `grid_s`: 0 still, 0.5 at `half_speed`, towards 1 beyond."""
    if not len(speeds.speed):
        return np.zeros(len(grid_s))
    on_grid = np.interp(grid_s, speeds.times_s, speeds.speed)
    return np.asarray(on_grid / (on_grid + config.half_speed), dtype=np.float64)


def motion_onsets(
    motion: NDArray[np.float64], grid_s: NDArray[np.float64], config: MotionConfig
) -> NDArray[np.float64]:
    """Return the times at which motion rises fastest: peaks of its slope that lift it by `onset_rise` or more."""
    from scipy.signal import find_peaks

    if len(grid_s) < 4:
        return np.zeros(0)
    step_s = float(grid_s[1] - grid_s[0])
    rise = np.maximum(np.diff(motion), 0.0)
    # A climb spread over three steps is one onset.
    climb = np.convolve(rise, np.ones(3), mode="same")
    peaks, _ = find_peaks(climb, height=config.onset_rise, distance=max(1, round(config.onset_gap_s / step_s)))
    return np.asarray(grid_s[peaks] + step_s / 2, dtype=np.float64)
