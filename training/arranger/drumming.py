"""The drum part: a groove for each form, varied every second bar, fills at the ends of phrases, crashes at joins."""

from random import Random

from generators.score.score import CRASH, DRUM_KEYS, FLOOR_TOM, KICK, SNARE, Form, Note, Role, Section
from generators.score.style import Style
from training.arranger.grooves import FILLS, KEYS, Groove, grooves
from training.arranger.sketch import Sketch, is_compound

_ACCENT = {"X": 0.55, "x": 0.0, "o": -0.8, "g": -1.7}
_NO_ROLL = (Style.JAZZ, Style.LOFI, Style.FOLK)
#: What a bar without fill may gain: a letter and the steps where it may come.
_SPICE = (("K", (6, 7, 10, 14)), ("S", (7, 9, 15)), ("H", (3, 7, 11, 15)), ("O", (14,)))


def drum_part(sketch: Sketch) -> list[Note]:
    """All drums of a piece."""
    bank = grooves(sketch.spec.style, sketch.per, is_compound(sketch.spec.metre))
    out: list[Note] = []
    for section in sketch.spec.form:
        if bank:
            out += _section(sketch, section, bank)
    return out


def _section(sketch: Sketch, section: Section, bank: tuple[Groove, ...]) -> list[Note]:
    rng = sketch.rng("drums", section.form)
    middle = sketch.strength[section.start_bar + section.bars // 2]
    level = 0.75 * middle + 0.25 * sketch.spec.density + rng.gauss(0.0, 0.05)
    groove = bank[min(len(bank) - 1, max(0, int(level * len(bank))))]
    every = rng.choice((4, 4, 8))
    out: list[Note] = []
    for i in range(section.bars):
        bar = section.start_bar + i
        if not sketch.plays(Role.DRUMS, bar):
            continue
        last = i == section.bars - 1
        if section.form is Form.BUILD and sketch.spec.style not in _NO_ROLL:
            out += _build_bar(sketch, bar, i / max(1, section.bars - 1), groove)
            continue
        spice = _spice(sketch, rng) if i % 2 and middle > 0.3 else {}
        fill = rng.choice(FILLS[sketch.spec.style]) if last or (i + 1) % every == 0 else None
        out += _bar(sketch, bar, groove, spice, fill if middle > 0.25 or last else None)
        if i == 0 and middle > 0.45 and bar > 0 and sketch.spec.style is not Style.LOFI:
            out.append(Note(bar * sketch.per, CRASH, 8, sketch.velocity(Role.DRUMS, bar * sketch.per, 0.3)))
    return out


def _spice(sketch: Sketch, rng: Random) -> dict[str, int]:
    """One extra stroke, of a drum that any 4/4 kit has."""
    if sketch.per != 16 or rng.random() < 0.5:
        return {}
    letter, steps = rng.choice(_SPICE)
    return {letter: rng.choice(steps)}


def _bar(sketch: Sketch, bar: int, groove: Groove, spice: dict[str, int], fill: Groove | None) -> list[Note]:
    per = sketch.per
    length = max(len(p) for p in fill.values()) if fill else 0
    until = per - length
    out = []
    for letter, pattern in groove.items():
        for step, sign in enumerate(pattern[:per]):
            if sign != "." and (step < until or letter in "KP"):
                out.append(_stroke(sketch, bar * per + step, KEYS[letter], sign))
        at = spice.get(letter)
        if at is not None and at < until and pattern[at] == ".":
            out.append(_stroke(sketch, bar * per + at, KEYS[letter], "o"))
    for letter, pattern in (fill or {}).items():
        for step, sign in enumerate(pattern):
            if sign != ".":
                out.append(_stroke(sketch, bar * per + until + step, KEYS[letter], sign))
    return _single(out)


def _single(notes: list[Note]) -> list[Note]:
    """One stroke a drum and step, the hardest."""
    best: dict[tuple[int, int], Note] = {}
    for n in notes:
        at = (n.onset, n.pitch)
        if at not in best or best[at].velocity < n.velocity:
            best[at] = n
    return list(best.values())


def _build_bar(sketch: Sketch, bar: int, place: float, groove: Groove) -> list[Note]:
    """A bar of a build: kick on beats, a roll that gets denser and louder towards the end."""
    per, beat = sketch.per, sketch.spec.metre.steps_per_beat
    roll = FLOOR_TOM if sketch.spec.style in (Style.EPIC, Style.CINEMATIC, Style.TENSION) else SNARE
    gap = 4 if place < 0.34 else 2 if place < 0.8 else 1
    if is_compound(sketch.spec.metre):
        gap = 6 if place < 0.34 else 2 if place < 0.8 else 1
    out = [
        Note(bar * per + s, KICK, 1, sketch.velocity(Role.DRUMS, bar * per + s, 0.2))
        for s in range(0, per, beat)
        if "K" in groove
    ]
    for step in range(0, per, gap):
        rise = place + step / per * 0.25
        accent = -0.9 + 1.2 * rise - (0.3 if step % beat else 0.0)
        out.append(Note(bar * per + step, roll, 1, sketch.velocity(Role.DRUMS, bar * per + step, accent)))
    return out


def _stroke(sketch: Sketch, onset: int, key: int, sign: str) -> Note:
    if key not in DRUM_KEYS:
        raise ValueError(f"{key} is no key of the kit")
    return Note(onset, key, 1, sketch.velocity(Role.DRUMS, onset, _ACCENT[sign]))
