"""The eight effects for hits and joins, synthesised to the length that a note asks for."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from generators.render.loudness import NOTE_LEVEL_DB, moment_level_db
from generators.render.tone import Floats, Tone, apply_tone
from generators.score.score import Effect

Seconds = NDArray[np.float64]

#: Effects that lead to a moment: they end exactly at the end of their note. The others start exactly at its onset.
LEADING = frozenset({Effect.RISER, Effect.REVERSE})
#: Seconds that the other effects ring, whatever the note's length.
RINGING_S = {Effect.IMPACT: 3.5, Effect.SUB_DROP: 2.5, Effect.SWEEP_DOWN: 2.5, Effect.SHIMMER: 3.0, Effect.BOOM: 2.5}
#: Level beside other notes, in dB.
LEVELS_DB = {
    Effect.IMPACT: 3.0,
    Effect.SUB_DROP: 0.0,
    Effect.RISER: -4.0,
    Effect.REVERSE: -5.0,
    Effect.SWEEP_DOWN: -6.0,
    Effect.SHIMMER: -7.0,
    Effect.BOOM: 0.0,
    Effect.WHOOSH: -5.0,
}
_BLOCKS = 48  # steps in which the filter of a sweep moves


def effect_frames(effect: Effect, note_s: float, rate: int) -> int:
    """How long an effect is for a note of `note_s`: leading effects and the whoosh as long as the note."""
    return max(1, round(RINGING_S.get(effect, max(note_s, 0.25)) * rate))


def render_effect(effect: Effect, frames: int, rate: int) -> Floats:
    """The effect [2 frames]; see `effect_frames`."""
    seconds = np.arange(frames) / rate
    rng = np.random.default_rng(77 + list(Effect).index(effect))
    sound = _MAKERS[effect](seconds, rate, rng)
    sound = apply_tone(sound, rate, Tone(low_cut_hz=28.0))
    gain = 10.0 ** ((NOTE_LEVEL_DB + LEVELS_DB[effect] - moment_level_db(sound, rate)) / 20.0)
    sound = sound * np.float32(gain)
    fade = min(sound.shape[1] // 8, rate // 5 if effect not in LEADING else rate // 300)
    sound[:, sound.shape[1] - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return sound


def _fall(t: Seconds, length_s: float) -> Seconds:
    return np.exp(-6.9 * t / length_s)


def _noise(t: Seconds, rng: np.random.Generator) -> Floats:
    return rng.standard_normal((2, len(t))).astype(np.float32)


def _swept(noise: Floats, rate: int, centre_hz: NDArray[np.float64], width: float = 1.0) -> Floats:
    """Noise through a band whose centre moves: overlapping blocks, each filtered at its own centre."""
    frames = noise.shape[1]
    hop = max(1, frames // _BLOCKS)
    out = np.zeros((2, frames + 2 * hop), np.float32)
    window = np.sin(np.pi * (np.arange(2 * hop) + 0.5) / (2 * hop)).astype(np.float32) ** 2
    for start in range(-hop, frames, hop):
        a, b = max(start, 0), min(start + 2 * hop, frames)
        centre = float(centre_hz[min(a, frames - 1)])
        tone = Tone(low_cut_hz=max(centre * 0.6, 30.0), high_cut_hz=min(centre * 1.6, 0.48 * rate), width=width)
        out[:, a:b] += apply_tone(noise[:, a:b], rate, tone) * window[a - start : b - start]
    return out[:, :frames]


def _impact(t: Seconds, rate: int, rng: np.random.Generator) -> Floats:
    cycles = 42.0 * t + 2.6 * (1.0 - np.exp(-t / 0.045))
    body = np.tanh(2.5 * np.sin(2 * np.pi * cycles) * _fall(t, 2.4))
    crack = apply_tone(_noise(t, rng), rate, Tone(low_cut_hz=150.0, high_cut_hz=5200.0)) * (0.9 * _fall(t, 0.35))
    dust = apply_tone(_noise(t, rng), rate, Tone(low_cut_hz=90.0, high_cut_hz=1400.0)) * (0.35 * _fall(t, 2.6))
    return (np.stack([body, body]) + crack + dust).astype(np.float32)


def _sub_drop(t: Seconds, rate: int, rng: np.random.Generator) -> Floats:
    end = float(t[-1]) + 1e-9
    cycles = 30.0 * t + 55.0 * end / 3.0 * (1.0 - np.exp(-3.0 * t / end))
    drop = np.tanh(1.5 * np.sin(2 * np.pi * cycles)) * np.clip(t / 0.004, 0.0, 1.0) * _fall(t, end * 1.6)
    return np.stack([drop, drop]).astype(np.float32)


def _riser(t: Seconds, rate: int, rng: np.random.Generator) -> Floats:
    x = (t + 1.0 / rate) / (float(t[-1]) + 1.0 / rate)
    air = _swept(_noise(t, rng), rate, 300.0 * 2.0 ** (4.6 * x**1.3))
    cycles = np.cumsum(110.0 * 2.0 ** (2.0 * x**1.5)) / rate
    saws = [
        sum(2.0 * ((cycles * d + i * 0.37) % 1.0) - 1.0 for i, d in enumerate(row))
        for row in ((1, 1.007, 2), (1, 0.993, 2.01))
    ]
    tone = apply_tone(np.stack(saws).astype(np.float32), rate, Tone(low_cut_hz=150.0, high_cut_hz=3500.0))
    flutter = 1.0 - 0.25 * (0.5 + 0.5 * np.cos(2 * np.pi * np.cumsum(4.0 + 10.0 * x) / rate))
    return ((air + np.float32(0.16) * tone) * (10.0 ** (1.7 * (x - 1.0)) * x * flutter)).astype(np.float32)


def _reverse(t: Seconds, rate: int, rng: np.random.Generator) -> Floats:
    wash = apply_tone(_noise(t, rng), rate, Tone(low_cut_hz=2500.0, high_cut_hz=14000.0 if rate > 30000 else 9000.0))
    back = float(t[-1]) - t
    return wash * (0.75 * _fall(back, max(float(t[-1]), 0.3) * 1.1) + 0.25 * _fall(back, 0.25)).astype(np.float32)


def _sweep_down(t: Seconds, rate: int, rng: np.random.Generator) -> Floats:
    x = t / (float(t[-1]) + 1e-9)
    return _swept(_noise(t, rng), rate, 7000.0 * 2.0 ** (-5.0 * x)) * _fall(t, 2.2).astype(np.float32)


def _shimmer(t: Seconds, rate: int, rng: np.random.Generator) -> Floats:
    out = np.zeros((2, len(t)))
    starts = np.concatenate([[0.0, 0.0], np.sort(rng.uniform(0.0, 0.9, 20))])
    for i, start in enumerate(starts):
        hz = 2093.0 * 2.0 ** ((rng.choice([0, 2, 4, 7, 9, 12, 14, 16]) + (0.0 if i > 1 else 12.0)) / 12.0)
        if hz < 0.45 * rate:
            since = np.maximum(t - start, 0.0)
            ping = np.sin(2 * np.pi * hz * since) * _fall(since, 1.6) * (t >= start) * (1.0 - 0.5 * start)
            pan = rng.uniform(0.1, 0.9)
            out += ping * np.array([[np.sqrt(1.0 - pan)], [np.sqrt(pan)]])
    return out.astype(np.float32)


def _boom(t: Seconds, rate: int, rng: np.random.Generator) -> Floats:
    cycles = 48.0 * t + 0.9 * (1.0 - np.exp(-t / 0.06))
    drum = np.sin(2 * np.pi * cycles) * _fall(t, 1.7) * np.clip(t / 0.003, 0.0, 1.0)
    skin = apply_tone(_noise(t, rng), rate, Tone(low_cut_hz=60.0, high_cut_hz=700.0)) * (0.5 * _fall(t, 0.25)).astype(
        np.float32
    )
    return np.stack([drum, drum]).astype(np.float32) + skin


def _whoosh(t: Seconds, rate: int, rng: np.random.Generator) -> Floats:
    x = t / (float(t[-1]) + 1e-9)
    bow = np.sin(np.pi * np.clip(x, 0.0, 1.0)) ** 3
    air = _swept(_noise(t, rng), rate, 400.0 + 3800.0 * bow, 0.5)
    angle = 0.25 * np.pi * (1.0 + 0.8 * (2.0 * x - 1.0))
    passing: Floats = (air * bow * np.stack([np.cos(angle), np.sin(angle)])).astype(np.float32)
    return passing


_MAKERS: dict[Effect, Callable[[Seconds, int, np.random.Generator], Floats]] = {
    Effect.IMPACT: _impact,
    Effect.SUB_DROP: _sub_drop,
    Effect.RISER: _riser,
    Effect.REVERSE: _reverse,
    Effect.SWEEP_DOWN: _sweep_down,
    Effect.SHIMMER: _shimmer,
    Effect.BOOM: _boom,
    Effect.WHOOSH: _whoosh,
}
