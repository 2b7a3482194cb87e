"""The sketch: a score in the bands of the front end, each note with the mean spectrum of the instrument that plays it.

A neural source-filter model is given the excitation and learns the filter (Wang et al. 2019; DDSP, Engel et al. 2020).
Here the excitation is a log-mel spectrogram. Which pitch lies where, and how loud each instrument plays, need not be
learned note by note, then: what is left are attacks, drums, rooms, the mix, and how partials beat.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from generators.audio.mel import MelConfig, mel_filters
from generators.audio.timbre import Timbre, Timbres
from generators.render.palette import Palette, Part, Voice
from generators.render.stem import REFERENCE_VELOCITY, folded
from generators.render.tone import Tone, response
from generators.score.performance import Performance, TimedNote
from generators.score.score import PITCHED

Floats = NDArray[np.float32]
BANDS = MelConfig().bands
PARTS = 4  # of a frame: energies are added up over quarters
RANGE_DB = 90.0  # below full scale, at which the sketch is 0
OLDEST_S = 4.0  # notes that are held longer stay as they are
LONGEST_RELEASE_S = 2.5


@dataclass(frozen=True)
class Orchestra:
    """Who plays: a palette, and what is known of its instruments."""

    palette: Palette
    timbres: Timbres

    def sketch(self, performance: Performance, *, frames: int, frame_s: float) -> Floats:
        """The pitched roles of a performance [T BANDS], in 0..1 for -90..0 dB; `frames` of `frame_s` seconds.

        A note may begin before the first frame; in a loop what lasts over the end goes on at the start. Roles that the
        palette leaves out, and instruments that are not known, are silent.
        """
        stave = _Stave(frames * PARTS, frame_s / PARTS, loop=performance.loop)
        for role in PITCHED:
            part = self.palette.parts.get(role)
            for voice in part.voices if part else ():
                if part is not None and voice.instrument in self.timbres:
                    player = _Player(self.timbres[voice.instrument], voice, part, self.palette.dynamics)
                    for note in performance.parts.get(role, ()):
                        player.play(note, stave)
        mean = stave.energies.reshape(frames, PARTS, BANDS).mean(axis=1)
        level_db = 10.0 * np.log10(np.maximum(mean, 10.0 ** (-RANGE_DB / 10.0)))
        out: Floats = np.clip(1.0 + level_db / RANGE_DB, 0.0, 1.0).astype(np.float32)
        return out


class _Stave:
    """Energies of parts of frames [parts BANDS], and where times lie in it."""

    def __init__(self, parts: int, part_s: float, *, loop: bool) -> None:
        self.energies = np.zeros((parts, BANDS), np.float32)
        self.part_s, self.loop = part_s, loop

    def add(self, start_s: float, energies: Floats) -> None:
        """Energies [N BANDS] of what begins at a time; its first part counts by the share that it lasts."""
        parts = len(self.energies)
        first = int(np.floor(start_s / self.part_s))
        at = np.arange(first, first + len(energies))[: parts if self.loop else None]
        inside = (at >= 0) & ((at < parts) | self.loop)
        self.energies[at[inside] % parts] += energies[: len(at)][inside]


@dataclass(frozen=True)
class _Player:
    """One voice of a part."""

    timbre: Timbre
    voice: Voice
    part: Part
    dynamics: float

    def play(self, note: TimedNote, stave: _Stave) -> None:
        """Add a note to a stave: held, then released by 60 dB."""
        key = folded(note.pitch + 12 * self.voice.octave, (self.timbre.lowest, self.timbre.highest))
        gain_db = self.part.gain_db + self.voice.gain_db
        gain = 10.0 ** (gain_db / 10.0) * (note.velocity / REFERENCE_VELOCITY) ** (2.0 * self.dynamics)
        release_s = min(self.voice.release_s or self.timbre.release_s, LONGEST_RELEASE_S)
        lead_in = note.onset_s / stave.part_s % 1.0
        held = note.duration_s / stave.part_s + lead_in
        count = max(1, int(np.ceil(held + 0.5 * release_s / stave.part_s)))  # -30 dB are enough
        aged = _aged(self.timbre, key, stave.part_s)
        energies = aged[np.minimum(np.arange(count), len(aged) - 1)]
        released_s = (np.arange(count) + 0.5 - held).clip(0.0) * stave.part_s
        fade = gain * 10.0 ** (-6.0 * released_s / max(release_s, 0.01))
        fade[0] *= 1.0 - lead_in
        stave.add(note.onset_s, (energies * (fade[:, None] * _coloured(self.voice.tone))).astype(np.float32))


@lru_cache(maxsize=1024)
def _aged(timbre: Timbre, key: int, part_s: float) -> Floats:
    """Energies [N BANDS] of a key, part by part, until it is OLDEST_S old."""
    ages_s = (np.arange(int(OLDEST_S / part_s)) + 0.5) * part_s
    energies: Floats = (10.0 ** (timbre.aged(key, ages_s) / 10.0)).astype(np.float32)
    return energies


@cache
def _centres_hz() -> NDArray[np.float64]:
    config = MelConfig()
    centres: NDArray[np.float64] = (
        mel_filters(config) @ torch.linspace(0, 0.5 * config.sample_rate, config.bins)
    ).numpy()
    return centres


@cache
def _coloured(tone: Tone) -> Floats:
    """What an equaliser does to the energies of bands [BANDS], beside the one that timbres were measured with."""
    own, plain = (np.abs(response(t, _centres_hz())) ** 2 for t in (tone, Tone()))
    gains: Floats = (own / np.maximum(plain, 1e-6)).astype(np.float32)
    return gains
