"""Train the bar codec: `python -m training.codec --data runs/corpus --run runs/codec`."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from generators.flow.checkpoint import load_module, save_module
from generators.score.bars import NO_CHORD, ROWS
from generators.score.codec import CHORD_WIDTH, Codec, CodecConfig, chord_features
from generators.score.score import QUALITIES, ROLES, Role
from generators.score.score_codec import known_features, roll_tensor
from training.loop import START, Loop, LoopConfig
from training.manifest import sha256_of
from training.prepared import Prepared, load_prepared
from training.presets import CODEC, Preset

KL_WEIGHT = 0.05
EMPTY_SHARE = 0.06  # of the bars drawn, where a role rests: the codec must know silence too


class BarSampler:
    """Draws (bar, role) pairs: roles equally often, sounding bars mostly."""

    def __init__(self, data: Prepared, *, seed: int = 0) -> None:
        self.data = data
        sounding = np.asarray(data.arrays["roles"])
        self.by_role = [np.flatnonzero(sounding[:, r]) for r in range(len(ROLES))]
        self.rest_by_role = [np.flatnonzero(~sounding[:, r]) for r in range(len(ROLES))]

    def draw(self, n: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Bars [n] and roles [n]."""
        roles = rng.choice([r for r in range(len(ROLES)) if len(self.by_role[r])], n)
        rest = rng.random(n) < EMPTY_SHARE
        bars = np.asarray([rng.choice(self._bars(r, resting=e)) for r, e in zip(roles, rest, strict=True)])
        return bars, roles

    def _bars(self, role: int, *, resting: bool) -> NDArray[np.int64]:
        rests = self.rest_by_role[role]
        return rests if resting and len(rests) else self.by_role[role]

    def batch(self, bars: NDArray[np.int64], roles: NDArray[np.int64]) -> tuple[Tensor, Tensor, Tensor]:
        """Codec inputs [n 16 177], chords [n 2 2] and roles [n]."""
        arrays = self.data.arrays
        onset, sustain = (
            torch.from_numpy(np.unpackbits(np.asarray(arrays[name][bars, roles]).view(np.uint8), axis=-1))
            for name in ("onset", "sustain")
        )
        velocity = torch.from_numpy(np.asarray(arrays["velocity"][bars, roles]).view(np.uint8))
        chords = torch.from_numpy(np.asarray(arrays["chords"][bars]).astype(np.int64))
        return roll_tensor(onset, sustain, velocity), chords, torch.from_numpy(roles)


def on(device: str, batch: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """A batch on a device."""
    bars, chords, roles = batch
    return bars.to(device), chords.to(device), roles.to(device)


def bar_loss(codec: Codec, batch: tuple[Tensor, Tensor, Tensor], generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Negative evidence bound of bars in nats (cross-entropy of rolls, squared error of velocity) with a light KL."""
    bars, chords, roles = batch
    known = known_features(chords, roles)
    mean, log_var = codec.bar.encode(bars, known)
    latent = mean + torch.randn(mean.shape, generator=generator).to(mean.device) * (0.5 * log_var).exp()
    out = codec.bar.decode(latent, known)
    rolls = functional.binary_cross_entropy_with_logits(out[..., : 2 * ROWS], bars[..., : 2 * ROWS], reduction="none")
    onset, sustain = rolls[..., :ROWS].sum((1, 2)), rolls[..., ROWS:].sum((1, 2))
    at = bars[..., -1] > 0
    velocity = (functional.mse_loss(out[..., -1], bars[..., -1], reduction="none") * at).sum(1) * 40.0
    return (onset + 0.5 * sustain + velocity).mean(), _kl(mean, log_var)


def harmony_loss(codec: Codec, chords: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """The same for the two chords of a bar."""
    mean, log_var = codec.harmony.encode(chord_features(chords))
    latent = mean + torch.randn(mean.shape, generator=generator).to(mean.device) * (0.5 * log_var).exp()
    logits = codec.harmony.decode(latent).unflatten(-1, (2, CHORD_WIDTH // 2))
    root = functional.cross_entropy(logits[..., : NO_CHORD + 1].flatten(0, 1), chords[..., 0].flatten())
    quality = logits[..., NO_CHORD + 1 : NO_CHORD + 1 + len(QUALITIES)].flatten(0, 1)
    return 2.0 * (root + functional.cross_entropy(quality, chords[..., 1].flatten())), _kl(mean, log_var)


def _kl(mean: Tensor, log_var: Tensor) -> Tensor:
    return 0.5 * (mean.square() + log_var.exp() - 1 - log_var).sum(1).mean()


@torch.no_grad()
def onset_f1(codec: Codec, sampler: BarSampler, *, n: int, seed: int) -> dict[str, float]:
    """Onset F1 by role on drawn bars, latents at their means."""
    bars, roles = sampler.draw(n, np.random.default_rng(seed))
    x, chords, role = on(str(codec.latent_mean.device), sampler.batch(bars, roles))
    known = known_features(chords, role)
    out = codec.bar.decode(codec.bar.encode(x, known)[0], known)[..., :ROWS] > 0
    truth = x[..., :ROWS] > 0.5
    scores = {}
    for r, name in enumerate(ROLES):
        at = role == r
        hit = float((out[at] & truth[at]).sum())
        scores[name.value] = 2 * hit / max(float(out[at].sum() + truth[at].sum()), 1.0)
    return scores


@torch.no_grad()
def fit_statistics(codec: Codec, data: Prepared, *, bars: int, seed: int) -> None:
    """Set the codec's latent mean and standard deviation over whole bars, resting roles included."""
    rng = np.random.default_rng(seed)
    pick = np.sort(rng.choice(len(data.arrays["chords"]), min(bars, len(data.arrays["chords"])), replace=False))
    latents = encode_bars(codec, data, pick, normalised=False)
    codec.latent_mean.copy_(latents.mean(0))
    codec.latent_std.copy_(latents.std(0).clamp(min=1e-3))


@torch.no_grad()
def encode_bars(codec: Codec, data: Prepared, bars: NDArray[np.int64], *, normalised: bool = True) -> Tensor:
    """Latent means [m C] of whole bars."""
    blocks = []
    for part in np.array_split(bars, max(1, len(bars) // 512)):
        onset, sustain = (torch.from_numpy(data.unpacked(name, part)) for name in ("onset", "sustain"))
        x = roll_tensor(onset, sustain, torch.from_numpy(np.asarray(data.arrays["velocity"][part]).view(np.uint8)))
        chords = torch.from_numpy(np.asarray(data.arrays["chords"][part]).astype(np.int64))
        roles = torch.arange(len(ROLES)).repeat(len(part))
        known = known_features(chords.repeat_interleave(len(ROLES), 0), roles)
        mean, _ = codec.bar.encode(x.flatten(0, 1), known)
        harmony, _ = codec.harmony.encode(chord_features(chords))
        blocks.append(torch.cat([harmony, mean.unflatten(0, (len(part), -1)).flatten(1)], dim=1))
    latents = torch.cat(blocks)
    return (latents - codec.latent_mean) / codec.latent_std if normalised else latents


def train(data: Prepared, held_out: Prepared, run: Path, preset: Preset, *, kl_weight: float = KL_WEIGHT) -> Codec:
    """Train, measure on held-out bars, write `run/codec.safetensors` and `run/metrics.json`."""
    torch.manual_seed(preset.seed)
    config = CodecConfig(**preset.sizes)
    loop = Loop(Codec(config), run, replace(LoopConfig.of(preset), ema=0.998))
    sampler, tests = BarSampler(data), BarSampler(held_out)

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        rng = np.random.default_rng((preset.seed, step))
        batch = on(preset.device, sampler.batch(*sampler.draw(preset.batch, rng)))
        bars, kl = bar_loss(loop.module, batch, generator)
        chords, chord_kl = harmony_loss(loop.module, batch[1], generator)
        figures = {"bars": float(bars.detach()), "kl": float(kl.detach()), "chords": float(chords.detach())}
        if (step + 1) % 1000 == 0:
            figures |= onset_f1(loop.module, tests, n=1400, seed=1)
        return bars + kl_weight * kl + chords + 0.05 * chord_kl, figures

    codec = loop.run(loss)
    fit_statistics(codec, data, bars=20_000, seed=0)
    write(codec, tests, run)
    return codec


def refine(codec: Codec, data: Prepared, held_out: Prepared, run: Path, preset: Preset) -> Codec:
    """Train the decoder further while latents stay what they are, so that a flow over them stays valid.

    Chords are drawn more often: theirs are the richest bars. Writes `run/codec.safetensors` and `run/metrics.json`.
    """
    codec.requires_grad_(requires_grad=False)
    codec.bar.write.requires_grad_(requires_grad=True)
    budget = LoopConfig.of(replace(preset, learning_rate=0.5 * preset.learning_rate, seed=preset.seed + 1))
    loop = Loop(codec, run, replace(budget, ema=0.998))
    sampler, tests = BarSampler(data), BarSampler(held_out)
    chords = BarSampler(data)
    chords.by_role = [b if role is Role.CHORDS else b[:0] for b, role in zip(chords.by_role, ROLES, strict=True)]

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        rng = np.random.default_rng((preset.seed + 1, step))
        bars, _ = bar_loss(
            loop.module, on(preset.device, sampler.batch(*sampler.draw(preset.batch // 2, rng))), generator
        )
        rich, _ = bar_loss(
            loop.module, on(preset.device, chords.batch(*chords.draw(preset.batch // 2, rng))), generator
        )
        figures = {"bars": float(bars.detach()), "rich": float(rich.detach())}
        if (step + 1) % 1000 == 0:
            figures |= onset_f1(loop.module, tests, n=1400, seed=1)
        return bars + rich, figures

    refined = loop.run(loss)
    write(refined, tests, run)
    return refined


def write(codec: Codec, tests: BarSampler, run: Path) -> None:
    """The weights, and onset F1 on held-out bars."""
    (run / "metrics.json").write_text(json.dumps({"onset_f1": onset_f1(codec, tests, n=14_000, seed=2)}, indent=1))
    save_module(run / "codec.safetensors", codec, codec.config)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--run", type=Path, default=Path("runs/codec"))
    parser.add_argument("--preset", choices=sorted(CODEC), default="cpu")
    parser.add_argument("--refine", type=Path, help="weights whose decoder is trained further, latents unchanged")
    parser.add_argument("--float32", action="store_true", help="faster than bfloat16 on some processors")
    parser.add_argument("--minutes", type=float, help="stop after so many minutes instead of the preset's")
    args = parser.parse_args()
    preset = CODEC[args.preset].limited(args.minutes, float32=args.float32)
    data, held_out = load_prepared(args.data / "train"), load_prepared(args.data / "valid")
    if args.refine:
        args.run.mkdir(parents=True, exist_ok=True)
        (args.run / START).write_text(sha256_of(args.refine))
        refine(load_module(args.refine, Codec, CodecConfig), data, held_out, args.run, preset)
    else:
        train(data, held_out, args.run, preset)


if __name__ == "__main__":
    main()
