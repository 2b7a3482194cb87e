"""The product's own path from a caption to notes and sound, step by step, so that each step can be measured."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from generators.score.plan.brief import Plan
from generators.score.score import Score
from schemas.cue_sheet import CueCut
from schemas.options import STEPS
from schemas.request import MusicRequest
from schemas.source import CaptionSource
from service.brief import brief_of
from service.composition import BundleParts
from service.looking import look
from service.parts import Sounding
from service.progress import Silent, Stages
from service.sight import Points

if TYPE_CHECKING:
    from generators.render.render import Mix
    from generators.score.engine import ScoreEngine

LUFS = -14.0


@dataclass(frozen=True)
class Asked:
    """A request as far as the plan: what the flow is going to be told."""

    plan: Plan
    points: Points
    seed: int


class Studio:
    """A bundle's parts; `engine` composes, and can be exchanged for one that knows nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parts = BundleParts(folder)

    @cached_property
    def engine(self) -> "ScoreEngine":
        """The bundle's score engine."""
        from generators.score.engine import ScoreEngine

        return ScoreEngine.load(self.folder)

    @cached_property
    def ignorant(self) -> "ScoreEngine":
        """The same nets with the flow's weights in random order: right scales, nothing learned."""
        from generators.score.engine import ScoreEngine

        engine = ScoreEngine.load(self.folder)
        generator = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for weights in engine.net.parameters():
                order = torch.randperm(weights.numel(), generator=generator)
                weights.copy_(weights.flatten()[order].view_as(weights))
        return engine

    def ask(self, request: MusicRequest) -> Asked:
        """Look at a request's sources and plan, as the pipeline does."""
        looked = look(request, self.parts, Stages(Silent(), 2))
        plan = self.parts.plan(brief_of(looked.sheet, seed=request.seed))
        points = looked.sight.points_over([(b.start_s, b.end_s) for b in plan.bars], plan.duration_s)
        return Asked(plan, self.parts.drawn(plan, points), request.seed)

    def compose(self, asked: Asked, *, engine: "ScoreEngine | None" = None, steps: int = STEPS) -> Score:
        """The flow's notes of one draw, before the ending is closed and cuts are marked."""
        from generators.score.sampling import sampling_for

        engine = engine or self.engine
        sampling = sampling_for(engine.net, steps=steps)
        return engine.compose(asked.plan, asked.points, seed=asked.seed, sampling=sampling)

    def choose(self, asked: Asked, *, engine: "ScoreEngine | None" = None) -> Score:
        """The best of several draws, as the product takes it."""
        return (engine or self.engine).compose_best(asked.plan, asked.points, seed=asked.seed)

    def play(self, score: Score, asked: Asked) -> "Mix":
        """Closed, marked, performed and rendered as the pipeline does."""
        performance = self.parts.perform(score, asked.plan, seed=asked.seed)
        return self.parts.render(performance, asked.plan, Sounding(LUFS, stems=False), seed=asked.seed)


def caption_request(
    text: str, *, duration_s: float, seed: int, cuts_s: tuple[float, ...] | None = None
) -> MusicRequest:
    """A caption with a duration and perhaps cuts that must be met."""
    cuts = None if cuts_s is None else tuple(CueCut(time_s=round(t, 3)) for t in cuts_s)
    return MusicRequest(sources=(CaptionSource(text=text),), duration_s=duration_s, seed=seed, cuts=cuts)


def exchanged(asked: list[Asked], rng: np.random.Generator) -> list[Asked]:
    """Every request with the CLAP point and the curves of another one; length, metre and form stay its own."""
    order = deranged(len(asked), rng)
    return [_with_wishes_of(mine, asked[other]) for mine, other in zip(asked, order, strict=True)]


def deranged(n: int, rng: np.random.Generator) -> list[int]:
    """A permutation that leaves nothing in its place (n > 1)."""
    order = rng.permutation(n)
    out = np.empty(n, dtype=np.int64)
    out[order] = np.roll(order, 1)
    return [int(i) for i in out]


def _with_wishes_of(mine: Asked, other: Asked) -> Asked:
    bars = len(mine.plan.bars)
    index = np.minimum(np.arange(bars) * len(other.plan.bars) // bars, len(other.plan.bars) - 1)
    theirs = other.plan.controls.values
    values = {
        name: theirs[name][index] if name in ("energy", "density", "brightness", "tempo", "mode") else own
        for name, own in mine.plan.controls.values.items()
        if name in theirs
    }
    controls = replace(mine.plan.controls, values=values)
    return Asked(replace(mine.plan, controls=controls), other.points[index], mine.seed)


def counted(label: str) -> Callable[[int, int], None]:
    """A line on the terminal that says how far a long measurement is."""

    def say(done: int, total: int) -> None:
        print(f"\r{label}: {done}/{total}", end="" if done < total else "\n", flush=True)

    return say
