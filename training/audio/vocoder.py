"""Train the vocoder over a frozen codec: `python -m training.audio vocoder --run runs/audio/vocoder`."""

import argparse
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from generators.audio.codec import CODEC_FILE, VOCODER_FILE
from generators.audio.mel import FLOOR, mel_filters, mel_of, mid_side, spectrum, views_of
from generators.audio.vae import FRAMES, MelVae, MelVaeConfig
from generators.audio.vocoder import Spectra, Vocoder, VocoderConfig
from generators.errors import BadWeights
from generators.flow.checkpoint import load_module, save_module
from training.audio.draws import Ahead, Source, batch, workers_for
from training.audio.sources import sources
from training.loop import START, Loop, LoopConfig
from training.manifest import sha256_of
from training.presets import AUDIO_VOCODER, Preset, asked

LATENTS = 48  # in one stretch: 2.2 s
TRUE_SHARE = 0.3  # of stretches whose views do not go through the codec
QUIET = 0.3 * FLOOR  # of a bin's magnitude


@dataclass(frozen=True)
class Truth:
    """What should be told of a sound: complex spectra of middle and side [B 2 bins F] and its views [B 3 bands F]."""

    pair: Tensor
    views: Tensor


def heard(samples: Tensor, config: VocoderConfig, filters: Tensor) -> Truth:
    """The truth about samples [B 2 N]."""
    stereo = spectrum(samples, config.mel)
    return Truth(mid_side(stereo, dim=-3), views_of(stereo, filters))


def level_losses(told: Spectra, truth: Truth, filters: Tensor) -> dict[str, Tensor]:
    """Of magnitudes: log-spectral (bins weighed as on the mel scale), mel, and spectral convergence."""
    size = _square(truth.pair).sqrt()
    true = size.clamp(min=QUIET).log()
    density = filters.sum(0) + 0.02
    off = (told.level.clamp(min=float(np.log(QUIET))) - true).abs().mean((1, 3))
    made = told.level.exp()
    apart = (made - size).square().sum((2, 3)).sqrt() / size.square().sum((2, 3)).sqrt().clamp(min=1e-2)
    bands = (mel_of(made, filters) - truth.views[:, :2]).abs().mean()
    return {"level": (off * density).sum(1).mean() / density.sum(), "bands": bands, "apart": apart.mean()}


def direction_losses(told: Spectra, truth: Truth) -> dict[str, Tensor]:
    """Squared distance of told directions to the true ones; the least is that of their means, weighed by loudness."""
    phased = told.turn.shape[2]
    pair = truth.pair[:, :, : phased + 1]
    k = torch.arange(phased, device=pair.device)
    frame_turn = torch.exp(-0.5j * torch.pi * (k % 4))[:, None]  # a quarter of the window later
    now = pair[:, :, :phased]
    turn = now[..., 1:] * now[..., :-1].conj() * frame_turn
    lean = -pair[:, :, 1:] * now.conj()  # seen from the middle of the window
    cross = now[:, 1] * now[:, 0].conj()
    start = now[:, 0, : told.anchor.shape[1]] * (1.0 - 2.0 * (k[: told.anchor.shape[1]] % 2))[:, None]
    return {
        "turn": _astray(told.turn[..., 1:], turn),
        "lean": _astray(told.lean, lean),
        "cross": _astray(told.cross, cross),
        "anchor": _astray(told.anchor, start * start.abs()),
    }


def _astray(told: Tensor, true: Tensor) -> Tensor:
    """Mean squared distance of told from the direction of `true`, a product of magnitudes; quiet ones weigh less."""
    size = _square(true).sqrt() + 1e-14
    weight = size**0.25
    weight = weight / weight.flatten(1).mean(1).reshape(-1, *[1] * (weight.ndim - 1))
    return (weight * _square(told - true / size)).mean()


def _square(x: Tensor) -> Tensor:
    """Squared magnitude: in real numbers, which is faster than `abs`, forth and back."""
    parts = torch.view_as_real(x)
    return parts[..., 0].square() + parts[..., 1].square()


WEIGHTS = {"level": 1.0, "bands": 0.5, "apart": 0.5, "turn": 1.0, "lean": 0.7, "cross": 0.4, "anchor": 0.2}


def train(
    codec: MelVae, sound: Source, held_out: Source, run: Path, preset: Preset, *, start: Path | None = None
) -> Vocoder:
    """Train on views of which most went through the codec; writes `run/vocoder.safetensors` and `run/metrics.json`.

    Weights to `start` from keep their own sizes, whatever the preset's are; raises BadWeights as `going_on` does.
    """
    torch.manual_seed(preset.seed)
    net = Vocoder(VocoderConfig(**preset.sizes)) if start is None else going_on(start, run, codec)
    config = net.config
    loop = Loop(net, run, replace(LoopConfig.of(preset), checkpoint_every_s=120.0))
    codec = codec.to(preset.device)
    filters = mel_filters(config.mel).to(preset.device)
    length = LATENTS * FRAMES * config.hop

    def losses(vocoder: Vocoder, samples: Tensor, true_share: float) -> dict[str, Tensor]:
        with torch.autocast(preset.device, enabled=False):
            truth = heard(samples, config, filters)
        known = round(true_share * len(samples))
        views = torch.cat([truth.views[:known], through(codec, truth.views[known:])])
        told = vocoder(views)
        return level_losses(told, truth, filters) | direction_losses(told, truth)

    ahead = Ahead(
        lambda step: batch(sound, preset.batch, length, np.random.default_rng((preset.seed, step))),
        workers=workers_for(preset.device),
    )

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        parts = losses(loop.module, ahead.of(step).to(preset.device), TRUE_SHARE)
        figures = {name: float(value.detach()) for name, value in parts.items()}
        if (step + 1) % 500 == 0:
            figures["held_out"] = measured(loop.average)["all"]
        return weighed(parts), figures

    @torch.no_grad()
    def measured(vocoder: Vocoder) -> dict[str, float]:
        samples = batch(held_out, 12, length, np.random.default_rng(1)).to(preset.device)
        parts = losses(vocoder, samples, 0.0)
        return {name: float(value) for name, value in parts.items()} | {"all": float(weighed(parts))}

    vocoder = loop.run(loss)
    save_module(run / VOCODER_FILE, vocoder, config)
    (run / "metrics.json").write_text(json.dumps(measured(vocoder.to(preset.device)), indent=1))
    return vocoder.cpu()


def going_on(start: Path, run: Path, codec: MelVae) -> Vocoder:
    """Weights to train on from; the run remembers which they were.

    Raises:
        BadWeights: they are missing or damaged, or were made for another view of sound than the codec's.
    """
    net = load_module(start, Vocoder, VocoderConfig).requires_grad_(requires_grad=True)
    if net.config.mel != codec.config.mel:
        raise BadWeights(f"{start} is of {net.config.mel} and does not fit a codec of {codec.config.mel}")
    run.mkdir(parents=True, exist_ok=True)
    (run / START).write_text(sha256_of(start))
    return net


@torch.no_grad()
def through(codec: MelVae, views: Tensor) -> Tensor:
    """Views as they come back from the codec, latents at their means."""
    return codec.decode(codec.encode(views)) if len(views) else views


def weighed(parts: dict[str, Tensor]) -> Tensor:
    """One number to minimise."""
    return torch.stack([WEIGHTS[name] * value for name, value in parts.items()]).sum()


def run(args: argparse.Namespace) -> None:
    """Train as the command line asks, and put the weights beside the codec's too."""
    preset = asked(AUDIO_VOCODER, args)
    codec = load_module(args.codec / CODEC_FILE, MelVae, MelVaeConfig)
    folder = args.run or Path("runs/audio/vocoder")
    train(codec, *sources(args), folder, preset, start=args.start)
    shutil.copyfile(folder / VOCODER_FILE, args.codec / VOCODER_FILE)
