"""What the audio flow is told at every latent frame: CLAP, curves, the score roll in groups, sound that is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generators.audio import roll, sketch
from generators.audio.tuning import Tuning, tuning_of
from generators.errors import InvalidAudio
from generators.score.controls import Controls
from generators.score.performance import Performance
from generators.score.plan.brief import GridBar, Plan
from generators.score.score import ROLES

Floats = NDArray[np.float32]
CURVES: dict[str, int] = {"energy": 1, "density": 1, "brightness": 1, "accents": 1, "roles": len(ROLES)}
#: name -> width of one frame's values, each with a mask, in the order in which the net reads them
WIDTHS: dict[str, int] = CURVES | roll.WIDTHS | {"sketch": sketch.WIDTH}
WIDTH = sum(WIDTHS.values())
FRAME_S = 2048 / 44_100  # of a latent
KINDS = 2  # of sound that is there: it stays in its place, or it plays beside what is made


class Follow(StrEnum):
    """How much of a score the sound keeps to; curves, accents and CLAP are told in any case."""

    SCORE = "score"  # every note, and who plays it
    NOTES = "notes"  # every note
    CHORDS = "chords"  # beats and harmony
    BEATS = "beats"
    NOTHING = "nothing"


FOLLOWED: Mapping[Follow, frozenset[str]] = {
    Follow.SCORE: frozenset({*roll.WIDTHS, "sketch"}),
    Follow.NOTES: frozenset(roll.WIDTHS),
    Follow.CHORDS: frozenset({"beats", "chords"}),
    Follow.BEATS: frozenset({"beats"}),
    Follow.NOTHING: frozenset(),
}


def local_width(channels: int) -> int:
    """Width of the DiT's `local` input: values, their masks, the sound that is there and of what kind it is."""
    return WIDTH + len(WIDTHS) + channels + KINDS


@dataclass(frozen=True)
class Conditions:
    """What is known of each frame; "not given" is a mask of 0, with values of 0.

    values [B T WIDTH], masks [B T len(WIDTHS)], clap [B T D] (zero: not given), sound [B T C] latents that are there,
    kinds [B T 2]: these latents stay in their place | play beside what is made.
    """

    values: Tensor
    masks: Tensor
    clap: Tensor
    sound: Tensor
    kinds: Tensor

    @property
    def frames(self) -> int:
        """T, the number of latent frames."""
        return self.values.shape[1]

    @property
    def local(self) -> Tensor:
        """The DiT's `local` input [B T L]."""
        return torch.cat([self.values, self.masks, self.sound, self.kinds], dim=-1)

    @property
    def embedding(self) -> Tensor:
        """The DiT's `embedding` input [B T D + 1]: CLAP and a flag that says whether it is given."""
        flag = (self.clap.abs().sum(-1, keepdim=True) > 0).to(self.clap.dtype)
        return torch.cat([self.clap, flag], dim=-1)

    @property
    def valid(self) -> Tensor:
        """Every frame is one of the piece: bool [B T]."""
        return torch.ones(self.values.shape[:2], dtype=torch.bool, device=self.values.device)

    @property
    def asked(self) -> Tensor:
        """Where latents are to be made: bool [B T 1]."""
        return self.kinds[..., :1] == 0

    @property
    def free(self) -> bool:
        """Whether nothing of a score is told; curves may be."""
        notes = torch.tensor([name in FOLLOWED[Follow.SCORE] for name in WIDTHS], device=self.masks.device)
        return not bool(self.masks[..., notes].any())

    def to(self, device: str) -> "Conditions":
        """The same on another device."""
        return Conditions(*(getattr(self, f.name).to(device) for f in fields(self)))

    def at(self, index: Tensor) -> "Conditions":
        """The same at windows of frames, int [K W], as a batch of K; of a batch of one."""
        return Conditions(*(getattr(self, f.name)[0, index] for f in fields(self)))

    def rows(self, rows: slice) -> "Conditions":
        """Some items of a batch."""
        return Conditions(*(getattr(self, f.name)[rows] for f in fields(self)))

    def freed(self) -> "Conditions":
        """The same without all that was asked for, what guidance moves away from; sound that is there stays."""
        values, masks, clap = (torch.zeros_like(tensor) for tensor in (self.values, self.masks, self.clap))
        return Conditions(values, masks, clap, self.sound, self.kinds)

    def with_sound(self, sound: Floats, *, stays: NDArray[np.bool_] | None = None) -> "Conditions":
        """The same with latents [T C] that stay where `stays` bool [T], or, without it, that play beside.

        Raises:
            InvalidAudio: the sound has another number of frames.
        """
        if len(sound) != self.frames:
            raise InvalidAudio(f"the sound has {len(sound)} latent frames, what is asked for {self.frames}")
        given = np.ones(len(sound), bool) if stays is None else stays
        kind = np.zeros((len(sound), KINDS), np.float32)
        kind[given, 1 if stays is None else 0] = 1.0
        latents = np.where(given[:, None], sound, 0.0).astype(np.float32)
        return replace(self, sound=torch.from_numpy(latents)[None], kinds=torch.from_numpy(kind)[None])


def conditions(
    values: Mapping[str, Floats],
    masks: Mapping[str, NDArray[np.bool_]],
    clap: Floats,
    *,
    frames: int,
    channels: int,
) -> Conditions:
    """A batch of one: values [T width] by name with masks [T] (none: given everywhere), CLAP point [D] or [T D].

    A name that is not there is not given, and a CLAP point of zeros neither.
    """
    columns, given = [], []
    for name, width in WIDTHS.items():
        mask = masks.get(name, np.full(frames, name in values))
        value = values.get(name, np.zeros((frames, width), np.float32))
        columns.append(np.where(mask[:, None], value, 0.0).astype(np.float32))
        given.append(mask.astype(np.float32))
    points = np.broadcast_to(clap, (frames, clap.shape[-1])).astype(np.float32)
    return Conditions(
        torch.from_numpy(np.concatenate(columns, axis=1))[None],
        torch.from_numpy(np.stack(given, axis=1))[None],
        torch.from_numpy(points)[None],
        torch.zeros(1, frames, channels),
        torch.zeros(1, frames, KINDS),
    )


def curves_of(
    bars: Sequence[GridBar], controls: Controls, *, frames: int, frame_s: float
) -> tuple[dict[str, Floats], dict[str, NDArray[np.bool_]]]:
    """Curves [T width] and masks [T] of controls: constant within bars, accents at their steps; free without a bar."""
    middle_s = (np.arange(frames) + 0.5) * frame_s
    bar_of = np.searchsorted([bar.start_s for bar in bars], middle_s, side="right") - 1
    ends = np.array([bar.end_s for bar in bars])
    inside = (bar_of >= 0) & (middle_s < ends[np.maximum(bar_of, 0)])
    values: dict[str, Floats] = {}
    masks: dict[str, NDArray[np.bool_]] = {}
    for name in CURVES:
        if name not in controls.values:
            continue
        masks[name] = inside & controls.mask(name)[bar_of]
        own = _accents(bars, controls, frames, frame_s) if name == "accents" else controls.values[name][bar_of]
        values[name] = own.astype(np.float32)
    return values, masks


@dataclass(frozen=True, slots=True)
class Played:
    """A performance, how much of it is told, and who plays it; without an `orchestra` that is left to the net."""

    performance: Performance
    follow: Follow = Follow.SCORE
    orchestra: sketch.Orchestra | None = None

    def rolls(self, plan: Plan, *, frames: int, frame_s: float) -> dict[str, Floats]:
        """What is told of it, by group [T width]."""
        known = roll.score_roll(self.performance, plan.bars, plan.metre, frames=frames, frame_s=frame_s)
        if self.orchestra is not None:
            known["sketch"] = self.orchestra.sketch(self.performance, frames=frames, frame_s=frame_s)
        return {name: known[name] for name in WIDTHS if name in known and name in FOLLOWED[self.follow]}

    def tuning(self, *, frames: int, frame_s: float) -> Tuning | None:
        """How the phases of its partials turn, for the codec; None where not every note is told, or nobody is there."""
        if self.orchestra is None or self.follow not in (Follow.SCORE, Follow.NOTES):
            return None
        parts, part_s = frames * sketch.PARTS, frame_s / sketch.PARTS
        return tuning_of(self.orchestra, self.performance, parts=parts, part_s=part_s)


def conditions_of(plan: Plan, played: Played, points: Floats, *, frames: int, channels: int) -> Conditions:
    """The conditions of a plan and what is played on it; points [D], or one a bar [bars D].

    A looped piece takes all frames, so that these are a little shorter or longer than others.

    Raises:
        InvalidAudio: there are points for another number of bars.
    """
    if points.ndim == 2 and len(points) != len(plan.bars):
        raise InvalidAudio(f"{len(points)} CLAP points were given for {len(plan.bars)} bars; give one, or one a bar")
    frame_s = frame_of(plan, frames)
    values, masks = curves_of(plan.bars, plan.controls, frames=frames, frame_s=frame_s)
    values |= played.rolls(plan, frames=frames, frame_s=frame_s)
    clap = points
    if points.ndim == 2:
        middle_s = (np.arange(frames) + 0.5) * frame_s
        bar_of = np.searchsorted([bar.start_s for bar in plan.bars], middle_s, side="right") - 1
        clap = points[np.clip(bar_of, 0, len(points) - 1)]
    return conditions(values, masks, clap, frames=frames, channels=channels)


def frame_of(plan: Plan, frames: int) -> float:
    """Seconds of one of a plan's latent frames."""
    return plan.duration_s / frames if plan.loop else FRAME_S


def _accents(bars: Sequence[GridBar], controls: Controls, frames: int, frame_s: float) -> Floats:
    out = np.zeros((frames, 1), np.float32)
    for number, bar in enumerate(bars):
        for step in np.flatnonzero(controls.values["accents"][number][: bar.steps]):
            at = int((bar.start_s + (bar.end_s - bar.start_s) * step / bar.steps) / frame_s + 1e-6)
            if 0 <= at < frames:
                out[at] = max(float(out[at, 0]), float(controls.values["accents"][number][step]))
    return out
