"""Render a performance: notes from the bank summed into stems, a room, a mastered mix that the stems add up to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from generators.render.bank import DEFAULT_CACHE_BYTES, NoteBank, load_instruments
from generators.render.bus import Bus, Duck
from generators.render.derived import derived_kits
from generators.render.kits import synth_kits
from generators.render.master import HOP, Curve, Mastering, Target, apply_curve, master, true_peaks
from generators.render.palette import Palette
from generators.render.palettes import palette_for
from generators.render.room import impulse_response, reverberate
from generators.render.shelf import StemShelf
from generators.render.stem import Session, play_part
from generators.render.synth import synth_instruments
from generators.render.tone import Floats
from generators.score.performance import Performance
from generators.score.score import Role
from generators.waveform import Waveform

__all__ = ["Mix", "load_bank", "palette_for", "render", "render_dry", "render_mix"]

SILENT_END_S, LEAST_FADE_S, MOST_FADE_S = 0.052, 0.035, 1.2
SPILL_BYTES = 250_000_000  # stems beyond this lie in temporary files, not in memory


@dataclass(frozen=True, slots=True)
class Mix:
    """Stems (empty from `render_mix`) that add up to the mix, and the measured loudness and true peak of the mix."""

    stems: dict[Role, Waveform]
    mix: Waveform
    loudness_lufs: float
    true_peak_dbtp: float


def load_bank(folder: Path, cache_bytes: int = DEFAULT_CACHE_BYTES) -> NoteBank:
    """The instruments of a bundle, the synthesiser and its kits; raises BadWeights for a broken bundle.

    `cache_bytes` bounds the memory of prepared notes; a trainer that renders every style does well with gigabytes.
    """
    sampled = load_instruments(folder)
    return NoteBank({**sampled, **derived_kits(sampled), **synth_instruments(), **synth_kits()}, cache_bytes)


def render(
    performance: Performance,
    palette: Palette,
    bank: NoteBank,
    *,
    seed: int,
    target_lufs: float = -14.0,
    sample_rate: int = 44100,
) -> Mix:
    """Render to a mastered mix and its stems; both are exactly round(duration_s * sample_rate) frames long."""
    kept: dict[Role, Floats] = {}
    mix = np.zeros((2, round(performance.duration_s * sample_rate)), np.float32)
    shelf = StemShelf(SPILL_BYTES)
    for role, stem in _stems(performance, palette, bank, seed=seed, rate=sample_rate):
        mix += stem
        kept[role] = shelf.keep(stem)
    mastering = _mastered(mix, performance, palette, sample_rate, target_lufs)
    for samples in (mix, *kept.values()):
        apply_curve(samples, mastering.curve)
        shelf.rest()
    stems = {role: Waveform(stem, sample_rate) for role, stem in kept.items()}
    return Mix(stems, Waveform(mix, sample_rate), mastering.loudness_lufs, true_peak_dbtp(mix))


def render_mix(
    performance: Performance,
    palette: Palette,
    bank: NoteBank,
    *,
    seed: int,
    target_lufs: float = -14.0,
    sample_rate: int = 44100,
) -> Mix:
    """The same mix as `render`, to rounding, without its stems: faster and in a third of the memory."""
    mix = _summed(performance, palette, bank, seed=seed, rate=sample_rate)
    return finish(Waveform(mix, sample_rate), performance, palette, target_lufs=target_lufs)


def finish(sound: Waveform, performance: Performance, palette: Palette, *, target_lufs: float = -14.0) -> Mix:
    """Master the sound [2 N] of a performance in place: glue, loudness, peaks, the end of what does not loop."""
    mix, rate = sound.samples, sound.sample_rate
    mastering = _mastered(mix, performance, palette, rate, target_lufs)
    apply_curve(mix, mastering.curve)
    return Mix({}, sound, mastering.loudness_lufs, true_peak_dbtp(mix))


def render_dry(
    performance: Performance, palette: Palette, bank: NoteBank, *, seed: int, sample_rate: int = 22050
) -> Waveform:
    """Notes and room without mastering, scaled to a peak of -3 dBFS: the quick path for training clips."""
    mix = _summed(performance, palette, bank, seed=seed, rate=sample_rate)
    peak = max(float(np.max(mix, initial=0.0)), -float(np.min(mix, initial=0.0)), 1e-6)
    mix *= np.float32(0.7079 / peak)
    return Waveform(mix, sample_rate)


def _session(performance: Performance, palette: Palette, bank: NoteBank, *, seed: int, rate: int) -> Session:
    frames = round(performance.duration_s * rate)
    return Session(bank, frames, rate, performance.loop, palette.dynamics, seed)


def _buses(
    performance: Performance, palette: Palette, session: Session, bus_of: Callable[[float], Bus]
) -> Iterator[tuple[Role, Bus]]:
    """Play every role that has notes and, in this palette, someone to play them, each on a bus of its own wetness."""
    drums = performance.parts.get(Role.DRUMS, ())
    loop_frames = session.frames if session.loop else 0
    for role in Role:
        notes, part = performance.parts.get(role, ()), palette.parts.get(role)
        if not notes or part is None:
            continue
        bus = bus_of(part.send)
        if part.pump_db and drums:
            bus = replace(bus, duck=Duck.by(drums, part.pump_db, session.rate, loop_frames=loop_frames))
        play_part(session, role, part, notes, bus)
        yield role, bus
        del bus  # before the next one is made: minutes of music take hundreds of megabytes


def _stems(
    performance: Performance, palette: Palette, bank: NoteBank, *, seed: int, rate: int
) -> Iterator[tuple[Role, Floats]]:
    session = _session(performance, palette, bank, seed=seed, rate=rate)
    response = impulse_response(palette.room, rate)

    def bus_of(wet: float) -> Bus:
        return Bus(*_silence(session.frames), wet, session.loop)

    for role, bus in _buses(performance, palette, session, bus_of):
        reverberate(bus.target, bus.send, response, loop=performance.loop)
        yield role, bus.target


def _summed(performance: Performance, palette: Palette, bank: NoteBank, *, seed: int, rate: int) -> Floats:
    """All roles on one bus, with one trip through the room for all of them (a room is linear)."""
    session = _session(performance, palette, bank, seed=seed, rate=rate)
    mix, send = _silence(session.frames)
    for _ in _buses(performance, palette, session, lambda wet: Bus(mix, send, wet, session.loop)):
        pass
    reverberate(mix, send, impulse_response(palette.room, rate), loop=performance.loop)
    return mix


def _silence(frames: int) -> tuple[Floats, Floats]:
    """A mix [2 N] and a send [N]."""
    return np.zeros((2, frames), np.float32), np.zeros(frames, np.float32)


def _mastered(mix: Floats, performance: Performance, palette: Palette, rate: int, target_lufs: float) -> Mastering:
    """The gains of the bus, with the fade of the reverberation at the end of a piece that does not loop."""
    shape = np.ones(-(-mix.shape[1] // HOP) + 1) if performance.loop else tail_curve(performance, rate)
    return master(mix, rate, Target(target_lufs, palette.glue_db, performance.loop), shape)


def tail_curve(performance: Performance, rate: int) -> Curve:
    """Gains at every HOP frames that let what rings after the last note die before the last 50 ms."""
    length_s = performance.duration_s
    last_s = max((n.onset_s + n.duration_s for notes in performance.parts.values() for n in notes), default=0.0)
    end_s = length_s - SILENT_END_S
    start_s = float(np.clip(last_s, end_s - MOST_FADE_S, end_s - LEAST_FADE_S))
    seconds = np.arange(-(-round(length_s * rate) // HOP) + 1) * (HOP / rate)
    place = np.clip((seconds - start_s) / (end_s - start_s), 0.0, 1.0)
    curve: Curve = np.cos(0.5 * np.pi * place) ** 2
    return np.where(place >= 1.0, 0.0, curve)


def true_peak_dbtp(mix: Floats) -> float:
    """True peak of [2 N] in dB; silence is -inf."""
    peak = float(np.max(true_peaks(mix), initial=0.0))
    return 20.0 * float(np.log10(peak)) if peak > 0.0 else -np.inf
