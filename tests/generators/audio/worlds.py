"""A small piece, and a codec simple enough to know what comes out: levels of sound, joined by straight lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from generators.audio.conditions import Conditions, Floats, Follow, Played, conditions_of, local_width
from generators.audio.kept import Kept
from generators.audio.sketch import BANDS
from generators.audio.timbre import AGES_S, LOWEST_DB, TIMBRES_FILE, Timbre, save_timbres
from generators.audio.tuning import Tuning
from generators.audio.vae import MelVae, MelVaeConfig
from generators.audio.vocoder import Vocoder, VocoderConfig
from generators.flow.checkpoint import save_module
from generators.flow.dit import DiT, DiTConfig
from generators.render.palettes import palette_for
from generators.score.performance import Performance, TimedNote
from generators.score.plan.brief import Brief, Plan
from generators.score.plan.plan import plan
from generators.score.score import Key, Mode, Role
from generators.score.style import Style
from generators.waveform import Waveform

CHANNELS, DIM, HOP, RATE = 4, 6, 2048, 44_100


@dataclass(frozen=True)
class LevelCodec:
    """A latent is the mean of the left and the right channel over two halves of a frame; sound is drawn between."""

    sample_rate: int = RATE
    hop_length: int = HOP
    channels: int = CHANNELS

    def encode(self, sound: Waveform) -> Floats:
        frames = -(-sound.samples.shape[1] // HOP)
        padded = np.pad(sound.samples, ((0, 0), (0, frames * HOP - sound.samples.shape[1])))
        levels: Floats = padded.reshape(2, frames, 2, HOP // 2).mean(axis=-1).transpose(1, 0, 2).reshape(frames, 4)
        return levels

    def decode_stream(
        self, latents: Floats, n_samples: int, *, tuning: Tuning | None = None, kept: Kept | None = None
    ) -> Iterator[Floats]:
        places = (np.arange(2 * len(latents)) + 0.5) * (HOP // 2)
        levels = latents.reshape(-1, 2, 2).transpose(1, 0, 2).reshape(2, -1)
        for first in range(0, n_samples, 10_000):
            at = np.arange(first, min(first + 10_000, n_samples))
            yield np.stack([np.interp(at, places, level) for level in levels]).astype(np.float32)


def tiny_net(*, strides: bool = False, channels: int = CHANNELS, dim: int = DIM) -> DiT:
    """A random net: not trained, but nothing in it is zero."""
    torch.manual_seed(0)
    net = DiT(
        DiTConfig(channels, local_width(channels), dim + 1, 16, 2, 2, strides=strides, shared=True, reach=3)
    ).eval()
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    return net.requires_grad_(requires_grad=False)


def small_plan(duration_s: float = 6.0, *, loop: bool = False) -> Plan:
    """A few bars at 120 bpm."""
    return plan(Brief(duration_s, Style.LOFI, 120.0, Key(0, Mode.MAJOR), tempo_exact=True, loop=loop))


def small_performance(duration_s: float = 6.0, *, loop: bool = False) -> Performance:
    """A note of every pitched role each half second, and a kick with it."""
    roles = (Role.LEAD, Role.CHORDS, Role.BASS)
    times = [0.5 * k for k in range(int(2 * duration_s))]
    parts = {
        role: tuple(TimedNote(t, 0.4, 48 + 12 * i + k % 7, 100) for k, t in enumerate(times))
        for i, role in enumerate(roles)
    }
    parts[Role.DRUMS] = tuple(TimedNote(t, 0.1, 36, 127) for t in times)
    return Performance(duration_s, parts, loop)


def small_conditions(frames: int, duration_s: float = 6.0, *, follow: Follow = Follow.SCORE) -> Conditions:
    """The conditions of the small piece."""
    point = np.linspace(-1.0, 1.0, DIM, dtype=np.float32)
    played = Played(small_performance(duration_s), follow)
    return conditions_of(small_plan(duration_s), played, point, frames=frames, channels=CHANNELS)


def small_timbre() -> Timbre:
    """Keys from 30 to 90 sound in one band each, at -20 dB as long as they are held, in mono, and die within 0.1 s."""
    levels_db = np.full((61, len(AGES_S), BANDS), LOWEST_DB, np.float32)
    levels_db[np.arange(61), :, np.arange(61)] = -20.0
    return Timbre(levels_db, np.full(BANDS, LOWEST_DB, np.float32), 30, 0.1, pitched=True)


def every_timbre() -> dict[str, Timbre]:
    """The small timbre for each instrument of all palettes."""
    palettes = [palette_for(style, seed) for style in Style for seed in range(8)]
    names = {voice.instrument for p in palettes for part in p.parts.values() for voice in part.voices}
    return dict.fromkeys(names, small_timbre())


def write_tiny_audio(folder: Path, *, dim: int = DIM) -> Path:
    """Codec, vocoder, flow and timbres as files, small and random, to be read by the public loader."""
    vae = MelVaeConfig(channels=8, width=16, hidden=16, depth=1)
    vocoder = VocoderConfig(width=16, hidden=16, depth=1, shaped=64, phased=64, anchored=8)
    torch.manual_seed(0)
    save_module(folder / "codec.safetensors", MelVae(vae), vae)
    save_module(folder / "vocoder.safetensors", Vocoder(vocoder), vocoder)
    save_timbres(folder / TIMBRES_FILE, every_timbre())
    net = tiny_net(channels=8, dim=dim)
    save_module(folder / "flow.safetensors", net, net.config)
    return folder
