"""A user's own SoundFont: its General MIDI presets take the places of the embedded instruments of the same name."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generators.errors import BadSoundFont
from generators.render.kits import KIT_LEVELS_DB
from generators.render.loudness import NOTE_LEVEL_DB, moment_level_db
from generators.render.sampled import SampledInstrument, Zone
from generators.render.sf2 import Region, SoundFont, read_soundfont
from generators.render.tone import Floats, Tone

#: Instruments by General MIDI (bank, program); bank 128 holds the drum kits.
GENERAL_MIDI: dict[str, tuple[int, int]] = {
    name: (0, program)
    for name, program in (
        ("piano", 0), ("electric_piano", 4), ("celesta", 8), ("glockenspiel", 9), ("music_box", 10), ("vibes", 11),
        ("marimba", 12), ("organ", 17), ("accordion", 21), ("nylon_guitar", 24), ("steel_guitar", 25),
        ("jazz_guitar", 26), ("clean_guitar", 27), ("muted_guitar", 28), ("overdrive_guitar", 29),
        ("acoustic_bass", 32), ("finger_bass", 33), ("picked_bass", 34), ("violin", 40), ("cello", 42),
        ("contrabass", 43), ("tremolo_strings", 44), ("pizzicato", 45), ("harp", 46), ("timpani", 47), ("strings", 48),
        ("choir", 52), ("trumpet", 56), ("trombone", 57), ("tuba", 58), ("horns", 60), ("brass", 61), ("alto_sax", 65),
        ("oboe", 68), ("bassoon", 70), ("clarinet", 71), ("flute", 73), ("taiko", 116),
    )
}  # fmt: skip
KIT_PROGRAMS = {"standard_kit": 0, "brush_kit": 40, "tr808_kit": 25, "orchestra_kit": 48}
GENERAL_MIDI |= {name: (128, program) for name, program in KIT_PROGRAMS.items()}
LAYER_VELOCITIES = (60, 92, 118)
SOURCE_RATE = 44_100  # zones recorded at other rates are told so through their root


def soundfont_instruments(path: Path) -> "dict[str, SoundFontInstrument]":
    """The embedded names that the font has presets for; raises BadSoundFont when it is broken or has none."""
    font = read_soundfont(path)
    found = {n: SoundFontInstrument(font, n, where) for n, where in GENERAL_MIDI.items() if font.presets.get(where)}
    if not found:
        raise BadSoundFont(f"{path} has no General MIDI preset that a palette uses; use a General MIDI SoundFont")
    return found


@dataclass(frozen=True, eq=False)
class SoundFontInstrument:
    """One preset, cut into zones when its first note is wanted."""

    font: SoundFont
    name: str
    where: tuple[int, int]

    @property
    def pitched(self) -> bool:
        """Whether keys are pitches, not drums."""
        return self.where[0] != 128

    @property
    def release_s(self) -> float:
        """Seconds until a released note is 60 dB down."""
        return _release_s(self.font.presets[self.where][0])

    def sounding_range(self) -> tuple[int, int]:
        """Lowest and highest key that sounds like the instrument."""
        return self._built().sounding_range()

    def render(self, key: int, layer: int, frames: int, rate: int, tone: Tone) -> Floats:
        """A note [2 frames] at `rate`."""
        return self._built().render(key, layer, frames, rate, tone)

    def _built(self) -> SampledInstrument:
        return _build(self)


def _release_s(region: Region) -> float:
    return float(np.clip(0.6 * region.release_s, 0.05, 1.2))


@cache
def _build(preset: SoundFontInstrument) -> SampledInstrument:
    regions = preset.font.presets[preset.where]
    keys = sorted(KIT_LEVELS_DB) if not preset.pitched else _keys(regions)
    zones: list[Zone] = []
    pieces: list[NDArray[np.int16]] = []
    at = 0
    for key in keys:
        pair = covering(regions, key, LAYER_VELOCITIES[2])
        if pair:
            zone, samples = _zone(preset, pair, key, at)
            zones.append(zone)
            pieces.append(samples)
            at += samples.shape[1]
    if not zones:
        raise BadSoundFont(f"the SoundFont's preset for {preset.name} has no samples; use another font")
    audio = np.concatenate(pieces, axis=1)
    kit = not preset.pitched
    return SampledInstrument(tuple(zones), lambda: audio, SOURCE_RATE, preset.release_s, kit)


def covering(regions: tuple[Region, ...], key: int, velocity: int) -> list[Region]:
    """The regions that sound for a key and a velocity, of those nearest in pitch, from left to right."""
    here = [r for r in regions if r.keys[0] <= key <= r.keys[1] and r.velocities[0] <= velocity <= r.velocities[1]]
    nearest = min((abs(r.root - key) for r in here), default=0.0)
    return sorted((r for r in here if abs(r.root - key) <= nearest + 0.5), key=lambda r: r.pan)


def _keys(regions: tuple[Region, ...]) -> list[int]:
    """One key in the middle of every distinct key range at the loud layer."""
    loud = LAYER_VELOCITIES[2]
    ranges = {r.keys for r in regions if r.velocities[0] <= loud <= r.velocities[1]}
    return sorted({int(np.clip((low + high) // 2, 21, 108)) for low, high in ranges})


def _zone(preset: SoundFontInstrument, pair: list[Region], key: int, at: int) -> tuple[Zone, NDArray[np.int16]]:
    left, right = pair[0], pair[-1]
    frames = min(left.end - left.start, right.end - right.start)
    loop = (left.loop[0] - left.start, left.loop[1] - left.start) if left.loop else None
    if loop:
        frames = min(frames, loop[1])
    pool = preset.font.pool
    samples = np.stack([pool[r.start : r.start + frames] for r in (left, right)])
    looped = preset.pitched and loop is not None and loop[1] <= frames
    decay = min(100.0 / max(left.decay_s, 0.05), 60.0) if left.sustain_db < -60.0 and preset.pitched else 0.0
    level = moment_level_db(samples[:, : 2 * left.rate].astype(np.float32) / np.float32(32768.0), left.rate)
    gain_db = NOTE_LEVEL_DB - level + (0.0 if preset.pitched else KIT_LEVELS_DB[key])
    layers = [covering(preset.font.presets[preset.where], key, v) or pair for v in LAYER_VELOCITIES]
    soft, middle, loud = (min(r.cutoff_hz for r in layer) for layer in layers)
    shift = 12.0 * float(np.log2(SOURCE_RATE / left.rate))
    root = (left.root if preset.pitched else float(key)) + shift
    zone = Zone(key, root, at, frames, loop if looped else None, gain_db, decay, (soft, middle, loud))
    return zone, samples
