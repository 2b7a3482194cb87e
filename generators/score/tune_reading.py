"""The tune of a MIDI file: of the part that is called the melody, else of the highest part that sings alone."""

from collections.abc import Iterable, Sequence
from itertools import groupby

import mido
import numpy as np

from generators.errors import InvalidScore
from generators.score.key_finding import key_of_melody
from generators.score.midi import DRUM_CHANNEL
from generators.score.midi_reading import Sounding, Timed, key_of, metas_of, open_midi, sounding_notes, tempo_of
from generators.score.score import Key, Metre, Mode, Note
from generators.score.tune import Tune, one_at_a_time

MOST_NOTES = 20_000
_NAMES = ("melody", "melodie", "melodia", "lead", "vocal", "voice", "voix", "tune", "theme", "sing", "gesang", "canto")
_ALONE = 0.8  # of the onsets of a part that sings, those with one note
_IN_SCALE = 0.85  # of the sounding time, for a key signature to be believed
_DEFAULT = "C"  # the signature that programs write when nobody chose one; it may mean A minor
#: Time signatures whose bars are those of a score, or add up to them.
_METRES = {
    **dict.fromkeys(((4, 4), (2, 4), (2, 2), (4, 8), (1, 4), (8, 8), (1, 2), (4, 2)), Metre.FOUR_FOUR),
    **dict.fromkeys(((3, 4), (6, 4), (3, 2)), Metre.THREE_FOUR),
    **dict.fromkeys(((6, 8), (3, 8), (12, 8)), Metre.SIX_EIGHT),
}


def read_tune(data: bytes) -> Tune:
    """The tune of a MIDI file on the grid; of chords only the top line, of drums nothing.

    Its tempo is that of the beginning. A first bar that is short, or that begins with rests, is a pickup. The key
    signature counts where the notes lie in its scale.

    Raises:
        InvalidScore: no MIDI file, no pitched notes, too many, or a metre that no score can have.
    """
    file = open_midi(data)
    metas = sorted((t for track in file.tracks for t in metas_of(track)), key=lambda t: t.tick)
    part = _melody(file.tracks)
    step = file.ticks_per_beat / 4
    metre, first_bar = _metre(metas, round(step), min(n.onset for n in part))
    placed = _placed(part, first_bar, step)
    start = _bars_before(placed, metre) * metre.steps_per_bar
    line = one_at_a_time(Note(n.onset - start, n.pitch, n.duration, n.velocity) for n in placed)
    return Tune(metre, tempo_of(metas, metre), _key(metas, line), line).validate()


def _melody(tracks: Iterable[mido.MidiTrack]) -> Sequence[Sounding]:
    """The notes of the part that is the tune."""
    parts: list[tuple[bool, bool, float, list[Sounding]]] = []
    count = 0
    for track in tracks:
        notes = [n for n in sounding_notes(track) if n.channel != DRUM_CHANNEL and 21 <= n.pitch <= 108]
        count += len(notes)
        for _, group in groupby(sorted(notes, key=lambda n: n.channel), key=lambda n: n.channel):
            part = list(group)
            named = any(word in track.name.lower() for word in _NAMES)
            alone = len({n.onset for n in part}) >= _ALONE * len(part)
            parts.append((named, alone, float(np.mean([n.pitch for n in part])), part))
    if not parts:
        raise InvalidScore("the MIDI file holds no pitched notes; give one with a melody")
    if count > MOST_NOTES:
        raise InvalidScore(f"the MIDI file holds {count} notes, more than {MOST_NOTES}; give one with the melody alone")
    return max(parts, key=lambda p: p[:3])[3]


def _metre(metas: Sequence[Timed], step: int, first: int) -> tuple[Metre, int]:
    """The metre of the tune, and the tick of its first whole bar."""
    changes = [
        (t.tick, (t.message.numerator, t.message.denominator)) for t in metas if t.message.type == "time_signature"
    ]
    changes = [(0, (4, 4)), *changes] if not changes or changes[0][0] > 0 else changes
    begun = [c for i, c in enumerate(changes) if i + 1 == len(changes) or changes[i + 1][0] > first]
    if len(begun) > 1 and begun[1][0] - begun[0][0] == _bar(begun[0][1], step) < _bar(begun[1][1], step):
        begun = begun[1:]  # one short bar before the others is their pickup
    metre = _METRES.get(begun[0][1])
    if metre is None or any(_METRES.get(signature) is not metre for _, signature in begun):
        said = " and ".join(dict.fromkeys(f"{above}/{below}" for _, (above, below) in begun))
        raise InvalidScore(f"a melody in {said} fits no score; write it in one of {', '.join(Metre)} throughout")
    return metre, begun[0][0]


def _bar(signature: tuple[int, int], step: int) -> int:
    return 16 * signature[0] * step // signature[1]


def _placed(part: Sequence[Sounding], first_bar: int, step: float) -> list[Note]:
    """Notes on the nearest steps, counted from the first whole bar."""
    out = []
    for n in part:
        onset = round((n.onset - first_bar) / step)
        out.append(Note(onset, n.pitch, max(1, round((n.end - first_bar) / step) - onset), n.velocity))
    return out


def _bars_before(notes: Sequence[Note], metre: Metre) -> int:
    """Whole bars before the tune's first bar line; what begins in the second half of a bar leads to the next one."""
    bar, place = divmod(min(n.onset for n in notes), metre.steps_per_bar)
    return bar + (2 * place >= metre.steps_per_bar)


def _key(metas: Sequence[Timed], notes: Sequence[Note]) -> Key:
    signatures = [t.message.key for t in metas if t.message.type == "key_signature"]
    key = key_of(list(metas))
    inside = sum(n.duration for n in notes if n.pitch % 12 in key.scale)
    if not signatures or inside < _IN_SCALE * sum(n.duration for n in notes):
        return key_of_melody(notes)
    return key if signatures[0] != _DEFAULT else key_of_melody(notes, (key, Key(9, Mode.MINOR)))
