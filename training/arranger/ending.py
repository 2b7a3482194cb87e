"""The last chord: struck together, held, and let ring into silence."""

from generators.score.score import CRASH, KICK, RIDE, Effect, Note, Role
from generators.score.style import Style
from training.arranger.backing import root_near, voicings
from training.arranger.joins import effect
from training.arranger.melody import lead_range
from training.arranger.sketch import Sketch

_SHORT = (Style.FUNK, Style.CHIPTUNE, Style.HOUSE)
_HIT = (Style.EPIC, Style.TENSION, Style.CINEMATIC, Style.SYNTHWAVE)


def last_chord(sketch: Sketch, parts: dict[Role, list[Note]]) -> dict[Role, list[Note]]:
    """The notes of the last chord for every role that played in the four bars before it."""
    at = sketch.final_step
    room = sketch.spec.bars * sketch.per - at
    short = sketch.spec.style in _SHORT and sketch.rng("ending").random() < 0.6
    length = sketch.per // 4 if short else room - sketch.per // 4 if room > sketch.per else sketch.per * 3 // 4
    if sketch.spec.style is Style.AMBIENT:
        length = room
    recent = {role for role, notes in parts.items() if any(at - 4 * sketch.per <= n.onset < at for n in notes)}
    shape = voicings(sketch, Role.CHORDS)[-1]
    tonic = sketch.spec.key.tonic
    out: dict[Role, list[Note]] = {}
    for role in recent & {Role.CHORDS, Role.PAD}:
        pitches = shape if role is Role.CHORDS else voicings(sketch, Role.PAD)[-1]
        out[role] = [Note(at, p, length, sketch.velocity(role, at, 0.1)) for p in pitches]
    if Role.BASS in recent:
        out[Role.BASS] = [Note(at, root_near(tonic, 36), length, sketch.velocity(Role.BASS, at, 0.1))]
    for role in recent & {Role.LEAD, Role.COUNTER}:
        out[role] = [Note(at, _voice_end(sketch, parts[role], role), length, sketch.velocity(role, at, 0.1))]
    if Role.DRUMS in recent and sketch.strength[at // sketch.per] > 0.2:
        cymbal = RIDE if sketch.spec.style in (Style.JAZZ, Style.LOFI) else CRASH
        out[Role.DRUMS] = [Note(at, key, 4, sketch.velocity(Role.DRUMS, at, 0.3)) for key in (KICK, cymbal)]
    if sketch.spec.style in _HIT and sketch.strength[at // sketch.per] > 0.4:
        out[Role.EFFECTS] = [effect(Effect.IMPACT, at, min(room, sketch.per), sketch.velocity(Role.EFFECTS, at, 0.3))]
    return out


def _voice_end(sketch: Sketch, notes: list[Note], role: Role) -> int:
    """The lead ends on the tonic, the second voice on the third or fifth, each near its last note."""
    before = max(n for n in notes if n.onset < sketch.final_step).pitch
    low, high = lead_range(sketch.spec.brightness, sketch.spec.style) if role is Role.LEAD else (before - 7, before + 7)
    tonic = sketch.spec.key.tonic
    classes = {tonic} if role is Role.LEAD else sketch.chords[-1].pitch_classes - {tonic}
    near = [p for p in range(max(low - 3, 40), min(high + 4, 97)) if p % 12 in classes]
    return min(near, key=lambda p: (abs(p - before), p))
