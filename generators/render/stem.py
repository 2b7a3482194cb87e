"""One role's notes: slices of prepared ones, scaled and released, added to a bus."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from generators.render.bank import NoteBank
from generators.render.bus import Bus
from generators.render.effects import LEADING
from generators.render.palette import Part, Voice
from generators.score.performance import TimedNote
from generators.score.score import EFFECTS, Role

REFERENCE_VELOCITY = 100.0
JITTER_DB = 0.5  # no two notes of a player are equally loud
_LAYER_TOPS = (70, 104)  # highest velocity of the soft and of the middle layer


@dataclass(frozen=True, slots=True)
class Session:
    """What every stem of one piece shares."""

    bank: NoteBank
    frames: int
    rate: int
    loop: bool
    dynamics: float
    seed: int


def play_part(session: Session, role: Role, part: Part, notes: Sequence[TimedNote], bus: Bus) -> None:
    """Add the notes of a part to a bus."""
    rng = np.random.default_rng([session.seed % 2**32, list(Role).index(role)])
    lengths = [] if role is Role.EFFECTS else [_prepare(session, voice, notes) for voice in part.voices]
    jitter = 10.0 ** (rng.uniform(-JITTER_DB, JITTER_DB, len(notes)) / 20.0)
    for note, chance in zip(notes, jitter, strict=True):
        loud = 10.0 ** (part.gain_db / 20.0) * float(chance)
        loud *= (note.velocity / REFERENCE_VELOCITY) ** session.dynamics
        if role is Role.EFFECTS:
            _add_effect(bus, session, note, loud)
            continue
        for voice, longest in zip(part.voices, lengths, strict=True):
            _add_note(bus, _Player(session, voice, longest), note, loud)


def layer_of(velocity: int) -> int:
    """Soft, middle or loud layer."""
    return int(velocity > _LAYER_TOPS[0]) + int(velocity > _LAYER_TOPS[1])


def folded(key: int, sounding: tuple[int, int]) -> int:
    """The key, moved by octaves into what the instrument can play (as near as its range allows)."""
    low, high = sounding
    while key < low and key + 12 <= high + 6:
        key += 12
    while key > high and key - 12 >= low - 6:
        key -= 12
    return key


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a note lies in the stem and what it takes from the bank; frames."""

    start: int
    held: int
    tail: int
    key: int


def _place(session: Session, voice: Voice, note: TimedNote) -> _Place:
    instrument, rate = session.bank.instrument(voice.instrument), session.rate
    start = round(note.onset_s * rate)
    held = max(1, round(note.duration_s * rate))
    if not instrument.pitched:
        held = max(held, round(instrument.release_s * rate))  # drums ring out, however short they are written
    if not session.loop:
        held = min(held, max(session.frames - start, 1))
    tail = round(min(voice.release_s or instrument.release_s, 2.5) * rate)
    key = folded(note.pitch + 12 * voice.octave, instrument.sounding_range()) if instrument.pitched else note.pitch
    return _Place(start, held, tail, key)


@dataclass(frozen=True, slots=True)
class _Player:
    """A voice of a part, and how many seconds the bank holds of each of its keys and layers for this piece."""

    session: Session
    voice: Voice
    longest: dict[tuple[int, int], float]


def _prepare(session: Session, voice: Voice, notes: Sequence[TimedNote]) -> dict[tuple[int, int], float]:
    """Have the longest note of every key and layer made; shorter ones are its beginning."""
    longest: dict[tuple[int, int], float] = {}
    for note in notes:
        place = _place(session, voice, note)
        sound = place.key, layer_of(note.velocity)
        longest[sound] = max(longest.get(sound, 0.0), (place.held + place.tail) / session.rate)
    wanted = [(key, layer, seconds) for (key, layer), seconds in longest.items()]
    session.bank.prepare(voice.instrument, wanted, session.rate, voice.tone)
    return longest


def _add_note(bus: Bus, player: _Player, note: TimedNote, loud: float) -> None:
    session, voice = player.session, player.voice
    place, rate, layer = _place(session, voice, note), session.rate, layer_of(note.velocity)
    held, tail = place.held, place.tail
    seconds = player.longest[place.key, layer]
    prepared = session.bank.note(voice.instrument, place.key, layer, seconds, rate, voice.tone)
    gains = _pan_gains(voice.pan) * np.float32(loud * 10.0 ** (voice.gain_db / 20.0))
    sound = prepared[:, : held + tail] * gains[:, None]
    ring = sound.shape[1] - held
    if ring > 0:
        sound[:, held:] *= _release(ring, tail)
    if voice.attack_s > 0.0:
        rise = min(round(voice.attack_s * rate), sound.shape[1])
        sound[:, :rise] *= np.sin(np.linspace(0.0, 0.5 * np.pi, rise, dtype=np.float32)) ** 2
    bus.add(sound, place.start)


def _add_effect(bus: Bus, session: Session, note: TimedNote, loud: float) -> None:
    effect = EFFECTS[note.pitch % len(EFFECTS)]
    sound = session.bank.effect(effect, note.duration_s, session.rate)
    end = round((note.onset_s + note.duration_s) * session.rate)
    start = end - sound.shape[1] if effect in LEADING else round(note.onset_s * session.rate)
    bus.add(sound * np.float32(loud), start)


def _pan_gains(pan: float) -> NDArray[np.float32]:
    """Constant-power balance, 0 dB in the middle."""
    angle = 0.25 * np.pi * (1.0 + pan)
    return np.array([np.sqrt(2.0) * np.cos(angle), np.sqrt(2.0) * np.sin(angle)], np.float32)


@lru_cache(maxsize=256)
def _release(frames: int, tail: int) -> NDArray[np.float32]:
    """Down 60 dB over `tail` frames, and to nothing at the end of `frames`."""
    steps = np.arange(frames, dtype=np.float32)
    curve = np.exp(-6.9 * steps / max(tail, 1)).astype(np.float32)
    close = min(frames, 128)
    curve[frames - close :] *= np.linspace(1.0, 0.0, close, dtype=np.float32)
    return curve
