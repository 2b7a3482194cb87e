"""Shot cuts: PySceneDetect's detectors on our frames, flashes told apart from cuts, fades through black found."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoders.features import Frames, ShotCut


@dataclass(frozen=True)
class CutConfig:
    """Thresholds: `min_change` in PySceneDetect's units (mean change of hue, saturation, value), the rest of RGB.

    `min_rgb_change` keeps out dark and grey pictures, whose hue jumps about while nothing is to be seen.
    """

    adaptive_ratio: float = 3.0
    min_change: float = 12.0
    min_rgb_change: float = 7.0
    full_weight_change: float = 60.0
    flash_frames: int = 6
    flash_return: float = 0.35
    black_level: int = 12
    merge_s: float = 0.2


@dataclass(frozen=True)
class _Change:
    """A jump between frame `index - 1` and frame `index`."""

    index: int
    size: float


def detect_cuts(frames: Frames, config: CutConfig | None = None) -> tuple[ShotCut, ...]:
    """Return cuts, fades and flashes in order of time; a cut's time is that of the first frame of the new shot.

    A flash is a jump whose picture comes back within `flash_frames` frames; it is one event, of kind "flash".
    """
    settings = config or CutConfig()
    if len(frames.rgb) < 2:
        return ()
    jumps, fade_indices = _jumps_and_fades(frames.rgb, frames.fps, settings)
    found = _cuts_and_flashes(frames, jumps, settings)
    hard_s = np.array([cut.time_s for cut in found if cut.kind == "cut"])
    for index in fade_indices:
        time_s = float(frames.times_s[index])
        if not len(hard_s) or np.min(np.abs(hard_s - time_s)) > settings.merge_s:
            found.append(ShotCut(time_s, 0.5, "fade"))
    return tuple(sorted(found, key=lambda cut: cut.time_s))


def _jumps_and_fades(rgb: NDArray[np.uint8], fps: float, config: CutConfig) -> tuple[list[_Change], list[int]]:
    from scenedetect.common import FrameTimecode
    from scenedetect.detectors import AdaptiveDetector, ThresholdDetector

    # One stand-in rate: the detectors count frames, true times are looked up by index afterwards.
    rate = fps if fps > 1.0 else 25.0
    jumps = AdaptiveDetector(config.adaptive_ratio, min_scene_len=1, min_content_val=config.min_change)
    fades = ThresholdDetector(config.black_level, min_scene_len=1, fade_bias=1.0)
    found: list[int] = []
    faded: list[int] = []
    # The adaptive window looks two frames ahead: the last frame is shown twice more, so that a late cut counts.
    for index in range(len(rgb) + 2):
        shown = rgb[min(index, len(rgb) - 1)][:, :, ::-1]
        time = FrameTimecode(index, fps=rate)
        found += [cut.frame_num for cut in jumps.process_frame(time, shown)]
        faded += [cut.frame_num for cut in fades.process_frame(time, shown)]
    changes = [_Change(index, _distance(rgb[index - 1], rgb[index])) for index in found if 0 < index < len(rgb)]
    seen = [change for change in changes if change.size >= config.min_rgb_change]
    return seen, [index for index in faded if 0 < index < len(rgb)]


def _distance(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> float:
    """Return the mean absolute difference of two frames, 0..255."""
    return float(np.mean(np.abs(left.astype(np.int16) - right.astype(np.int16))))


def _cuts_and_flashes(frames: Frames, jumps: list[_Change], config: CutConfig) -> list[ShotCut]:
    found: list[ShotCut] = []
    skip_to = -1
    for jump in jumps:
        if jump.index <= skip_to:
            continue
        back = _return_of(frames, jump, config)
        if back is not None:
            skip_to = back
        weight = float(np.clip(jump.size / config.full_weight_change, 0.1, 1.0))
        found.append(ShotCut(float(frames.times_s[jump.index]), weight, "cut" if back is None else "flash"))
    return found


def _return_of(frames: Frames, jump: _Change, config: CutConfig) -> int | None:
    """Return the index at which the look before the jump is back, None if it is not within a flash's time."""
    before = frames.rgb[jump.index - 1]
    limit_s = frames.times_s[jump.index] + (config.flash_frames + 0.5) / max(frames.fps, 1.0)
    for index in range(jump.index + 1, len(frames.rgb)):
        if frames.times_s[index] > limit_s:
            break
        if _distance(before, frames.rgb[index]) <= config.flash_return * jump.size:
            return index
    return None
