"""The sketch: a score in the bands of the front end, each note with the mean spectrum of the instrument that plays it.

A neural source-filter model is given the excitation and learns the filter (Wang et al. 2019; DDSP, Engel et al. 2020).
Here the excitation is a log-mel spectrogram, rendered as the sound itself would be, but in energies: notes in their
places between left and right, ducked by the kick, in their room, at their loudness. What is left to learn are attacks,
how partials beat, and all that energies do not tell.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from generators.audio import effects
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
PLAYED = (*PITCHED, Role.DRUMS, Role.EFFECTS)
D = TypeVar("D", bound=np.generic)


@dataclass(frozen=True)
class Orchestra:
    """Who plays: a palette, and what is known of its instruments."""

    palette: Palette
    timbres: Timbres

    def sketch(self, performance: Performance, *, frames: int, frame_s: float) -> Floats:
        """A performance [T WIDTH], in 0..1 for -100..0 dB; `frames` of `frame_s` seconds."""
        heard = at_loudness(self.energies(performance, parts=frames * PARTS, part_s=frame_s / PARTS))
        level_db = 10.0 * np.log10(np.maximum(heard, 10.0 ** (-RANGE_DB / 10.0)))
        out: Floats = np.clip(1.0 + level_db / RANGE_DB, 0.0, 1.0).astype(np.float32)
        return out.reshape(frames, WIDTH)

    def energies(self, performance: Performance, *, parts: int, part_s: float) -> Floats:
        """What sounds in its room, before it is mastered [parts SIDES BANDS]; `parts` of `part_s` seconds.

        A note may begin before the first part; in a loop what lasts over the end goes on at the start. Roles that the
        palette leaves out, and instruments that are not known, are silent.
        """
        heard = np.zeros((parts, SIDES, BANDS), np.float32)
        sent = np.zeros((parts, BANDS), np.float32)  # what of it the room hears
        for role in PLAYED:
            if role in self.palette.parts and performance.parts.get(role):
                own = self.played(role, performance, parts, part_s)
                heard += own
                sent += own[:, 0] * self.palette.parts[role].send ** 2
        return reverberated(heard, sent, self.palette.room, loop=performance.loop)

    def players(self, role: Role) -> Iterator["Player"]:
        """Who of those that are known plays a role."""
        part = self.palette.parts.get(role)
        for voice in part.voices if part else ():
            if part is not None and voice.instrument in self.timbres:
                yield Player(self.timbres[voice.instrument], voice, part, self.palette.dynamics)

    def played(self, role: Role, performance: Performance, parts: int, part_s: float) -> Floats:
        """What a role plays [parts SIDES BANDS], pressed down under the kicks."""
        part, drums = self.palette.parts[role], performance.parts.get(Role.DRUMS, ())
        own = np.zeros((parts, SIDES, BANDS), np.float32)
        if role is Role.EFFECTS:
            self._set_off(own, performance, part_s)
        for player in self.players(role):
            middle = np.zeros((parts, BANDS), np.float32)
            for note in performance.parts[role]:
                key, envelope = player.struck(note, part_s)
                spectra = lasting(player.aged(key, part_s), len(envelope))
                for at, of_note in spans(note.onset_s, len(envelope), parts, part_s, loop=performance.loop):
                    middle[at] += envelope[of_note, None] * spectra[of_note]
            own += middle[:, None] * player.colour
        if part.pump_db and drums:
            own *= _ducked(drums, part.pump_db, parts, part_s, loop=performance.loop)[:, None, None] ** 2
        return own

    def _set_off(self, own: Floats, performance: Performance, part_s: float) -> None:
        """Add effects, which have no instrument."""
        part, loop = self.palette.parts[Role.EFFECTS], performance.loop
        for note in performance.parts[Role.EFFECTS]:
            start_s, energies = effects.struck(note, part_s)
            gain = loudness(note, part.gain_db, self.palette.dynamics)
            for at, of_note in spans(start_s, len(energies), len(own), part_s, loop=loop):
                own[at] += np.float32(gain) * energies[of_note]


@dataclass(frozen=True)
class Player:
    """One voice of a part."""

    timbre: Timbre
    voice: Voice
    part: Part
    dynamics: float

    def struck(self, note: TimedNote, part_s: float) -> tuple[int, Floats]:
        """The key that is struck, and how its energy comes and goes [N], part by part from where the note begins.

        It swells where the voice does, is held, then released by 60 dB; drums ring out. The first part counts by the
        share that it lasts.
        """
        key, held_s = note.pitch, note.duration_s
        if self.timbre.pitched:
            key = folded(key + 12 * self.voice.octave, (self.timbre.lowest, self.timbre.highest))
        else:
            held_s = max(held_s, self.timbre.release_s)
        gain = loudness(note, self.part.gain_db + self.voice.gain_db, self.dynamics)
        release_s = min(self.voice.release_s or self.timbre.release_s, LONGEST_RELEASE_S)
        lead_in = note.onset_s / part_s % 1.0
        held = held_s / part_s + lead_in
        middles = np.arange(max(1, int(np.ceil(held + 0.5 * release_s / part_s)))) + 0.5  # -30 dB are enough
        envelope = gain * 10.0 ** (-6.0 * (middles - held).clip(0.0) * part_s / max(release_s, 0.01))
        if self.voice.attack_s > 0.0:
            envelope *= np.sin(0.5 * np.pi * (middles * part_s / self.voice.attack_s).clip(max=1.0)) ** 4
        envelope[0] *= 1.0 - lead_in
        return key, envelope.astype(np.float32)

    def aged(self, key: int, part_s: float) -> Floats:
        """Energies [N BANDS] of a key that is held, part by part, until it is OLDEST_S old."""
        return _aged(self.timbre, key, part_s)

    @property
    def colour(self) -> Floats:
        """What the voice's equaliser and its place make of energies, in the middle and in the sides [SIDES BANDS]."""
        return _coloured(self.timbre, self.voice.tone, self.voice.pan)


def loudness(note: TimedNote, gain_db: float, dynamics: float) -> float:
    """What a note's velocity and a gain make of its energy."""
    return float(10.0 ** (gain_db / 10.0) * (note.velocity / REFERENCE_VELOCITY) ** (2.0 * dynamics))


def lasting(spectra: NDArray[D], count: int) -> NDArray[D]:
    """The first `count` of spectra [N BANDS]; the last one goes on as it is."""
    if count <= len(spectra):
        return spectra[:count]
    return np.concatenate([spectra, np.repeat(spectra[-1:], count - len(spectra), axis=0)])


def spans(start_s: float, count: int, parts: int, part_s: float, *, loop: bool) -> Iterator[tuple[slice, slice]]:
    """Where `count` parts from a time on lie among `parts` of `part_s` seconds, and which of them do.

    In a loop they go round, but no place comes twice.
    """
    first = int(np.floor(start_s / part_s))
    if not loop:
        start, end = max(0, first), min(first + count, parts)
        if start < end:
            yield slice(start, end), slice(start - first, end - first)
        return
    at, count = first % parts, min(count, parts)
    whole = min(count, parts - at)
    yield slice(at, at + whole), slice(0, whole)
    if whole < count:
        yield slice(0, count - whole), slice(whole, count)


def _ducked(drums: Sequence[TimedNote], depth_db: float, parts: int, part_s: float, *, loop: bool) -> Floats:
    """Gains [parts] of what the kicks press down."""
    once = np.array(sorted(round(n.onset_s / part_s) for n in drums if n.pitch == KICK), np.int64)
    kicks = np.concatenate([once + turn for turn in ((-parts, 0, parts) if loop else (0,))])
    gains: Floats = Duck(kicks, depth_db, round(1.0 / part_s)).gains(0, parts).astype(np.float32)
    return gains


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
