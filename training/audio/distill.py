"""Fold guidance and many steps of the audio flow into few: `python -m training.audio distill`.

As for the score flow (`training.distil`): the teacher's guided trajectories, solved once and kept, teach a net with
strides the mean velocity over any span of them, while it goes on to learn from music.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from generators.audio.conditions import Conditions
from generators.audio.engine import GUIDANCE
from generators.flow.checkpoint import load_module, save_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.solver import SolverName
from generators.score.sampling import Sampling
from training.audio.flow import ClipSampler, flow_loss, held_out_loss, samplers
from training.audio.latents import encoder
from training.distil import COUNTS, STATES, Trajectories, distil_loss, endpoint_error, followed, student_of
from training.loop import START, Loop, LoopConfig
from training.manifest import sha256_of
from training.presets import AUDIO_DISTIL, Preset, asked

EVALUATE_EVERY = 250
TAUGHT = Sampling(STATES, SolverName.MIDPOINT, guidance=GUIDANCE, temperature=1.0)  # how the teacher is solved


def trajectories(
    teacher: DiT, sampler: ClipSampler, folder: Path, *, count: int, size: int, device: str = "cpu"
) -> list[Trajectories[Conditions]]:
    """`count` batches of `size` trajectories; those that are on disk are read, the seed of each is its number."""
    folder.mkdir(parents=True, exist_ok=True)
    teacher = teacher.to(device)
    made = []
    for i in range(count):
        path = folder / f"{i:04}.pt"
        x_1, told = sampler.draw(size, np.random.default_rng((11, i)), device=device)
        asked = told.asked.expand(x_1.shape)
        if path.exists():
            made.append(Trajectories(torch.load(path, weights_only=True).to(device), told, asked))
            continue
        made.append(followed(teacher, x_1, told, asked, seed=i, sampling=TAUGHT))
        partial = path.with_suffix(".partial")
        torch.save(made[-1].states.cpu(), partial)
        partial.replace(path)
    return made


def train(
    student: DiT,
    taught: Sequence[Trajectories[Conditions]],
    held_out: Trajectories[Conditions],
    music: tuple[ClipSampler, ClipSampler],
    *,
    run: Path,
    preset: Preset,
) -> DiT:
    """Train and write `run/flow.safetensors`; `music` is what it goes on to learn from, and the same held out."""
    budget = replace(LoopConfig.of(preset), log_every=50, checkpoint_every_s=120.0)
    loop = Loop(student.requires_grad_(requires_grad=True), run, budget)
    sampler, tests = music

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        rng = np.random.default_rng((preset.seed, step))
        value = distil_loss(loop.module, taught[int(rng.integers(len(taught)))], rng)
        x_1, told = sampler.draw(max(1, preset.batch // 2), rng, device=preset.device)
        both = value + flow_loss(loop.module, x_1, told, weights=sampler.weights, generator=generator)
        if (step + 1) % EVALUATE_EVERY:
            return both, {"strides": float(value.detach())}
        save_module(run / "flow.safetensors", loop.average, student.config)
        figures = {f"end_{k}": endpoint_error(loop.average, held_out, k) for k in COUNTS}
        return both, figures | {"held_out": held_out_loss(loop.average, tests, batches=4, size=12)}

    trained = loop.run(loss)
    save_module(run / "flow.safetensors", trained, student.config)
    return trained


def run(args: argparse.Namespace) -> None:
    """Distil as the command line asks."""
    folder = args.run or Path("runs/audio/distill")
    preset = asked(AUDIO_DISTIL, args)
    teacher = load_module(args.teacher, DiT, DiTConfig)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / START).write_text(sha256_of(args.teacher))
    sampler, tests = samplers(args, encoder(args.codec))
    followed_by = partial(trajectories, teacher, size=preset.batch, device=preset.device)
    (held_out,) = followed_by(tests, folder / "valid", count=1)
    taught = followed_by(sampler, folder / "train", count=args.batches)
    train(student_of(teacher), taught, held_out, (sampler, tests), run=folder, preset=preset)
