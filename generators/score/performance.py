"""A performance: notes in seconds, ready for the renderer."""

from collections.abc import Mapping
from dataclasses import dataclass

from generators.score.score import Role


@dataclass(frozen=True, slots=True, order=True)
class TimedNote:
    """One note as it sounds: onset and duration in seconds, pitch as in `Note`, velocity 1..127."""

    onset_s: float
    duration_s: float
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Performance:
    """Timed parts by role; the rendered audio is exactly `duration_s` long, and wraps around when `loop`."""

    duration_s: float
    parts: Mapping[Role, tuple[TimedNote, ...]]
    loop: bool = False
