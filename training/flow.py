"""Train the score flow: `python -m training.flow --data runs/corpus --codec runs/codec --run runs/flow`."""

import argparse
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generators.flow.checkpoint import load_module, save_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.path import coupled, logit_normal, straight
from generators.score.codec import Codec, CodecConfig
from generators.score.conditioning import Conditioning, local_width
from generators.score.controls import WIDTHS
from generators.score.sampling import Told
from training.codec import encode_bars
from training.loop import START, Loop, LoopConfig
from training.manifest import sha256_of
from training.prepared import Prepared, load_prepared
from training.presets import FLOW, Preset

WINDOW = 48  # bars in a training example at most
CLAP_DROP = 0.15
CLAP_NOISE = 0.05  # of a unit vector, per channel x sqrt(D): towers and adapters miss by more than nothing
GIVEN_SHARE = 0.3  # examples in which some roles or bars are given
CONTROL_DROP = 0.35  # each curve, each example


@dataclass(frozen=True)
class FlowData:
    """Latents [M C] and the prepared bars of one split; CLAP points by piece: `clap[p]` [K D], each one true."""

    prepared: Prepared
    latents: Tensor
    clap: list[NDArray[np.float16]] | None
    clap_dim: int


def build_data(folder: Path, codec: Codec, clap_dim: int) -> FlowData:
    """Encode a prepared split once; `clap.npy` [N D] with `clap_offsets.npy` [P + 1] is used where it exists."""
    prepared = load_prepared(folder)
    cache = folder / "latents.npy"
    if not cache.exists():
        bars = np.arange(len(prepared.arrays["chords"]))
        np.save(cache, encode_bars(codec, prepared, bars).numpy().astype(np.float16))
    latents = torch.from_numpy(np.load(cache))
    clap = None
    if (folder / "clap.npy").exists():
        points, offsets = np.load(folder / "clap.npy"), np.load(folder / "clap_offsets.npy")
        clap = [points[a:b] for a, b in pairwise(offsets)]
    return FlowData(prepared, latents, clap, clap_dim)


class ExampleSampler:
    """Draws windows of pieces with conditions dropped at random: anything may be given, anything may be free."""

    def __init__(self, data: FlowData, groups: tuple[slice, ...], *, share: float = 1.0) -> None:
        self.data = data
        count = max(1, round(share * len(data.prepared)))
        self.pieces = np.random.default_rng(0).permutation(len(data.prepared))[:count]
        self.groups = groups
        self.control_widths = torch.tensor(list(WIDTHS.values()))
        self.group_widths = torch.tensor([g.stop - g.start for g in groups])

    def draw(self, n: int, rng: np.random.Generator, *, device: str = "cpu") -> tuple[Tensor, Conditioning]:
        """x_1 [n T C] (zero beyond a piece's end) and its conditioning."""
        d = self.data
        pieces = self.pieces[rng.integers(0, len(self.pieces), n)]
        length = min(WINDOW, int(max(d.prepared.offsets[p + 1] - d.prepared.offsets[p] for p in pieces)))
        x_1 = torch.zeros(n, length, d.latents.shape[1])
        controls = torch.zeros(n, length, int(self.control_widths.sum()))
        masks = torch.zeros(n, length, len(WIDTHS))
        clap = torch.zeros(n, length, d.clap_dim)
        valid = torch.zeros(n, length, dtype=torch.bool)
        for i, p in enumerate(pieces):
            first, last = (int(v) for v in d.prepared.offsets[p : p + 2])
            start = first + int(rng.integers(0, max(1, last - first - length + 1)))
            m = min(length, last - start)
            x_1[i, :m] = d.latents[start : start + m].float()
            controls[i, :m] = torch.from_numpy(
                np.asarray(d.prepared.arrays["controls"][start : start + m], dtype=np.float32)
            )
            masks[i, :m] = torch.from_numpy(
                np.asarray(d.prepared.arrays["control_masks"][start : start + m], dtype=np.float32)
            )
            clap[i, :m] = self._clap(int(p), rng)
            valid[i, :m] = True
        masks *= self._control_masks(n, length, rng)
        controls *= torch.repeat_interleave(masks, self.control_widths, dim=-1)
        chosen = self._given(n, length, rng) * valid[..., None]
        given = x_1 * torch.repeat_interleave(chosen, self.group_widths, dim=-1)
        return x_1.to(device), Conditioning(controls, masks, clap, given, chosen, valid).to(device)

    def _clap(self, piece: int, rng: np.random.Generator) -> Tensor:
        d = self.data
        if d.clap is None or rng.random() < CLAP_DROP:
            return torch.zeros(d.clap_dim)
        points = d.clap[piece]
        point = points[rng.integers(len(points))].astype(np.float32)
        point = point + CLAP_NOISE * rng.standard_normal(d.clap_dim).astype(np.float32)
        return torch.from_numpy(point / np.linalg.norm(point))

    def _control_masks(self, n: int, length: int, rng: np.random.Generator) -> Tensor:
        """Whole controls dropped, accents often, and a third of the kept curves free over a random span."""
        keep = rng.random((n, 1, len(WIDTHS))) > CONTROL_DROP
        for name, drop in (("accents", 0.6), ("roles", 0.7), ("form", 0.1), ("place", 0.05), ("metre", 0.02)):
            i = list(WIDTHS).index(name)
            keep[:, 0, i] = rng.random(n) > drop
        keep[rng.random(n) < 0.08] = False
        masks = np.repeat(keep, length, axis=1).astype(np.float32)
        for i in range(n):
            if rng.random() < 0.33:
                a, b = np.sort(rng.integers(0, length + 1, 2))
                masks[i, a:b, rng.integers(len(WIDTHS))] = 0.0
        accents = list(WIDTHS).index("accents")
        sparse = rng.random((n, length)) < rng.random((n, 1))
        masks[:, :, accents] *= sparse
        return torch.from_numpy(masks)

    def _given(self, n: int, length: int, rng: np.random.Generator) -> Tensor:
        """Groups given: none mostly; else some roles everywhere, a span of bars, or all but a span."""
        chosen = np.zeros((n, length, len(self.groups)), np.float32)
        for i in np.flatnonzero(rng.random(n) < GIVEN_SHARE):
            a, b = np.sort(rng.integers(0, length + 1, 2))
            kind = rng.integers(4)
            if kind == 0:
                chosen[i, :, rng.random(len(self.groups)) < 0.4] = 1.0
            elif kind == 1:
                chosen[i, :a] = 1.0
            elif kind == 2:
                chosen[i] = 1.0
                chosen[i, a:b] = 0.0
            else:
                chosen[i, a:b, rng.random(len(self.groups)) < 0.6] = 1.0
        return torch.from_numpy(chosen)


def flow_loss(
    net: DiT,
    x_1: Tensor,
    condition: Conditioning,
    *,
    group_widths: Tensor,
    generator: torch.Generator,
    transport: bool = False,
) -> Tensor:
    """Mean squared error of the velocity over all that is valid and not given; the given stays clean in x_t."""
    free = torch.repeat_interleave(1.0 - condition.given_groups, group_widths.to(x_1.device), dim=-1)
    weight = free * condition.valid[..., None]
    x_0 = noise_for(x_1, generator=generator, transport=transport)
    return velocity_loss(net, x_1, condition, weight, x_0=x_0, t=logit_normal(len(x_1), generator=generator))


def noise_for(x_1: Tensor, *, generator: torch.Generator, transport: bool) -> Tensor:
    """Where paths to x_1 [B T C] begin; with `transport` each at the noise of the batch that lies near it."""
    x_0 = torch.randn(x_1.shape, generator=generator).to(x_1.device)
    return coupled(x_0, x_1) if transport else x_0


def velocity_loss(net: DiT, x_1: Tensor, told: Told, weight: Tensor, *, x_0: Tensor, t: Tensor) -> Tensor:
    """Squared error of the velocity at times t [B] of the paths from x_0, its mean by `weight` [B T C].

    Where that is 0 the data stay clean in x_t.
    """
    sample = straight(x_0, x_1, t.to(x_1.device))
    x_t = torch.where(weight > 0, sample.x_t, x_1)
    out = net(x_t, sample.t, told.local, told.embedding, told.valid).float()
    error: Tensor = ((out - sample.velocity).square() * weight).sum() / weight.sum().clamp(min=1.0)
    return error


@torch.no_grad()
def held_out_loss(net: DiT, sampler: ExampleSampler, *, batches: int, size: int) -> float:
    """The loss on held-out windows with fixed draws, so that two runs can be compared."""
    total = 0.0
    for i in range(batches):
        x_1, condition = sampler.draw(size, np.random.default_rng((7, i)), device=str(net.leave.weight.device))
        generator = torch.Generator().manual_seed(i)
        total += float(flow_loss(net, x_1, condition, group_widths=sampler.group_widths, generator=generator))
    return total / batches


def new_net(codec: Codec, *, clap_dim: int, preset: Preset) -> DiT:
    """A velocity net of the preset's size for a codec's latents."""
    torch.manual_seed(preset.seed)
    known = local_width(codec.channels, len(codec.groups))
    width, depth, heads = (preset.sizes[name] for name in ("width", "depth", "heads"))
    return DiT(DiTConfig(codec.channels, known, clap_dim + 1, width, depth, heads))


def train(
    net: DiT,
    sampler: ExampleSampler,
    tests: ExampleSampler,
    *,
    run: Path,
    preset: Preset,
    transport: bool = False,
) -> DiT:
    """Train a net and write `run/flow.safetensors`; the average is also written with each measurement."""
    loop = Loop(net, run, replace(LoopConfig.of(preset), ema=0.9995))

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        x_1, condition = sampler.draw(preset.batch, np.random.default_rng((preset.seed, step)), device=preset.device)
        value = flow_loss(
            loop.module,
            x_1,
            condition,
            group_widths=sampler.group_widths,
            generator=generator,
            transport=transport,
        )
        if (step + 1) % 500:
            return value, {}
        save_module(run / "flow.safetensors", loop.average, net.config)
        return value, {"held_out": held_out_loss(loop.average, tests, batches=8, size=32)}

    trained = loop.run(loss)
    save_module(run / "flow.safetensors", trained, net.config)
    return trained


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--codec", type=Path, default=Path("runs/codec"))
    parser.add_argument("--run", type=Path, default=Path("runs/flow"))
    parser.add_argument("--preset", choices=sorted(FLOW), default="cpu")
    parser.add_argument("--minutes", type=float, help="stop after so many minutes instead of the preset's")
    parser.add_argument("--clap-dim", type=int, default=128)
    parser.add_argument("--float32", action="store_true", help="faster than bfloat16 on some processors")
    parser.add_argument("--rate", type=float, help="learning rate; lower than the preset's from good weights")
    parser.add_argument("--start", type=Path, help="weights to begin from, such as a bundle's; else random ones")
    args = parser.parse_args()
    codec = load_module(args.codec / "codec.safetensors", Codec, CodecConfig)
    preset = FLOW[args.preset].limited(args.minutes, float32=args.float32, rate=args.rate)
    splits = (build_data(args.data / split, codec, args.clap_dim) for split in ("train", "valid"))
    sampler, tests = (ExampleSampler(data, codec.groups) for data in splits)
    if args.start is None:
        net = new_net(codec, clap_dim=args.clap_dim, preset=preset)
    else:
        net = load_module(args.start, DiT, DiTConfig).requires_grad_(requires_grad=True)
        args.run.mkdir(parents=True, exist_ok=True)
        (args.run / START).write_text(sha256_of(args.start))
    train(net, sampler, tests, run=args.run, preset=preset)


if __name__ == "__main__":
    main()
