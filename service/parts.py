"""What the pipeline needs from encoders and generators, as one port; `composition` builds the real one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from encoders.features import Events, Frames
from generators.score.performance import Performance
from generators.score.plan.brief import Brief, Plan
from generators.score.score import Score
from generators.waveform import Waveform
from schemas.edit import Edit
from schemas.music import FollowName
from schemas.source import Source
from service.sight import Point, Points, Track

if TYPE_CHECKING:
    from encoders.clap import Attributes
    from generators.render.render import Mix


@dataclass(frozen=True, slots=True)
class Ask:
    """What the flow is asked for: the notes of a plan; `points` [T D] holds one CLAP point a bar."""

    plan: Plan
    points: Points
    seed: int
    steps: int


@dataclass(frozen=True, slots=True)
class Sung:
    """What is asked of the audio engine: `points` [T D] holds one CLAP point a bar; the caption is as it was given."""

    points: Points
    steps: int
    follow: FollowName = "score"
    caption: str | None = None


@dataclass(frozen=True, slots=True)
class Touch:
    """What is to be done to music that is there: `points` [K D] are CLAP points evenly over what comes out.

    The curves and beats of a plan are followed, where there is one.
    """

    edit: Edit
    points: Points
    steps: int
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Voice:
    """What the audio engine at hand can follow of a score, whether it can loop and edit, and what to know of it."""

    follows: tuple[FollowName, ...]
    loops: bool
    remark: str
    edits: bool = False


@dataclass(frozen=True, slots=True)
class Sounding:
    """What is asked of the sound; without `stems` the mix is rendered alone, faster and in a third of the memory."""

    lufs: float = -14.0
    soundfont: str | None = None
    stems: bool = True
    sung: Sung | None = None


class Parts(Protocol):
    """Everything that sees, reads, composes and plays."""

    @property
    def bundle(self) -> str:
        """Name and version of the model bundle."""

    @property
    def voice(self) -> Voice | None:
        """What the audio engine can do; None without one."""

    def frames(self, path: Path) -> Frames:
        """The reduced frames of a video."""

    def events(self, frames: Frames) -> Events:
        """Cuts, motion and light of a video."""

    def track(self, source: Source, seen: tuple[Frames, Events] | None, *, seed: int) -> Track:
        """The path of a source through CLAP space; `seen` is what a video shows."""

    def heard(self, music: Waveform) -> Point:
        """The point in CLAP space of a piece of audio."""

    def describe(self, point: Point) -> "Attributes":
        """What music at a point is like."""

    def plan(self, brief: Brief) -> Plan:
        """When things happen."""

    def compose(self, asks: Sequence[Ask]) -> list[Score]:
        """Write the notes of several plans in one call; what one gets does not depend on the others."""

    def perform(self, score: Score, plan: Plan, *, seed: int) -> Performance:
        """Close the piece, mark its cuts, and play it."""

    def edited(self, music: Waveform, touch: Touch, *, seed: int) -> Waveform:
        """Music [2 N] at 44.1 kHz after an edit; of one that accompanies, the further part alone."""

    def render(self, performance: Performance, plan: Plan, sounding: Sounding, *, seed: int) -> "Mix":
        """Give it sound."""
