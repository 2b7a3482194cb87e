"""General MIDI drum notes onto the sixteen drum keys of a score."""

from generators.score.score import (
    CLAP,
    CLOSED_HAT,
    CONGA,
    COWBELL,
    CRASH,
    FLOOR_TOM,
    HIGH_TOM,
    KICK,
    LOW_TOM,
    OPEN_HAT,
    PEDAL_HAT,
    RIDE,
    SHAKER,
    SIDE_STICK,
    SNARE,
    TAMBOURINE,
    Note,
)

#: key of the General MIDI percussion map -> drum key of a score; what is missing is left out (whistles, guiros, ...)
GM_DRUMS: dict[int, int] = {
    35: KICK, 36: KICK, 37: SIDE_STICK, 38: SNARE, 39: CLAP, 40: SNARE, 41: FLOOR_TOM, 42: CLOSED_HAT, 43: FLOOR_TOM,
    44: PEDAL_HAT, 45: LOW_TOM, 46: OPEN_HAT, 47: LOW_TOM, 48: HIGH_TOM, 49: CRASH, 50: HIGH_TOM, 51: RIDE, 52: CRASH,
    53: RIDE, 54: TAMBOURINE, 55: CRASH, 56: COWBELL, 57: CRASH, 59: RIDE, 60: CONGA, 61: CONGA, 62: CONGA, 63: CONGA,
    64: CONGA, 65: HIGH_TOM, 66: LOW_TOM, 69: SHAKER, 70: SHAKER, 75: SIDE_STICK, 76: SIDE_STICK, 77: SIDE_STICK,
    82: SHAKER,
}  # fmt: skip
TIMPANI = 47  # General MIDI program


def drum_notes(notes: tuple[Note, ...]) -> list[Note]:
    """Drum channel notes on the score's keys, one step long."""
    return [Note(n.onset, GM_DRUMS[n.pitch], 1, n.velocity) for n in notes if n.pitch in GM_DRUMS]


def timpani_notes(notes: tuple[Note, ...]) -> list[Note]:
    """Timpani strokes as toms: the lower half of the range on the floor tom."""
    return [Note(n.onset, FLOOR_TOM if n.pitch < 46 else LOW_TOM, 1, n.velocity) for n in notes]
