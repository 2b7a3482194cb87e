"""Synthesised drum kits: the sixteen drum keys of a score, shaped by one config for each kit."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generators.render.loudness import NOTE_LEVEL_DB, moment_level_db
from generators.render.tone import Floats, Tone, apply_tone

Seconds = NDArray[np.float64]

#: How loud each drum is beside the kick, in dB (the same for every kit, sampled or not).
KIT_LEVELS_DB = {36: 0, 38: -3, 37: -9, 39: -7, 42: -13, 44: -15, 46: -12, 41: -4, 45: -4, 48: -5, 49: -8, 51: -13}
KIT_LEVELS_DB |= {54: -13, 56: -11, 70: -16, 63: -8}
#: Where the drums stand, -1 left to 1 right, as the audience sees them; the others stand in the middle.
_PANS = {
    42: 0.2,
    44: 0.2,
    46: 0.2,
    41: 0.35,
    45: 0.1,
    48: -0.2,
    49: -0.3,
    51: -0.25,
    54: -0.3,
    56: 0.25,
    70: 0.35,
    63: -0.35,
}


@dataclass(frozen=True, slots=True)
class Kit:
    """What makes one electronic kit sound unlike another."""

    kick_hz: float = 50.0
    kick_sweep: float = 5.0  # the pitch starts at this many times kick_hz
    kick_s: float = 0.35  # to -60 dB, times two
    kick_click: float = 0.3
    snare_hz: float = 190.0
    snare_s: float = 0.22
    snare_noise: float = 1.0
    gate_s: float = 0.0  # a burst of room cut off after this long (gated reverb)
    hat_s: float = 0.06
    metal: float = 0.5
    dark_hz: float = 0.0  # low-pass over everything
    crush_bits: int = 0
    noise_hold: int = 1  # frames for which noise keeps its value: the noise channel of a game console


@dataclass(frozen=True)
class SynthKit:
    """A kit that a bank can play; a key that scores do not use is silent."""

    kit: Kit
    release_s: float = 1.0
    pitched: bool = False

    def sounding_range(self) -> tuple[int, int]:
        """Keys are drums: all of them stand for themselves."""
        return 0, 127

    def render(self, key: int, layer: int, frames: int, rate: int, tone: Tone) -> Floats:
        """A drum [2 frames] at `rate`."""
        if key not in KIT_LEVELS_DB:
            return np.zeros((2, frames), np.float32)
        longest = min(frames, int(2.5 * rate))
        seconds = np.arange(longest) / rate
        sound = _drum(key)(self.kit, seconds, rate, np.random.default_rng(1000 + key))
        sound = _finish(self.kit, sound, rate, key, layer)
        out = np.zeros((2, frames), np.float32)
        out[:, :longest] = apply_tone(sound, rate, tone)
        fade = min(rate // 20, longest)
        out[:, longest - fade : longest] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
        return out


def _finish(kit: Kit, sound: Floats, rate: int, key: int, layer: int) -> Floats:
    dark = kit.dark_hz or 18_000.0
    sound = apply_tone(sound, rate, Tone(high_cut_hz=min(dark * (0.6 + 0.2 * layer), 0.49 * rate)))
    rise = rate // 2000
    sound[:, :rise] *= np.linspace(0.0, 1.0, rise, dtype=np.float32)
    if kit.crush_bits:
        steps = np.float32(2.0 ** (kit.crush_bits - 1) / max(float(np.max(np.abs(sound))), 1e-9))
        sound = (np.round(sound * steps) / steps).astype(np.float32)
    angle = 0.25 * np.pi * (1.0 + _PANS.get(key, 0.0))
    sound = sound * np.array([[np.cos(angle)], [np.sin(angle)]], np.float32)
    level = NOTE_LEVEL_DB + KIT_LEVELS_DB[key] - moment_level_db(sound, rate)
    return sound * np.float32(10.0 ** (level / 20.0))


def _drum(key: int) -> "Callable[[Kit, Seconds, int, np.random.Generator], Floats]":
    table: dict[int, Callable[[Kit, Seconds, int, np.random.Generator], Floats]] = {
        36: _kick,
        38: _snare,
        37: _rim,
        39: _clap,
        42: lambda k, t, r, g: _hat(k, t, r, g, k.hat_s),
        44: lambda k, t, r, g: _hat(k, t, r, g, k.hat_s * 0.7),
        46: lambda k, t, r, g: _hat(k, t, r, g, k.hat_s * 6.0),
        41: lambda k, t, r, g: _tom(k, t, 82.0, g),
        45: lambda k, t, r, g: _tom(k, t, 118.0, g),
        48: lambda k, t, r, g: _tom(k, t, 165.0, g),
        49: lambda k, t, r, g: _cymbal(k, t, r, g, (1.6, 1.0)),
        51: lambda k, t, r, g: _cymbal(k, t, r, g, (0.8, 0.35)),
        54: lambda k, t, r, g: _shake(t, r, g, (0.14, 6500.0)),
        56: _cowbell,
        70: lambda k, t, r, g: _shake(t, r, g, (0.07, 5000.0)),
        63: lambda k, t, r, g: _tom(k, t, 230.0, g),
    }
    return table[key]


def _fall(seconds: Seconds, length_s: float) -> Seconds:
    """Exponential decay: 60 dB down after `length_s`."""
    return np.exp(-6.9 * seconds / length_s)


def _mono(sound: Seconds) -> Floats:
    return np.stack([sound, sound]).astype(np.float32)


def _noise(kit: Kit, frames: int, rng: np.random.Generator) -> NDArray[np.float64]:
    hold = kit.noise_hold
    if hold == 1:
        return rng.standard_normal((2, frames))
    held = np.repeat(rng.choice([-1.0, 1.0], frames // hold + 1), hold)[:frames]
    return np.stack([held, held])


def _kick(kit: Kit, t: Seconds, rate: int, rng: np.random.Generator) -> Floats:
    tau = 0.025
    cycles = kit.kick_hz * (t + (kit.kick_sweep - 1.0) * tau * (1.0 - np.exp(-t / tau)))
    body = np.sin(2.0 * np.pi * cycles) * _fall(t, kit.kick_s * 2.0)
    body = np.tanh(1.8 * body)
    click = rng.standard_normal(len(t)) * _fall(t, 0.012) * kit.kick_click
    return _mono(body + click)


def _snare(kit: Kit, t: Seconds, rate: int, rng: np.random.Generator) -> Floats:
    bend = 1.0 + 0.5 * np.exp(-t / 0.01)
    shell = (np.sin(2 * np.pi * kit.snare_hz * t * bend) + 0.6 * np.sin(2 * np.pi * 1.78 * kit.snare_hz * t)) * _fall(
        t, 0.18
    )
    rattle = apply_tone(_noise(kit, len(t), rng).astype(np.float32), rate, Tone(low_cut_hz=1200.0, width=0.6))
    sound = _mono(0.8 * shell) + (0.5 * kit.snare_noise * _fall(t, kit.snare_s * 1.6)).astype(np.float32) * rattle
    if kit.gate_s:
        room = np.clip((kit.gate_s - t) / 0.02, 0.0, 1.0) * 0.22
        wide = apply_tone(_noise(kit, len(t), rng).astype(np.float32), rate, Tone(low_cut_hz=300.0, high_cut_hz=6000.0))
        sound = sound + room.astype(np.float32) * wide
    return sound


def _rim(kit: Kit, t: Seconds, rate: int, rng: np.random.Generator) -> Floats:
    ring = np.sin(2 * np.pi * 1650.0 * t) + 0.7 * np.sin(2 * np.pi * 820.0 * t)
    return _mono(ring * _fall(t, 0.05) + 0.3 * rng.standard_normal(len(t)) * _fall(t, 0.008))


def _clap(kit: Kit, t: Seconds, rate: int, rng: np.random.Generator) -> Floats:
    hands = sum(np.where(t >= d, np.exp(-np.maximum(t - d, 0.0) / 0.004), 0.0) for d in (0.0, 0.011, 0.021))
    tail = np.where(t >= 0.03, _fall(np.maximum(t - 0.03, 0.0), 0.3), 0.0)
    noise = apply_tone(
        _noise(kit, len(t), rng).astype(np.float32), rate, Tone(low_cut_hz=900.0, high_cut_hz=5000.0, width=0.8)
    )
    return (hands + 0.8 * tail).astype(np.float32) * noise


def _metal(t: Seconds, low_hz: float) -> Seconds:
    """Six squares out of tune with one another, as in the classic drum machines."""
    partials = (1.0, 1.342, 1.2312, 1.6532, 1.9523, 2.1523)
    squares: Seconds = np.sum([np.sign(np.sin(2 * np.pi * low_hz * p * t)) for p in partials], axis=0)
    return squares / 6.0


def _hat(kit: Kit, t: Seconds, rate: int, rng: np.random.Generator, length_s: float) -> Floats:
    noise = _noise(kit, len(t), rng) * (1.0 - kit.metal) + kit.metal * 2.0 * _metal(t, 400.0)
    bright = apply_tone(noise.astype(np.float32), rate, Tone(low_cut_hz=7000.0, width=0.5))
    return (_fall(t, length_s * 1.6)).astype(np.float32) * bright


def _tom(kit: Kit, t: Seconds, hz: float, rng: np.random.Generator) -> Floats:
    cycles = hz * (t + 0.6 * 0.05 * (1.0 - np.exp(-t / 0.05)))
    skin = 0.15 * rng.standard_normal(len(t)) * _fall(t, 0.05)
    return _mono(np.tanh(1.4 * np.sin(2 * np.pi * cycles) * _fall(t, 0.55)) + skin)


def _cymbal(kit: Kit, t: Seconds, rate: int, rng: np.random.Generator, shape: tuple[float, float]) -> Floats:
    length_s, wash = shape
    noise = rng.standard_normal((2, len(t))) * wash + kit.metal * 1.5 * _metal(t, 540.0) * (1.2 - wash)
    bright = apply_tone(noise.astype(np.float32), rate, Tone(low_cut_hz=4500.0, width=1.0))
    shape_over_time = 0.7 * _fall(t, length_s * 1.5) + 0.3 * _fall(t, 0.15)
    return shape_over_time.astype(np.float32) * bright


def _shake(t: Seconds, rate: int, rng: np.random.Generator, shape: tuple[float, float]) -> Floats:
    length_s, low_hz = shape
    rise = np.clip(t / (length_s * 0.25), 0.0, 1.0)
    noise = apply_tone(rng.standard_normal((2, len(t))).astype(np.float32), rate, Tone(low_cut_hz=low_hz, width=0.6))
    return (rise * _fall(t, length_s * 2.0)).astype(np.float32) * noise


def _cowbell(kit: Kit, t: Seconds, rate: int, rng: np.random.Generator) -> Floats:
    ring = np.sign(np.sin(2 * np.pi * 540.0 * t)) + np.sign(np.sin(2 * np.pi * 800.0 * t))
    return apply_tone(_mono(ring * (0.5 * _fall(t, 0.4) + 0.5 * _fall(t, 0.05))), rate, Tone(500.0, 4000.0))


KITS: dict[str, Kit] = {
    "house_kit": Kit(kick_hz=52.0, kick_s=0.32, kick_click=0.35, hat_s=0.05, metal=0.4),
    "synthwave_kit": Kit(kick_hz=56.0, kick_s=0.22, snare_hz=175.0, snare_s=0.3, gate_s=0.24, metal=0.2),
    "lofi_kit": Kit(kick_hz=58.0, kick_s=0.2, kick_click=0.15, snare_s=0.16, dark_hz=6500.0, metal=0.3, crush_bits=10),
    "deep_kit": Kit(kick_hz=44.0, kick_s=0.6, kick_click=0.15, snare_hz=160.0, dark_hz=9000.0, hat_s=0.04),
    "chip_kit": Kit(
        kick_hz=62.0, kick_sweep=7.0, kick_s=0.12, kick_click=0.1, snare_s=0.12, noise_hold=4, crush_bits=5
    ),
}


def synth_kits() -> dict[str, SynthKit]:
    """Every synthesised kit as an instrument of the bank."""
    return {name: SynthKit(kit) for name, kit in KITS.items()}
