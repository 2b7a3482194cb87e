"""The sketch: a score in the bands of the front end, each note with the mean spectrum of the instrument that plays it.

A neural source-filter model is given the excitation and learns the filter (Wang et al. 2019; DDSP, Engel et al. 2020).
Here the excitation is a log-mel spectrogram, rendered as the sound itself would be, but in energies: notes in their
places between left and right, ducked by the kick, in their room, at their loudness. What is left to learn are attacks,
effects, how partials beat, and all that energies do not tell.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from generators.audio.acoustics import Floats, at_loudness, reverberated
from generators.audio.mel import MelConfig, mel_filters
from generators.audio.timbre import Timbre, Timbres
from generators.render.bus import Duck
from generators.render.palette import Palette, Part, Voice
from generators.render.stem import REFERENCE_VELOCITY, folded
from generators.render.tone import Tone, response
from generators.score.performance import Performance, TimedNote
from generators.score.score import KICK, PITCHED, Role

BANDS = MelConfig().bands
SIDES = 2  # middle and side
PARTS = 4  # of a frame: the rate of the spectra that latents are made of
WIDTH = PARTS * SIDES * BANDS
RANGE_DB = 100.0  # below full scale, at which the sketch is 0
OLDEST_S = 4.0  # notes that are held longer stay as they are
LONGEST_RELEASE_S = 2.5
PLAYED = (*PITCHED, Role.DRUMS)


@dataclass(frozen=True)
class Orchestra:
    """Who plays: a palette, and what is known of its instruments."""

    palette: Palette
    timbres: Timbres

    def sketch(self, performance: Performance, *, frames: int, frame_s: float) -> Floats:
        """A performance but for its effects [T WIDTH], in 0..1 for -100..0 dB; `frames` of `frame_s` seconds."""
        heard = at_loudness(self.energies(performance, parts=frames * PARTS, part_s=frame_s / PARTS))
        level_db = 10.0 * np.log10(np.maximum(heard, 10.0 ** (-RANGE_DB / 10.0)))
        out: Floats = np.clip(1.0 + level_db / RANGE_DB, 0.0, 1.0).astype(np.float32)
        return out.reshape(frames, WIDTH)

    def energies(self, performance: Performance, *, parts: int, part_s: float) -> Floats:
        """What sounds in its room, before it is mastered [parts SIDES BANDS]; `parts` of `part_s` seconds.

        A note may begin before the first part; in a loop what lasts over the end goes on at the start. Roles that the
        palette leaves out, and instruments that are not known, are silent.
        """
        stave = _Stave.empty(parts, part_s, loop=performance.loop)
        for role in PLAYED:
            if role in self.palette.parts and performance.parts.get(role):
                self._play(role, performance, stave)
        return reverberated(stave.energies, stave.sent, self.palette.room, loop=performance.loop)

    def players(self, role: Role) -> Iterator["Player"]:
        """Who of those that are known plays a role."""
        part = self.palette.parts.get(role)
        for voice in part.voices if part else ():
            if part is not None and voice.instrument in self.timbres:
                yield Player(self.timbres[voice.instrument], voice, part, self.palette.dynamics)

    def _play(self, role: Role, performance: Performance, stave: "_Stave") -> None:
        own = _Stave.empty(len(stave.sent), stave.part_s, loop=stave.loop)
        part, drums = self.palette.parts[role], performance.parts.get(Role.DRUMS, ())
        for player in self.players(role):
            for note in performance.parts[role]:
                _, energies = player.sounding(note, stave.part_s)
                own.add(note.onset_s, energies[:, None] * player.colour)
        if part.pump_db and drums:
            own.duck(drums, part.pump_db)
        stave.energies[:] += own.energies
        stave.sent[:] += own.energies[:, 0] * part.send**2


@dataclass(frozen=True)
class _Stave:
    """Energies of parts of frames [parts SIDES BANDS], what of them a room hears [parts BANDS], and where times lie."""

    energies: Floats
    sent: Floats
    part_s: float
    loop: bool

    @classmethod
    def empty(cls, parts: int, part_s: float, *, loop: bool) -> "_Stave":
        """Silence."""
        return cls(np.zeros((parts, SIDES, BANDS), np.float32), np.zeros((parts, BANDS), np.float32), part_s, loop)

    def add(self, start_s: float, energies: Floats) -> None:
        """Energies [N SIDES BANDS] of what begins at a time; its first part counts by the share that it lasts."""
        at, known = places(start_s, len(energies), len(self.energies), self.part_s, loop=self.loop)
        self.energies[at] += energies[known]

    def duck(self, drums: Sequence[TimedNote], depth_db: float) -> None:
        """Press everything down under the kicks."""
        once = np.array(sorted(round(n.onset_s / self.part_s) for n in drums if n.pitch == KICK), np.int64)
        turns = (-len(self.energies), 0, len(self.energies)) if self.loop else (0,)
        kicks = np.concatenate([once + turn for turn in turns])
        gains = Duck(kicks, depth_db, round(1.0 / self.part_s)).gains(0, len(self.energies))
        self.energies[:] *= gains[:, None, None] ** 2


@dataclass(frozen=True)
class Player:
    """One voice of a part."""

    timbre: Timbre
    voice: Voice
    part: Part
    dynamics: float

    def sounding(self, note: TimedNote, part_s: float) -> tuple[int, Floats]:
        """The key that is struck, and its energies [N BANDS], part by part from the one in which the note begins.

        It swells where the voice does, is held, then released by 60 dB; drums ring out.
        """
        key, held_s = note.pitch, note.duration_s
        if self.timbre.pitched:
            key = folded(key + 12 * self.voice.octave, (self.timbre.lowest, self.timbre.highest))
        else:
            held_s = max(held_s, self.timbre.release_s)
        gain_db = self.part.gain_db + self.voice.gain_db
        gain = 10.0 ** (gain_db / 10.0) * (note.velocity / REFERENCE_VELOCITY) ** (2.0 * self.dynamics)
        release_s = min(self.voice.release_s or self.timbre.release_s, LONGEST_RELEASE_S)
        lead_in = note.onset_s / part_s % 1.0
        held = held_s / part_s + lead_in
        count = max(1, int(np.ceil(held + 0.5 * release_s / part_s)))  # -30 dB are enough
        aged = _aged(self.timbre, key, part_s)
        released_s = (np.arange(count) + 0.5 - held).clip(0.0) * part_s
        fade = gain * 10.0 ** (-6.0 * released_s / max(release_s, 0.01))
        if self.voice.attack_s > 0.0:
            risen = ((np.arange(count) + 0.5) * part_s / self.voice.attack_s).clip(max=1.0)
            fade = fade * np.sin(0.5 * np.pi * risen) ** 4
        fade[0] *= 1.0 - lead_in
        energies: Floats = (aged[np.minimum(np.arange(count), len(aged) - 1)] * fade[:, None]).astype(np.float32)
        return key, energies

    @property
    def colour(self) -> Floats:
        """What the voice's equaliser and its place make of energies, in the middle and in the sides [SIDES BANDS]."""
        return _coloured(self.timbre, self.voice.tone, self.voice.pan)


def places(
    start_s: float, count: int, parts: int, part_s: float, *, loop: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where `count` parts from a time on lie among `parts` of `part_s` seconds, and which do; no place comes twice."""
    which = np.arange(count)[: parts if loop else None]
    at = int(np.floor(start_s / part_s)) + which
    inside = (at >= 0) & ((at < parts) | loop)
    return at[inside] % parts, which[inside]


@lru_cache(maxsize=1024)
def _aged(timbre: Timbre, key: int, part_s: float) -> Floats:
    """Energies [N BANDS] of a key, part by part, until it is OLDEST_S old."""
    ages_s = (np.arange(int(OLDEST_S / part_s)) + 0.5) * part_s
    energies: Floats = (10.0 ** (timbre.aged(key, ages_s) / 10.0)).astype(np.float32)
    return energies


@cache
def centres_hz() -> NDArray[np.float64]:
    """The middle of each band."""
    config = MelConfig()
    centres: NDArray[np.float64] = (
        mel_filters(config) @ torch.linspace(0, 0.5 * config.sample_rate, config.bins)
    ).numpy()
    return centres


@lru_cache(maxsize=256)
def _coloured(timbre: Timbre, tone: Tone, pan: float) -> Floats:
    """What an equaliser and a place in the panorama make of the energies of a middle [SIDES BANDS]."""
    hz = centres_hz()
    own, plain = (np.abs(response(t, hz)) ** 2 for t in (tone, Tone()))  # timbres were measured with the plain one
    side = 10.0 ** (timbre.side_db / 10.0) * tone.width**2
    angle = 0.25 * np.pi * (1.0 + pan)
    same, other = 0.5 * (np.cos(angle) + np.sin(angle)) ** 2, 0.5 * (np.cos(angle) - np.sin(angle)) ** 2
    placed = np.stack([same + other * side, other + same * side])
    gains: Floats = (placed * own / np.maximum(plain, 1e-6)).astype(np.float32)
    return gains
