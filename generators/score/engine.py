"""The score engine: a plan and CLAP points in, a score out, written by the flow window by window."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generators.errors import InvalidPlan
from generators.flow.checkpoint import load_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.solver import SOLVERS, time_grid
from generators.score.asked import given_by
from generators.score.chart import with_basses
from generators.score.conditioning import Conditioning, from_controls
from generators.score.correction import corrected
from generators.score.fit import misfit
from generators.score.given import Given, restore, without_missing
from generators.score.plan.brief import Plan
from generators.score.sampling import Sampling, rolled, sampling_for, still, velocity_under
from generators.score.score import Score
from generators.score.score_codec import ScoreCodec
from generators.score.theme import returning

WINDOW = 48  # bars that the flow sees at once; it was trained on windows of this size
LEAST_LOGIT = -1.0  # drawn latents are blurrier than encoded ones: at 0, one note in ten of a texture goes missing
CANDIDATES = 10
OVERLAP = 12  # bars of the last window that the next one is given

StepReport = Callable[[int, int], None]  # (evaluations done, evaluations in all)


class ScoreEngine:
    """Composes; holds the codec and the velocity net, and no state between calls."""

    def __init__(self, codec: ScoreCodec, net: DiT) -> None:
        self.codec = codec
        self.net = net.eval()

    @classmethod
    def load(cls, folder: Path) -> "ScoreEngine":
        """From a bundle's folder."""
        codec = ScoreCodec.load(folder / "codec.safetensors")
        return cls(codec, load_module(folder / "flow.safetensors", DiT, DiTConfig))

    def compose(
        self,
        plan: Plan,
        clap: NDArray[np.float32],
        *,
        seed: int,
        sampling: Sampling | None = None,
        given: Given | None = None,
        on_step: StepReport | None = None,
    ) -> Score:
        """Write the plan's bars for CLAP points [D] or [T D]; what is given comes back exactly as it was.

        Raises:
            InvalidPlan: the given score or the points have another number of bars than the plan.
        """
        return self._drawn(plan, clap, range(seed, seed + 1), sampling=sampling, given=given, on_step=on_step)[0]

    def compose_best(
        self,
        plan: Plan,
        clap: NDArray[np.float32],
        *,
        seed: int,
        sampling: Sampling | None = None,
        given: Given | None = None,
        on_step: StepReport | None = None,
    ) -> Score:
        """Write the plan CANDIDATES times, as one batch, and keep the score that fits it best: draws differ.

        Where they fall short of its levels, that much more is asked of as many others, and of all that follows. Roles
        that were asked for and are hardly heard in it are written again, to all that it has. Where a theme returns the
        same is done again: its statement is known only then, and all that is not the theme is written anew around it in
        the bars of its returns, to harmonies of the flow and to those of the statement.
        """
        seeds = range(CANDIDATES * seed, CANDIDATES * (seed + 1))

        def drawn(asked: Plan, given: Given | None) -> list[Score]:
            return self._drawn(asked, clap, seeds, sampling=sampling, given=given, on_step=on_step)

        def fittest(scores: list[Score]) -> Score:
            return min(scores, key=lambda score: misfit(score, plan))

        given = given_by(plan, given)
        first = drawn(plan, given)
        asked = corrected(plan, first)
        stated = fittest(first if asked is plan else [*first, *drawn(asked, given)])
        if plan.controls.mask("roles").all() and (
            rest := without_missing(stated, plan.controls.values["roles"], given)
        ):
            stated = fittest([stated, *drawn(asked, rest)])
        returns = [score for known in returning(stated, plan.themes, given) for score in drawn(asked, known)]
        return fittest(returns or [stated])

    def _drawn(
        self,
        plan: Plan,
        clap: NDArray[np.float32],
        seeds: range,
        *,
        sampling: Sampling | None,
        given: Given | None = None,
        on_step: StepReport | None = None,
    ) -> list[Score]:
        """One score for every seed."""
        bars = len(plan.bars)
        given = given_by(plan, given)
        if given is not None and given.score.bars != bars:
            raise InvalidPlan(f"the given score has {given.score.bars} bars, but the plan {bars}; plan it again")
        if clap.ndim == 2 and len(clap) != bars:
            raise InvalidPlan(f"{len(clap)} CLAP points were given for {bars} bars; give one, or one for each bar")
        known = np.zeros((bars, self.codec.codec.channels), np.float32)
        groups = np.zeros((bars, len(self.codec.codec.groups)), bool)
        if given is not None:
            groups |= given.cells
            known = np.where(self._wide(groups), self.codec.encode(given.score), 0.0).astype(np.float32)
        condition = from_controls(plan.controls, clap, given=known, given_groups=groups)
        latents = self._sample(
            condition, plan, seeds=seeds, sampling=sampling or sampling_for(self.net), on_step=on_step
        )
        return [self._score(plan, drawn, given).validate() for drawn in latents]

    def _score(self, plan: Plan, latents: NDArray[np.float32], given: Given | None) -> Score:
        parts, chords = self.codec.decode(
            latents, metre=plan.metre, key=plan.key, least_logit=LEAST_LOGIT, silence=False, given=given
        )
        score = Score(plan.metre, plan.key, plan.tempo_bpm, len(plan.bars), parts, chords, plan.sections)
        if plan.harmony is not None:
            score = with_basses(score, plan.harmony)
        return score if given is None else restore(score, given)

    def _wide(self, groups: NDArray[np.bool_]) -> NDArray[np.bool_]:
        widths = [g.stop - g.start for g in self.codec.codec.groups]
        wide: NDArray[np.bool_] = np.repeat(groups, widths, axis=1)
        return wide

    @torch.inference_mode()
    def _sample(
        self, condition: Conditioning, plan: Plan, *, seeds: range, sampling: Sampling, on_step: StepReport | None
    ) -> NDArray[np.float32]:
        """Latents [B T C], one piece for every seed."""
        bars = len(plan.bars)
        noise = (torch.Generator().manual_seed(seed) for seed in seeds)
        x_0 = torch.stack([torch.randn(bars, self.codec.codec.channels, generator=g) for g in noise])
        x_0 *= sampling.temperature
        condition = condition.repeated(len(seeds))
        done = condition.given.clone()
        fixed = condition.given_groups.clone()
        spans = list(windows(bars))
        velocity_of = partial(velocity_under, self.net, sampling=sampling)
        for i, (a, b) in enumerate(spans):
            index = torch.arange(a, b)
            if plan.loop and len(spans) > 1 and i == len(spans) - 1:
                index = torch.cat([index, torch.arange(OVERLAP // 2)])  # the last window sees the start come again
            part = condition.at(index, given=done[:, index], groups=fixed[:, index])
            velocity = velocity_of(part)
            if plan.loop and len(spans) == 1:
                velocity = rolled(velocity_of, part, seed=seeds.start)
            known = torch.repeat_interleave(part.given_groups, self._widths(), dim=-1) > 0
            x = torch.where(known, part.given, x_0[:, index])
            steps = SOLVERS[sampling.solver](still(velocity, known), x, time_grid(sampling.steps, shift=sampling.shift))
            for k, state in enumerate(steps):
                x = state
                if on_step is not None:
                    on_step(i * sampling.steps + k + 1, len(spans) * sampling.steps)
            done[:, a:b] = x[:, : b - a]
            fixed[:, a:b] = 1.0
        out: NDArray[np.float32] = done.numpy()
        return out

    def _widths(self) -> Tensor:
        return torch.tensor([g.stop - g.start for g in self.codec.codec.groups])


def windows(bars: int) -> Iterator[tuple[int, int]]:
    """Spans of at most WINDOW bars that cover all; each but the first begins OVERLAP bars before the last one's end."""
    start = 0
    while True:
        end = min(start + WINDOW, bars)
        yield start, end
        if end == bars:
            return
        start = end - OVERLAP
