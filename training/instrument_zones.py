"""Which zones of a General MIDI SoundFont the embedded instruments keep, and how one zone is cut."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generators.render.kits import KIT_LEVELS_DB
from generators.render.loudness import NOTE_LEVEL_DB, moment_level_db
from generators.render.sampled import NO_FILTER_HZ
from generators.render.sf2 import Region, SoundFont, covering
from generators.render.soundfont import GENERAL_MIDI, LAYER_VELOCITIES
from generators.render.tone import low_pass

RATE = 48_000  # Opus knows no other
MIN_LOOP_S = 0.4
LEAD_FRAMES = 144  # 3 ms before the attack
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Cut:
    """One instrument to keep: which keys, and how far apart its zones may lie."""

    name: str
    keys: tuple[int, int]
    spacing: int = 5
    longest_s: float = 5.0
    moved: tuple[tuple[int, int], ...] = ()  # drums that this kit has on another key: (score's, font's)

    @property
    def kit(self) -> bool:
        """Drum kits have one zone a key and are never moved in pitch."""
        return GENERAL_MIDI[self.name][0] == 128


CUTS: tuple[Cut, ...] = (
    Cut("piano", (24, 104), 4, 4.5),
    Cut("electric_piano", (28, 96), 6, 4.0),
    Cut("celesta", (60, 103), 7, 2.5),
    Cut("glockenspiel", (67, 103), 7, 2.5),
    Cut("music_box", (55, 100), 7, 2.5),
    Cut("vibes", (48, 91), 6, 4.0),
    Cut("marimba", (40, 91), 8, 1.5),
    Cut("organ", (36, 96), 6, 2.0),
    Cut("accordion", (48, 91), 7, 2.0),
    Cut("nylon_guitar", (40, 88), 5, 3.0),
    Cut("steel_guitar", (40, 88), 5, 3.0),
    Cut("jazz_guitar", (40, 88), 6, 3.0),
    Cut("clean_guitar", (40, 88), 6, 3.0),
    Cut("muted_guitar", (40, 84), 6, 1.0),
    Cut("overdrive_guitar", (40, 88), 7, 3.0),
    Cut("acoustic_bass", (28, 60), 5, 3.0),
    Cut("finger_bass", (28, 60), 5, 3.0),
    Cut("picked_bass", (28, 60), 5, 3.0),
    Cut("violin", (55, 98), 5, 3.0),
    Cut("cello", (36, 76), 6, 3.0),
    Cut("contrabass", (26, 55), 6, 3.0),
    Cut("tremolo_strings", (36, 96), 8, 3.0),
    Cut("pizzicato", (36, 96), 7, 1.2),
    Cut("harp", (28, 100), 7, 3.0),
    Cut("timpani", (36, 60), 8, 2.5),
    Cut("strings", (33, 96), 5, 3.5),
    Cut("choir", (40, 84), 6, 3.0),
    Cut("trumpet", (54, 88), 7, 2.5),
    Cut("trombone", (38, 74), 7, 2.5),
    Cut("tuba", (26, 60), 8, 2.5),
    Cut("horns", (36, 79), 6, 3.5),
    Cut("brass", (38, 84), 7, 2.5),
    Cut("alto_sax", (49, 85), 6, 2.5),
    Cut("oboe", (58, 91), 6, 2.5),
    Cut("bassoon", (34, 72), 7, 2.5),
    Cut("clarinet", (50, 91), 6, 2.5),
    Cut("flute", (59, 96), 6, 2.5),
    Cut("taiko", (36, 60), 30, 2.5),
    Cut("standard_kit", (35, 81), longest_s=2.6),
    Cut("brush_kit", (35, 81), longest_s=2.2),
    Cut("tr808_kit", (35, 81), longest_s=1.5),
    Cut("orchestra_kit", (35, 81), longest_s=2.5, moved=((49, 59), (51, 30), (42, 27), (44, 28), (46, 29))),
)


@dataclass(frozen=True, slots=True)
class Zone:
    """One cut zone: samples [2 N] at RATE; `root` is the pitch that sounds when played as it is."""

    samples: Floats
    root: float
    key: int
    loop: tuple[int, int] | None
    gain_db: float
    decay_db_s: float
    cutoffs_hz: tuple[float, float, float]
    release_s: float

    def entry(self, start: int, gain_db: float) -> dict[str, object]:
        """This zone in the index, when it starts at frame `start` of a file that needs `gain_db` to sound as cut."""
        return {
            "key": self.key,
            "root": round(self.root, 4),
            "start": start,
            "frames": self.samples.shape[1],
            "loop": list(self.loop) if self.loop else None,
            "gain_db": round(self.gain_db + gain_db, 3),
            "decay_db_s": round(self.decay_db_s, 3),
            "cutoffs_hz": [round(c) for c in self.cutoffs_hz],
        }


def cut_zones(cut: Cut, font: SoundFont) -> list[Zone]:
    """The zones of one instrument, lowest first."""
    regions = font.presets[GENERAL_MIDI[cut.name]]
    keys = (
        [k for k in sorted(KIT_LEVELS_DB) if covering(regions, dict(cut.moved).get(k, k), 118)]
        if cut.kit
        else _spaced(regions, cut)
    )
    return [_cut_zone(cut, font, regions, key) for key in keys]


def _spaced(regions: tuple[Region, ...], cut: Cut) -> list[int]:
    """Recorded pitches at least `spacing` apart within the range, and always the lowest one."""
    loud = LAYER_VELOCITIES[2]
    roots = sorted({round(r.root) for r in regions if r.velocities[0] <= loud <= r.velocities[1]})
    roots = [k for k in roots if any(round(r.root) == k for r in covering(regions, k, loud))]
    inside = [k for k in roots if cut.keys[0] - 4 <= k <= cut.keys[1] + 2] or [(cut.keys[0] + cut.keys[1]) // 2]
    kept = [inside[0]]
    for key in inside[1:]:
        if key - kept[-1] >= cut.spacing:
            kept.append(key)
    return kept


def _cut_zone(cut: Cut, font: SoundFont, regions: tuple[Region, ...], key: int) -> Zone:
    there = dict(cut.moved).get(key, key)
    pair = covering(regions, there, LAYER_VELOCITIES[2])
    left, right = pair[0], pair[-1]
    samples, loop = prompt(*_stereo(font, left, right, cut))
    layers = [covering(regions, there, v) for v in LAYER_VELOCITIES]
    cutoffs = [min(r.cutoff_hz for r in layer) if layer else left.cutoff_hz for layer in layers]
    decays = left.sustain_db < -60.0
    decay = min(100.0 / max(left.decay_s, 0.05), 60.0) if decays else 0.0
    zone_gain = level_gain_db(samples, loop, cutoffs[2], decay)
    return Zone(
        samples=samples,
        root=float(key) if cut.kit else left.root + _mistuning(samples, loop, left.root),
        key=key,
        loop=None if cut.kit else loop,
        gain_db=zone_gain + (KIT_LEVELS_DB[key] if cut.kit else 0.0),
        decay_db_s=0.0 if cut.kit else decay,
        cutoffs_hz=(cutoffs[0], cutoffs[1], cutoffs[2]),
        release_s=round(float(np.clip(0.6 * left.release_s, 0.05, 1.2)), 3),
    )


def _stereo(font: SoundFont, left: Region, right: Region, cut: Cut) -> tuple[Floats, tuple[int, int] | None]:
    """Both channels at RATE, trimmed to the end of the loop, the loop unrolled to a whole number of frames."""
    from scipy import signal

    loop = left.loop
    length = (loop[1] if loop else left.end) - left.start
    parts = [font.pool[r.start : r.start + length].astype(np.float32) / 32768.0 for r in (left, right)]
    short = min(len(p) for p in parts)
    source = np.stack([p[:short] for p in parts])
    bounds: tuple[int, int] | None = None
    ratio = RATE / left.rate
    if loop and not cut.kit:
        cycle = loop[1] - loop[0]
        repeats = max(1, int(np.ceil(MIN_LOOP_S * left.rate / cycle)))  # long: rounding to frames is then < 0.05 cent
        end = (short + cycle * (repeats - 1)) * ratio
        bounds = (round(end) - round(cycle * repeats * ratio), round(end))
        # one turn more than is kept: the resampler must not see an edge at the end of the loop
        source = np.concatenate([source, np.tile(source[:, short - cycle :], (1, repeats))], axis=1)
    out = signal.resample_poly(source, RATE // 50, left.rate // 50, axis=1).astype(np.float32)
    frames = bounds[1] if bounds else min(out.shape[1], round(cut.longest_s * RATE))
    out = out[:, :frames]
    if not bounds:
        fade = min(frames // 4, RATE // 4)
        out[:, frames - fade :] *= np.cos(np.linspace(0.0, np.pi / 2.0, fade, dtype=np.float32)) ** 2
    return out, bounds


def prompt(samples: Floats, loop: tuple[int, int] | None) -> tuple[Floats, tuple[int, int] | None]:
    """The zone without the silence before its attack: a note must sound when it is played."""
    window = RATE // 500
    power = np.convolve(np.sum(samples[:, : RATE // 2] ** 2, axis=0), np.ones(window) / window, "same")
    first = max(0, int(np.argmax(power > 0.01 * np.max(power))) - LEAD_FRAMES)  # -20 dB of the loudest
    if first == 0 or (loop and loop[0] <= first):
        return samples, loop
    kept = samples[:, first:].copy()
    kept[:, :LEAD_FRAMES] *= np.sin(np.linspace(0.0, 0.5 * np.pi, LEAD_FRAMES, dtype=np.float32)) ** 2
    return kept, (loop[0] - first, loop[1] - first) if loop else None


def level_gain_db(samples: Floats, loop: tuple[int, int] | None, cutoff_hz: float, decay_db_s: float) -> float:
    """Gain that brings the loud layer of this zone to the note level."""
    from scipy import fft

    sound = samples if loop is None else np.concatenate([samples, samples[:, loop[0] : loop[1]]], axis=1)
    sound = sound[:, : 2 * RATE]
    if cutoff_hz < NO_FILTER_HZ:
        spectrum = fft.rfft(sound, axis=1)
        hz = np.arange(spectrum.shape[1]) * (RATE / sound.shape[1])
        sound = fft.irfft(spectrum * low_pass(hz, cutoff_hz), sound.shape[1], axis=1)
    envelope = 10.0 ** (-decay_db_s * np.arange(sound.shape[1]) / RATE / 20.0)
    return NOTE_LEVEL_DB - moment_level_db((sound * envelope).astype(np.float32), RATE)


def _mistuning(samples: Floats, loop: tuple[int, int] | None, root: float) -> float:
    """How far, in semitones, a zone sounds above its label; 0 where no pitch within half a semitone is clear."""
    sound = samples if loop is None else np.concatenate([samples, *[samples[:, loop[0] : loop[1]]] * 3], axis=1)
    part = sound.mean(axis=0)[RATE // 10 : RATE // 10 + RATE]
    if len(part) < RATE // 4:
        return 0.0
    size = 1 << 19
    strength = np.sqrt(np.abs(np.fft.rfft(part * np.hanning(len(part)), size)))
    cents = np.linspace(-50.0, 50.0, 401)
    hz = 440.0 * 2.0 ** ((root - 69.0 + cents / 100.0) / 12.0)
    harmonics = [h for h in range(1, 9) if h * hz[0] < 0.4 * RATE]
    score = sum(np.interp(hz * h * size / RATE, np.arange(len(strength)), strength) for h in harmonics)
    best = float(cents[int(np.argmax(score))])
    return best / 100.0 if abs(best) < 49.0 else 0.0
