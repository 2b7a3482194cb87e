"""Our own synthesiser: detuned band-limited wavetables through a moving low-pass, all in vectorised numpy."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from generators.render.loudness import NOTE_LEVEL_DB, moment_level_db
from generators.render.tone import Floats, Tone, apply_tone

TABLE = 4096  # frames in a cycle: the error of reading the nearest frame stays below -60 dB
FILTERS = 8  # cut-offs between which the moving filter fades
MOST_HARMONICS = 700
CONTROL_FRAMES = 64


class Wave(StrEnum):
    """Cycles by their harmonics."""

    SINE = "sine"
    TRIANGLE = "triangle"
    SQUARE = "square"
    PULSE = "pulse"  # a quarter high
    SAW = "saw"


@dataclass(frozen=True, slots=True)
class Patch:
    """A sound: `voices` detuned copies of a wave, a filter that moves from `cutoff` to `cutoff_end`, an envelope.

    Cut-offs are in multiples of the note's own frequency at the middle layer, so that every key sounds alike.
    """

    wave: Wave = Wave.SAW
    voices: int = 1
    detune_cents: float = 0.0
    spread: float = 0.0
    cutoff: float = 40.0
    cutoff_end: float = 40.0
    sweep_s: float = 0.3
    resonance: float = 0.8
    attack_s: float = 0.004
    decay_db_s: float = 0.0
    release_s: float = 0.15
    sub: float = 0.0  # a sine one octave below
    vibrato_cents: float = 0.0
    vibrato_hz: float = 5.2
    drift: float = 0.0  # depth of a slow wander of the cut-off, in octaves
    drop_semitones: float = 0.0  # pitch falls from here at the start (808)
    fm_ratio: float = 0.0  # a bell instead of a wave: the modulator's frequency in multiples
    fm_index: float = 0.0
    air: float = 0.0  # breath noise


@dataclass(frozen=True)
class SynthInstrument:
    """A patch that a bank can play."""

    patch: Patch
    low: int = 21
    high: int = 108
    pitched: bool = True

    @property
    def release_s(self) -> float:
        """Seconds until a released note is 60 dB down."""
        return self.patch.release_s

    def sounding_range(self) -> tuple[int, int]:
        """Lowest and highest key that makes sense."""
        return self.low, self.high

    def render(self, key: int, layer: int, frames: int, rate: int, tone: Tone) -> Floats:
        """A note [2 frames] at `rate`; softer layers are darker."""
        sound = _play(self.patch, key, layer, frames, rate)
        reference = moment_level_db(sound, rate)
        sound *= np.float32(10.0 ** ((NOTE_LEVEL_DB - reference) / 20.0))
        return apply_tone(sound, rate, tone)


def _play(patch: Patch, key: int, layer: int, frames: int, rate: int) -> Floats:
    frequency = 440.0 * 2.0 ** ((key - 69) / 12.0)
    rng = np.random.default_rng(key * 7 + patch.voices)
    seconds = np.arange(frames, dtype=np.float64) / rate
    cycles = _cycles(patch, frequency, seconds)
    sound = np.zeros((2, frames), np.float32)
    if patch.fm_ratio:
        sound += _bell(patch, cycles, seconds, layer)
    else:
        tables = _tables(patch, frequency, rate, layer)
        place = _filter_place(patch, seconds, rate, layer)
        for pan, detune in _voices(patch):
            phase = cycles * 2.0 ** (detune / 1200.0) + rng.random() * (patch.voices > 1)
            tone = _read(tables, place, phase)
            sound[0] += tone * np.float32(np.cos((pan + 1.0) * np.pi / 4.0))
            sound[1] += tone * np.float32(np.sin((pan + 1.0) * np.pi / 4.0))
    if patch.sub:
        sound += np.float32(patch.sub * np.sqrt(patch.voices) * 0.3) * np.sin(np.pi * cycles).astype(np.float32)
    if patch.air:
        noise = rng.standard_normal((2, frames)).astype(np.float32)
        sound += np.float32(patch.air) * apply_tone(noise, rate, Tone(low_cut_hz=frequency * 2.0, high_cut_hz=9000.0))
    return sound * _envelope(patch, seconds)


def _voices(patch: Patch) -> list[tuple[float, float]]:
    """Pan and detune of every voice, spread evenly and crosswise."""
    if patch.voices == 1:
        return [(0.0, 0.0)]
    places = np.linspace(-1.0, 1.0, patch.voices)
    pans = np.where(np.arange(patch.voices) % 2, places, -places) * patch.spread
    return [(float(p), float(d) * patch.detune_cents) for p, d in zip(pans, places, strict=True)]


def _cycles(patch: Patch, frequency: float, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many cycles have passed, with vibrato (which sets in late) and the drop of the start."""
    cycles = frequency * seconds
    if patch.vibrato_cents:
        depth = patch.vibrato_cents / 1200.0 * np.log(2.0) * np.clip((seconds - 0.25) / 0.5, 0.0, 1.0)
        turn = 2.0 * np.pi * patch.vibrato_hz
        cycles = cycles - frequency * depth / turn * np.cos(turn * seconds)
    if patch.drop_semitones:
        extra = 2.0 ** (patch.drop_semitones / 12.0) - 1.0
        cycles = cycles + frequency * extra * 0.03 * (1.0 - np.exp(-seconds / 0.03))
    return cycles


def _tables(patch: Patch, frequency: float, rate: int, layer: int) -> Floats:
    """Cycles [FILTERS, TABLE] from the darkest to the brightest cut-off."""
    count = max(1, min(int(min(0.45 * rate, 17_000.0) / frequency), MOST_HARMONICS, TABLE // 2 - 1))
    h = np.arange(1, count + 1, dtype=np.float64)
    level = _harmonics(patch.wave, h)
    cutoffs = np.geomspace(*_cutoff_range(patch, layer), FILTERS)
    spectrum = np.zeros((FILTERS, TABLE // 2 + 1), np.complex128)
    for row, cutoff in enumerate(cutoffs):
        u = h / max(cutoff, 0.5)
        q = patch.resonance
        gain = 1.0 / np.sqrt((1.0 - u * u) ** 2 + (u / q) ** 2)
        spectrum[row, 1 : count + 1] = level * gain * -0.5j * TABLE
    return np.fft.irfft(spectrum, TABLE, axis=1).astype(np.float32)


def _harmonics(wave: Wave, h: NDArray[np.float64]) -> NDArray[np.float64]:
    odd = h % 2.0
    if wave is Wave.SINE:
        return np.where(h == 1.0, 1.0, 0.0)
    if wave is Wave.TRIANGLE:
        return odd * np.where(h % 4.0 == 1.0, 1.0, -1.0) / h**2
    if wave is Wave.SQUARE:
        return odd / h
    return np.sin(np.pi * h * 0.25) / h if wave is Wave.PULSE else 0.7 / h


def _cutoff_range(patch: Patch, layer: int) -> tuple[float, float]:
    brightness = 2.0 ** ((layer - 1) * 0.6)
    wander = 2.0**patch.drift
    low, high = sorted((patch.cutoff, patch.cutoff_end))
    return low * brightness / wander, high * brightness * wander * 1.001


def _filter_place(patch: Patch, seconds: NDArray[np.float64], rate: int, layer: int) -> Floats:
    """Where between the darkest (0) and the brightest (FILTERS - 1) table the sound is, at every frame."""
    low, high = _cutoff_range(patch, layer)
    coarse = seconds[::CONTROL_FRAMES]
    brightness = 2.0 ** ((layer - 1) * 0.6)
    start, end = np.log2(patch.cutoff * brightness), np.log2(patch.cutoff_end * brightness)
    octaves = end + (start - end) * np.exp(-coarse / patch.sweep_s)
    octaves = octaves + patch.drift * np.sin(2.0 * np.pi * 0.11 * coarse) * np.sin(2.0 * np.pi * 0.047 * coarse + 1.0)
    place = (octaves - np.log2(low)) / (np.log2(high) - np.log2(low)) * (FILTERS - 1)
    place = np.clip(place, 0.0, FILTERS - 1.001)
    smooth: Floats = np.interp(seconds, coarse, place).astype(np.float32)
    return smooth


def _read(tables: Floats, place: Floats, phase: NDArray[np.float64]) -> Floats:
    column = ((phase - np.floor(phase)) * TABLE).astype(np.int32)
    row = place.astype(np.int32)
    flat = tables.reshape(-1)
    low = flat[row * TABLE + column]
    tone: Floats = low + (place - row) * (flat[(row + 1) * TABLE + column] - low)
    return tone


def _bell(patch: Patch, cycles: NDArray[np.float64], seconds: NDArray[np.float64], layer: int) -> Floats:
    """Two-operator frequency modulation; the index falls faster than the sound (Chowning 1973)."""
    fall = np.exp((-seconds / max(patch.sweep_s, 1e-3)).astype(np.float32))
    index = np.float32(patch.fm_index * (0.6 + 0.2 * layer)) * fall
    sides = []
    for sign in (-1.0, 1.0):
        detuned = cycles * 2.0 ** (sign * patch.detune_cents / 1200.0)
        sides.append(np.sin(_turns(detuned) + index * np.sin(_turns(detuned * patch.fm_ratio))))
    return np.stack(sides)


def _turns(cycles: NDArray[np.float64]) -> Floats:
    """The angle in single precision, of what is left of whole cycles."""
    part = (cycles - np.floor(cycles)).astype(np.float32)  # a remainder takes ten times as long
    angle: Floats = part * np.float32(2.0 * np.pi)
    return angle


def _envelope(patch: Patch, seconds: NDArray[np.float64]) -> Floats:
    passed = seconds.astype(np.float32)
    envelope: Floats = np.exp(passed * np.float32(-patch.decay_db_s / 20.0 * np.log(10.0)))
    rising = int(np.searchsorted(passed, max(patch.attack_s, 0.001)))
    envelope[:rising] *= np.sin(np.float32(0.5 * np.pi / max(patch.attack_s, 0.001)) * passed[:rising]) ** 2
    return envelope


PATCHES: dict[str, Patch] = {
    "warm_pad": Patch(Wave.SAW, 7, 13.0, 0.9, 3.0, 5.0, 1.5, 0.7, 0.45, release_s=1.6, drift=0.7),
    "glass_pad": Patch(Wave.TRIANGLE, 5, 9.0, 0.9, 8.0, 14.0, 2.0, 0.7, 0.6, release_s=2.2, drift=0.5, air=0.012),
    "dark_pad": Patch(Wave.SAW, 6, 16.0, 0.9, 1.6, 2.6, 2.0, 0.9, 0.8, release_s=1.8, drift=0.9, sub=0.3),
    "string_machine": Patch(Wave.SAW, 7, 15.0, 1.0, 9.0, 12.0, 1.0, 0.7, 0.12, release_s=0.7, drift=0.3),
    "supersaw": Patch(Wave.SAW, 7, 17.0, 0.9, 14.0, 9.0, 0.5, 0.8, 0.008, release_s=0.25),
    "saw_pluck": Patch(Wave.SAW, 3, 8.0, 0.6, 16.0, 1.5, 0.11, 1.3, 0.002, 16.0, 0.3),
    "soft_pluck": Patch(Wave.TRIANGLE, 2, 6.0, 0.6, 14.0, 2.0, 0.18, 0.9, 0.002, 20.0, 0.5),
    "house_stab": Patch(Wave.SAW, 4, 11.0, 0.8, 9.0, 2.5, 0.16, 1.1, 0.002, 14.0, 0.15),
    "saw_lead": Patch(Wave.SAW, 3, 9.0, 0.4, 16.0, 9.0, 0.4, 1.0, 0.008, release_s=0.22, vibrato_cents=14.0),
    "square_lead": Patch(Wave.SQUARE, 2, 6.0, 0.3, 12.0, 8.0, 0.4, 0.9, 0.008, release_s=0.18, vibrato_cents=12.0),
    "pulse_lead": Patch(Wave.PULSE, 2, 7.0, 0.4, 14.0, 9.0, 0.5, 0.9, 0.01, release_s=0.25, vibrato_cents=12.0),
    "synth_bass": Patch(Wave.SAW, 2, 6.0, 0.0, 14.0, 3.0, 0.12, 1.4, 0.003, 3.0, 0.08, sub=0.8),
    "round_bass": Patch(Wave.SQUARE, 1, 0.0, 0.0, 5.0, 2.2, 0.15, 0.8, 0.004, 4.0, 0.08, sub=0.5),
    "sub_bass": Patch(Wave.TRIANGLE, 1, 0.0, 0.0, 3.0, 3.0, 0.3, 0.7, 0.01, release_s=0.15),
    "bass_808": Patch(Wave.TRIANGLE, 1, 0.0, 0.0, 8.0, 2.5, 0.15, 0.8, 0.003, 9.0, 0.25, drop_semitones=12.0),
    "octave_bass": Patch(Wave.SAW, 2, 9.0, 0.0, 18.0, 2.2, 0.09, 1.8, 0.002, 6.0, 0.06, sub=0.5),
    "chip_square": Patch(Wave.SQUARE, cutoff=200.0, cutoff_end=200.0, attack_s=0.002, release_s=0.03),
    "chip_pulse": Patch(Wave.PULSE, cutoff=200.0, cutoff_end=200.0, attack_s=0.002, decay_db_s=5.0, release_s=0.03),
    "chip_lead": Patch(Wave.PULSE, cutoff=200.0, cutoff_end=200.0, attack_s=0.002, release_s=0.04, vibrato_cents=18.0),
    "chip_triangle": Patch(Wave.TRIANGLE, cutoff=200.0, cutoff_end=200.0, attack_s=0.002, release_s=0.03),
    "glass_bell": Patch(fm_ratio=3.5, fm_index=2.2, sweep_s=0.5, detune_cents=4.0, decay_db_s=14.0, release_s=1.2),
    "fm_piano": Patch(fm_ratio=1.0, fm_index=1.6, sweep_s=0.7, detune_cents=5.0, decay_db_s=9.0, release_s=0.4),
}


def synth_instruments() -> dict[str, SynthInstrument]:
    """Every patch as an instrument of the bank."""
    return {name: SynthInstrument(patch) for name, patch in PATCHES.items()}
