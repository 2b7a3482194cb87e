"""Fold guidance and many steps into few: `python -m training.distil --teacher runs/flow/flow.safetensors`.

The teacher's guided trajectories, solved once and kept, teach a net with strides the mean velocity over any span of
them (Salimans and Ho 2022, "Progressive Distillation", with the spans of Frans et al. 2024, "Shortcut Models"). Between
them it goes on to learn from music, so that without a span it is still the flow that it was, to be trained on from.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from generators.flow.checkpoint import load_module, save_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.solver import SOLVERS, SolverName, time_grid
from generators.score.codec import Codec, CodecConfig
from generators.score.conditioning import Conditioning
from generators.score.sampling import SHORTEST_STRIDE, Sampling, Told, sampling_for, still, velocity_under
from training.flow import ExampleSampler, build_data, flow_loss, held_out_loss
from training.loop import Loop, LoopConfig
from training.presets import DISTIL, Preset

STATES = round(1 / SHORTEST_STRIDE)  # steps of a trajectory
COUNTS = (1, 2, 4, 8)  # evaluations in all that a span stands for
SHARES = (0.1, 0.15, 0.4, 0.35)  # how often each is learned
EVALUATE_EVERY = 500

C = TypeVar("C", bound=Told)


@dataclass(frozen=True)
class Trajectories(Generic[C]):
    """States [S + 1 B T C] that the teacher passed through under `condition`, and `asked` [B T C]: what it wrote."""

    states: Tensor
    condition: C
    asked: Tensor

    def spans(self, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """For each item a random start: x_t [B T C], t [B], span [B] and the mean velocity over it [B T C]."""
        rows, device = torch.arange(self.states.shape[1]), self.states.device
        width = STATES // torch.from_numpy(rng.choice(COUNTS, len(rows), p=SHARES))
        first = torch.from_numpy(rng.integers(0, STATES, len(rows))) // width * width
        x, after = self.states[first, rows].float(), self.states[first + width, rows].float()
        t, span = ((x / STATES).to(device) for x in (first, width))
        return x, t, span, (after - x) / span[:, None, None]


@dataclass(frozen=True)
class Material:
    """What a student learns from, trajectories and music, and both again held out."""

    batches: Sequence[Trajectories[Conditioning]]
    sampler: ExampleSampler
    held_out: Trajectories[Conditioning]
    tests: ExampleSampler


@torch.inference_mode()
def followed(
    teacher: DiT, x_1: Tensor, condition: C, asked: Tensor, *, seed: int, sampling: Sampling | None = None
) -> Trajectories[C]:
    """Solve the teacher's guided flow from noise in STATES steps; what is not asked stays as it is given."""
    sampling = replace(sampling or Sampling(), steps=STATES)
    noise = sampling.temperature * torch.randn(x_1.shape, generator=torch.Generator().manual_seed(seed))
    x_0 = torch.where(asked, noise.to(x_1.device), x_1)
    velocity = still(velocity_under(teacher, condition, sampling), ~asked)
    states = [x_0, *SOLVERS[sampling.solver](velocity, x_0, time_grid(STATES).to(x_0.device))]
    return Trajectories(torch.stack(states).half(), condition, asked)


def trajectories(
    teacher: DiT, sampler: ExampleSampler, folder: Path, *, count: int, size: int, device: str = "cpu"
) -> Iterator[Path]:
    """Write `count` batches of `size` trajectories, those that are not there yet; the seed of each is its number."""
    folder.mkdir(parents=True, exist_ok=True)
    teacher = teacher.to(device)
    for i in range(count):
        path = folder / f"{i:04}.pt"
        if not path.exists():
            x_1, condition = sampler.draw(size, np.random.default_rng((11, i)), device=device)
            free = torch.repeat_interleave(1.0 - condition.given_groups, sampler.group_widths.to(device), dim=-1)
            asked = (free > 0) & condition.valid[..., None]
            made = followed(teacher, x_1, condition, asked, seed=i)
            partial = path.with_suffix(".partial")
            told = {name: value.cpu() for name, value in vars(made.condition).items()}
            torch.save((made.states.cpu(), told, made.asked.cpu()), partial)
            partial.replace(path)
        yield path


def read(path: Path, *, device: str = "cpu") -> Trajectories[Conditioning]:
    """A batch that `trajectories` wrote."""
    states, condition, asked = torch.load(path, weights_only=True)
    return Trajectories(states.to(device), Conditioning(**condition).to(device), asked.to(device))


def student_of(teacher: DiT) -> DiT:
    """A net with strides that begins as its teacher does without guidance."""
    student = DiT(replace(teacher.config, strides=True))
    student.load_state_dict(student.state_dict() | teacher.state_dict())
    return student


def distil_loss(student: DiT, batch: Trajectories[C], rng: np.random.Generator) -> Tensor:
    """Squared error of the mean velocity over random spans, where notes were asked for."""
    x, t, span, target = batch.spans(rng)
    condition = batch.condition
    out = student(x, t, condition.local, condition.embedding, condition.valid, span)
    return functional.mse_loss(out[batch.asked], target[batch.asked])


@torch.no_grad()
def endpoint_error(student: DiT, batch: Trajectories[C], count: int) -> float:
    """Mean squared distance from the teacher's end to the student's, reached in `count` evaluations by itself."""
    sampling = sampling_for(student, steps=count)
    velocity = still(velocity_under(student, batch.condition, sampling), ~batch.asked)
    x_0 = batch.states[0].float()
    *_, end = SOLVERS[SolverName.EULER](velocity, x_0, time_grid(count).to(x_0.device))
    return float((end - batch.states[-1].float())[batch.asked].square().mean())


def train(student: DiT, material: Material, run: Path, preset: Preset) -> DiT:
    """Train and write `run/flow.safetensors`."""
    batches, sampler = material.batches, material.sampler
    loop = Loop(student.requires_grad_(requires_grad=True), run, LoopConfig.of(preset))

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        rng = np.random.default_rng((preset.seed, step))
        value = distil_loss(loop.module, batches[int(rng.integers(len(batches)))], rng)
        x_1, condition = sampler.draw(max(1, preset.batch // 2), rng, device=preset.device)
        music = flow_loss(loop.module, x_1, condition, group_widths=sampler.group_widths, generator=generator)
        if (step + 1) % EVALUATE_EVERY:
            return value + music, {"strides": float(value.detach())}
        figures = {f"end_{k}": endpoint_error(loop.average, material.held_out, k) for k in COUNTS}
        return value + music, figures | {"held_out": held_out_loss(loop.average, material.tests, batches=8, size=32)}

    trained = loop.run(loss)
    save_module(run / "flow.safetensors", trained, student.config)
    return trained


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teacher", type=Path, default=Path("runs/flow/flow.safetensors"))
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--codec", type=Path, default=Path("runs/codec"))
    parser.add_argument("--run", type=Path, default=Path("runs/distil"))
    parser.add_argument("--preset", choices=sorted(DISTIL), default="cpu")
    parser.add_argument("--batches", type=int, default=80, help="of trajectories; each costs the teacher 32 calls")
    parser.add_argument("--minutes", type=float, help="stop after so many minutes instead of the preset's")
    args = parser.parse_args()
    preset = DISTIL[args.preset].limited(args.minutes, float32=True)
    codec = load_module(args.codec / "codec.safetensors", Codec, CodecConfig)
    teacher = load_module(args.teacher, DiT, DiTConfig)
    dim = teacher.config.embedding - 1
    train_sampler, tests = (
        ExampleSampler(build_data(args.data / split, codec, dim), codec.groups) for split in ("train", "valid")
    )
    solved = partial(trajectories, teacher, size=preset.batch, device=preset.device)
    (path,) = solved(tests, args.run / "valid", count=1)
    made = list(solved(train_sampler, args.run / "train", count=args.batches))
    taught, held_out = [read(p, device=preset.device) for p in made], read(path, device=preset.device)
    material = Material(taught, train_sampler, held_out, tests)
    train(student_of(teacher), material, args.run, preset)


if __name__ == "__main__":
    main()
