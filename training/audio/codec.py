"""Train the mel VAE: `python -m training.audio codec`: latents are final in minutes, then the decoder learns."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from generators.audio.codec import CODEC_FILE, VOCODER_FILE
from generators.audio.mel import CHANNELS, VIEWS, MelConfig, log_mel, mel_filters
from generators.audio.vae import FRAMES, NOISE, MelVae, MelVaeConfig
from generators.audio.vocoder import Vocoder, VocoderConfig
from generators.flow.checkpoint import load_module, save_module
from training.audio.draws import Ahead, Source, batch, workers_for
from training.audio.sources import sources
from training.loop import START, Loop, LoopConfig
from training.manifest import sha256_of
from training.presets import AUDIO_CODEC, Preset, asked

READY = "READY"  # is written when latents are final
CHANGE_WEIGHT = 0.5
VIEW_WEIGHTS = (1.2, 1.0, 0.6)  # middle, side, balance
FIT_WEIGHTS = (1.5, 1.0, 0.4)  # the same where squares are minimised
TUNED_HZ, TUNED_WEIGHT = (60.0, 3000.0), 2.5  # there levels tell which notes sound: chroma 0.93 with it, 0.91 without
LATENTS = 48  # in one stretch: 2.2 s
FITTED = 640  # stretches that the encoder is fitted on: 24 minutes
AT_ONCE = 8


def mel_loss(made: Tensor, true: Tensor) -> tuple[Tensor, Tensor]:
    """Mean absolute error of views [B 3 bands F] in nepers, and of its changes over time and over frequency."""
    off = (made - true) * true.new_tensor(VIEW_WEIGHTS)[:, None, None]
    change = off.diff(dim=-1).abs().mean() + off.diff(dim=-2).abs().mean()
    return off.abs().mean(), change


@torch.no_grad()
def fit(vae: MelVae, sound: Source, *, stretches: int, seed: int) -> None:
    """Set encoder, linear decoder and statistics by principal component analysis of drawn music."""
    rng = np.random.default_rng(seed)
    size = VIEWS * vae.config.bands
    weights = fit_weights(vae.config.mel).flatten().repeat_interleave(FRAMES)
    count, total, products = 0, torch.zeros(size * FRAMES).double(), torch.zeros(size * FRAMES, size * FRAMES).double()
    for _ in range(-(-stretches // AT_ONCE)):
        views = log_mel(batch(sound, AT_ONCE, LATENTS * FRAMES * vae.config.hop, rng), vae.config.mel)
        blocks = vae.flat(views).unflatten(-1, (-1, FRAMES)).permute(0, 2, 1, 3).flatten(2).flatten(0, 1) * weights
        count, total = count + len(blocks), total + blocks.sum(0)
        products += (blocks.T @ blocks).double()
    mean = total / count
    variances, axes = torch.linalg.eigh(products / count - torch.outer(mean, mean))
    top = axes[:, -vae.config.channels :].flip(1).float()
    mean = mean.float()
    around = ((mean - top @ (top.T @ mean)) / weights).unflatten(0, (size, FRAMES)).mean(1)
    into, out = ((top * w[:, None]).T.unflatten(1, (size, FRAMES)) for w in (weights, 1.0 / weights))
    vae.read.load_state_dict({"weight": into, "bias": torch.zeros(vae.config.channels)})
    vae.write.load_state_dict({"weight": out, "bias": around})
    vae.latent_mean.copy_(mean @ top)
    vae.latent_std.copy_(variances[-vae.config.channels :].flip(0).clamp(min=1e-6).sqrt())


def fit_weights(config: MelConfig) -> Tensor:
    """How much each band of each view counts where latents are chosen [3 bands]; the balance tells no notes."""
    centres_hz = mel_filters(config) @ torch.linspace(0.0, 0.5 * config.sample_rate, config.bins)
    low_hz, high_hz = TUNED_HZ
    weights = torch.tensor(FIT_WEIGHTS)[:, None].repeat(1, config.bands)
    weights[:CHANNELS, (centres_hz > low_hz) & (centres_hz < high_hz)] *= TUNED_WEIGHT
    return weights


@torch.no_grad()
def error(vae: MelVae, sound: Source, *, stretches: int, seed: int) -> dict[str, float]:
    """Mean absolute error of log-mel in dB on drawn music, latents at their means, view by view."""
    rng = np.random.default_rng(seed)
    heard = batch(sound, stretches, LATENTS * FRAMES * vae.config.hop, rng).to(vae.latent_mean.device)
    mel = log_mel(heard, vae.config.mel)
    off = (vae.decode(vae.encode(mel)) - mel).abs().mean((0, 2, 3)) * 20.0 / float(np.log(10.0))
    return dict(zip(("middle_db", "side_db", "balance_db"), off.tolist(), strict=True))


def prepare(sound: Source, run: Path, preset: Preset) -> None:
    """Fit the encoder and write `run/codec.safetensors`, as `settle` does."""
    torch.manual_seed(preset.seed)
    vae = MelVae(MelVaeConfig(**preset.sizes))
    fit(vae, sound, stretches=min(FITTED, 2 * preset.steps), seed=0)
    settle(vae, run)


def begin_from(start: Path, run: Path) -> None:
    """Let a run go on from the weights of a codec, whose latents stay; the run remembers which they were.

    Raises:
        BadWeights: they are missing or damaged.
    """
    settle(load_module(start, MelVae, MelVaeConfig), run)
    (run / START).write_text(sha256_of(start))


def settle(vae: MelVae, run: Path) -> None:
    """Write `run/codec.safetensors`; `run/READY` tells that latents stay what they are.

    A vocoder that has learned nothing lies beside them, so that the folder loads before the next stage.
    """
    config = vae.config
    save_module(run / CODEC_FILE, vae, config)
    untrained = VocoderConfig(bands=config.bands, hop=config.hop, n_fft=config.n_fft)
    save_module(run / VOCODER_FILE, Vocoder(untrained), untrained)
    (run / READY).write_text("latents are final; the decoder may still learn\n")


def train(sound: Source, held_out: Source, run: Path, preset: Preset) -> MelVae:
    """Train the decoder of the codec in `run` while latents stay; writes it and `run/metrics.json`."""
    vae = load_module(run / CODEC_FILE, MelVae, MelVaeConfig)
    for part in (vae.refine, vae.touch, vae.write):
        part.requires_grad_(requires_grad=True)
    loop = Loop(vae, run, replace(LoopConfig.of(preset), checkpoint_every_s=120.0))
    config = vae.config
    filters = mel_filters(config.mel).to(preset.device)

    def drawn(step: int) -> Tensor:
        rng = np.random.default_rng((preset.seed, step))
        return batch(sound, preset.batch, LATENTS * FRAMES * config.hop, rng)

    ahead = Ahead(drawn, workers=workers_for(preset.device))

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        with torch.autocast(preset.device, enabled=False), torch.no_grad():
            mel = log_mel(ahead.of(step).to(preset.device), config.mel, filters)
            mean = vae.encode(mel)
            noise = torch.randn(mean.shape, generator=generator).to(mean.device)
        made = vae.decode(mean + NOISE * vae.latent_std[:, None] * noise)
        level, change = mel_loss(made, mel)
        figures = {"level": float(level.detach())}
        if step == 0 or (step + 1) % 500 == 0:
            figures |= error(loop.average, held_out, stretches=AT_ONCE, seed=1)
        return level + CHANGE_WEIGHT * change, figures

    learned = loop.run(loss)
    save_module(run / CODEC_FILE, learned, config)
    measured = error(learned, held_out, stretches=min(32, preset.steps), seed=2)
    (run / "metrics.json").write_text(json.dumps(measured, indent=1))
    return learned


def run(args: argparse.Namespace) -> None:
    """Fit, where that is not done, and train as the command line asks."""
    preset = asked(AUDIO_CODEC, args)
    folder = args.run or Path("runs/audio/codec")
    sound, held_out = sources(args)
    fitted = (folder / READY).exists()
    if not fitted and args.start is not None:
        begin_from(args.start, folder)
    elif not fitted:
        prepare(sound, folder, preset)
    train(sound, held_out, folder, preset)
