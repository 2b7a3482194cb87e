"""The last look over a score: no clashes with the lead, no doubled keys, nothing out of range."""

from generators.score.score import Note, Role
from training.arranger.sketch import Sketch

_RANGES = {
    Role.LEAD: (55, 96),
    Role.COUNTER: (45, 93),
    Role.CHORDS: (36, 96),
    Role.PAD: (36, 93),
    Role.BASS: (28, 55),
}
_VOICES = {Role.LEAD: 2, Role.COUNTER: 2, Role.CHORDS: 5, Role.PAD: 5, Role.BASS: 1}


def polished(sketch: Sketch, parts: dict[Role, list[Note]]) -> dict[Role, tuple[Note, ...]]:
    """The parts made clean and sorted; empty parts left out."""
    out: dict[Role, tuple[Note, ...]] = {}
    lead = _clean(parts.get(Role.LEAD, []), Role.LEAD)
    sung = _sounding(lead)
    for role, notes in parts.items():
        if role in (Role.DRUMS, Role.EFFECTS):
            kept = sorted(notes)
        elif role is Role.LEAD:
            kept = lead
        else:
            kept = _clean(notes, role)
            if role is not Role.BASS:
                kept = _without_clashes(kept, sung, sketch.spec.metre.steps_per_beat)
        if kept:
            out[role] = tuple(kept)
    return out


def _clean(notes: list[Note], role: Role) -> list[Note]:
    """Folded into the role's range, one note a key at a time, no more voices than the role has."""
    low, high = _RANGES[role]
    out: list[Note] = []
    last: dict[int, int] = {}
    for n in sorted(notes):
        pitch = n.pitch
        while pitch < low:
            pitch += 12
        while pitch > high:
            pitch -= 12
        at = last.get(pitch)
        if at is not None and out[at].onset + out[at].duration > n.onset:
            before = out[at]
            if before.onset == n.onset:
                continue
            out[at] = Note(before.onset, pitch, n.onset - before.onset, before.velocity)
        last[pitch] = len(out)
        out.append(Note(n.onset, pitch, n.duration, n.velocity))
    return _few_voices(out, _VOICES[role])


def _few_voices(notes: list[Note], voices: int) -> list[Note]:
    """Older notes end where a newer one needs their voice."""
    out: list[Note] = []
    open_at: list[int] = []
    for n in notes:
        open_at = [i for i in open_at if out[i].onset + out[i].duration > n.onset]
        while len(open_at) >= voices:
            i = open_at.pop(0)
            if out[i].onset == n.onset:
                break
            out[i] = Note(out[i].onset, out[i].pitch, n.onset - out[i].onset, out[i].velocity)
        else:
            open_at.append(len(out))
            out.append(n)
    return out


def _sounding(notes: list[Note]) -> dict[int, int]:
    return {step: n.pitch for n in notes for step in range(n.onset, n.onset + n.duration)}


def _without_clashes(notes: list[Note], sung: dict[int, int], beat: int) -> list[Note]:
    """Without notes that double the lead's key, or lie a semitone (or minor ninth) from it on a beat."""
    out = []
    for n in notes:
        above = sung.get(n.onset)
        if above == n.pitch:
            continue
        beats = (s for s in range(n.onset, n.onset + n.duration) if s % beat == 0)
        if any(abs(sung.get(s, 0) - n.pitch) in (1, 13) for s in beats):
            if n.duration <= beat or above is None or abs(above - n.pitch) in (1, 13):
                continue
            first = next(s for s in range(n.onset, n.onset + n.duration) if abs(sung.get(s, 0) - n.pitch) in (1, 13))
            out.append(Note(n.onset, n.pitch, max(1, first - n.onset), n.velocity))
            continue
        out.append(n)
    return out
