"""The score engine: a plan and CLAP points in, a score out, written by the flow window by window."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generators.errors import InvalidPlan
from generators.flow.checkpoint import load_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.guidance import guide
from generators.flow.solver import SOLVERS, SolverName, Velocity, time_grid
from generators.score.conditioning import Conditioning, from_controls
from generators.score.fit import misfit
from generators.score.given import Given, restore
from generators.score.plan.brief import Plan
from generators.score.score import Score
from generators.score.score_codec import ScoreCodec

WINDOW = 48  # bars that the flow sees at once; it was trained on windows of this size
LEAST_LOGIT = -1.0  # drawn latents are blurrier than encoded ones: at 0, one note in ten of a texture goes missing
CANDIDATES = 10
OVERLAP = 12  # bars of the last window that the next one is given

StepReport = Callable[[int, int], None]  # (evaluations done, evaluations in all)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the flow is solved.

    `temperature` scales the noise x_0 (Kingma and Dhariwal, "Glow", 2018, section 6): at 1 melodies leap and bars recur
    half as often as in real music; at 0.75 both lie where real music has them.
    """

    steps: int = 8
    solver: SolverName = SolverName.MIDPOINT
    guidance: float = 3.0
    shift: float = 1.0
    temperature: float = 0.75


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
        on_step: StepReport | None = None,
    ) -> Score:
        """Write the plan CANDIDATES times, as one batch, and keep the score that fits it best: draws differ."""
        seeds = range(CANDIDATES * seed, CANDIDATES * (seed + 1))
        return min(
            self._drawn(plan, clap, seeds, sampling=sampling, on_step=on_step), key=lambda score: misfit(score, plan)
        )

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
        latents = self._sample(condition, plan, seeds=seeds, sampling=sampling or Sampling(), on_step=on_step)
        scores = [self._score(plan, drawn) for drawn in latents]
        return [(score if given is None else restore(score, given)).validate() for score in scores]

    def _score(self, plan: Plan, latents: NDArray[np.float32]) -> Score:
        parts, chords = self.codec.decode(
            latents, metre=plan.metre, key=plan.key, least_logit=LEAST_LOGIT, silence=False
        )
        return Score(plan.metre, plan.key, plan.tempo_bpm, len(plan.bars), parts, chords, plan.sections)

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
        for i, (a, b) in enumerate(spans):
            index = torch.arange(a, b)
            if plan.loop and len(spans) > 1 and i == len(spans) - 1:
                index = torch.cat([index, torch.arange(OVERLAP // 2)])  # the last window sees the start come again
            part = _at(condition, index, given=done[:, index], groups=fixed[:, index])
            velocity = self._velocity(part, sampling.guidance)
            if plan.loop and len(spans) == 1:
                velocity = rolled(
                    velocity_of=lambda c: self._velocity(c, sampling.guidance), condition=part, seed=seeds.start
                )
            known = torch.repeat_interleave(part.given_groups, self._widths(), dim=-1) > 0
            x = torch.where(known, part.given, x_0[:, index])
            steps = SOLVERS[sampling.solver](
                _still(velocity, known), x, time_grid(sampling.steps, shift=sampling.shift)
            )
            for k, state in enumerate(steps):
                x = state
                if on_step is not None:
                    on_step(i * sampling.steps + k + 1, len(spans) * sampling.steps)
            done[:, a:b] = x[:, : b - a]
            fixed[:, a:b] = 1.0
        out: NDArray[np.float32] = done.numpy()
        return out

    def _velocity(self, condition: Conditioning, scale: float) -> Velocity:
        """The net under a condition; with guidance, beside the net without it."""
        sides = [condition] if scale == 1.0 else [condition, condition.freed()]
        local = torch.cat([side.local for side in sides])
        embedding = torch.cat([side.embedding for side in sides])
        valid = torch.cat([side.valid for side in sides])

        def velocity(x_t: Tensor, t: Tensor) -> Tensor:
            out: Tensor = self.net(x_t, t, local, embedding, valid)
            return out

        return velocity if scale == 1.0 else guide(velocity, scale)

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


def rolled(velocity_of: Callable[[Conditioning], Velocity], condition: Conditioning, *, seed: int) -> Velocity:
    """A velocity that turns the piece by another number of bars at each evaluation, so that no bar is ever the seam.

    The same idea as circular padding in panorama diffusion: the seam is made in the latents, not by a crossfade.
    """
    bars = condition.controls.shape[1]
    rng = np.random.default_rng(seed)

    def velocity(x_t: Tensor, t: Tensor) -> Tensor:
        turn = int(rng.integers(bars))
        index = (torch.arange(bars) + turn) % bars
        turned = _at(condition, index, given=condition.given[:, index], groups=condition.given_groups[:, index])
        return velocity_of(turned)(x_t[:, index], t).roll(turn, dims=1)

    return velocity


def _still(velocity: Velocity, known: Tensor) -> Velocity:
    """The same velocity, zero where the latents are known."""
    return lambda x_t, t: velocity(x_t, t).masked_fill(known, 0.0)


def _at(condition: Conditioning, index: Tensor, *, given: Tensor, groups: Tensor) -> Conditioning:
    return Conditioning(
        condition.controls[:, index],
        condition.masks[:, index],
        condition.clap[:, index],
        given,
        groups,
        condition.valid[:, index],
    )
