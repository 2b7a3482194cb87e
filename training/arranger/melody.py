"""Melodies: motifs in phrases, set to the chords by the cheapest path over scale degrees."""

from dataclasses import dataclass
from functools import lru_cache
from random import Random

import numpy as np
from numpy.typing import NDArray

from generators.score.score import Chord, Form, Metre, Note, Role, Section
from generators.score.style import Style
from training.arranger.pattern import Hit, hits
from training.arranger.rhythms import ENDS, OF_STYLE, SIX, THREE
from training.arranger.sketch import Sketch, scale_at

#: Bars of a theme: letters are cells (a capital: inverted), `e` ends a phrase openly, `z` closes it, `.` rests.
_PHRASES = (
    "abaeabaz",
    "abacabaz",
    "aaaeaabz",
    "aabeaabz",
    "abceabcz",
    "aeaeabcz",
    "abcdabez",
    "ababacbz",
    "aAbeaAcz",
    "a.a.abce",
    "ab.eab.z",
    "aabbaacz",
    "abcez.bz",
)
_SPARSE_PHRASES = ("a.a.b.az", "ae..ae.z", "a.b.a.z.", "abe.abz.", "a...b.z.", "ae.bae.z")
_SHAPES = ((0, 0, 1, 2, 2, 4, 3, 1), (2, 1, 1, 0, 2, 3, 4, 1), (0, 1, 2, 3, 4, 4, 2, 0), (0, 2, 1, 3, 2, 4, 2, 1))


@dataclass(frozen=True, slots=True)
class Cell:
    """One bar of a motif: its rhythm and how many scale degrees each note moves from the one before."""

    rhythm: tuple[Hit, ...]
    moves: tuple[int, ...]
    end: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """A note that waits for its pitch."""

    step: int  # from the start of the section
    duration: int
    move: int | None  # wished move in degrees, None at the start of a cell
    weight: float  # how much a chord tone is wanted
    target: float  # wished degree
    end: str


def melody(sketch: Sketch) -> list[Note]:
    """The lead of a whole piece: each form has its theme, which returns with small changes."""
    out: list[Note] = []
    seen: dict[Form, int] = {}
    themes: dict[tuple[Form, tuple[Chord, ...]], list[tuple[int, int, int]]] = {}
    for section in sketch.spec.form:
        span = sketch.chords[2 * section.start_bar : 2 * (section.start_bar + section.bars)]
        key = (section.form, span)
        if key not in themes:
            themes[key] = theme(sketch, section, span)
        again = seen.get(section.form, 0)
        seen[section.form] = again + 1
        notes = themes[key] if again == 0 else varied(themes[key], sketch, span, sketch.rng("vary", section.start_bar))
        out += _placed(sketch, section, notes)
    return out


def theme(sketch: Sketch, section: Section, chords: tuple[Chord, ...]) -> list[tuple[int, int, int]]:
    """The theme of a section as (step, pitch, duration)."""
    slots = _slots(sketch, section)
    if not slots:
        return []
    low, high = lead_range(sketch.spec.brightness, sketch.spec.style)
    return _set_to(slots, chords, sketch, (low, high))


def lead_range(brightness: float, style: Style) -> tuple[int, int]:
    """The range of the lead: an octave and a fifth, higher for brighter music."""
    centre = 66 + 20 * brightness
    span = {Style.CHIPTUNE: 11, Style.TENSION: 8, Style.AMBIENT: 9, Style.LOFI: 8}.get(style, 10)
    return max(52, int(centre - span)), min(96, int(centre + span))


def _cells(sketch: Sketch, form: Form) -> dict[str, Cell]:
    """Cells a, b, c, d; those of the other forms grow out of the ones of A."""
    spec = sketch.spec
    bank = {Metre.THREE_FOUR: THREE, Metre.SIX_EIGHT: SIX}.get(spec.metre, OF_STYLE[spec.style])
    mine, own = sketch.rng("cells", form), sketch.rng("cells", Form.A)
    level = spec.density + {Form.B: 0.12, Form.BRIDGE: -0.2, Form.INTRO: -0.3, Form.BUILD: 0.1, Form.OUTRO: -0.15}.get(
        form, 0.0
    )
    cells: dict[str, Cell] = {}
    for name in "abcd":
        rng = own if name == "a" and form in (Form.INTRO, Form.OUTRO, Form.BUILD) else mine
        at = min(2, max(0, int(3 * (level + rng.gauss(0.0, 0.12)))))
        rhythm = hits(rng.choice(bank[at]), sketch.per)
        cells[name] = Cell(rhythm, tuple(_move(rng, spec.style) for _ in rhythm))
    cells["A"] = Cell(cells["a"].rhythm, tuple(-m for m in cells["a"].moves))
    return cells


def _move(rng: Random, style: Style) -> int:
    leap = 0.3 if style in (Style.CHIPTUNE, Style.EPIC, Style.JAZZ) else 0.18
    if rng.random() < leap:
        return rng.choice((-4, -3, -2, 2, 2, 3, 4))
    return rng.choice((-1, -1, -1, 0, 1, 1, 1))


def _slots(sketch: Sketch, section: Section) -> list[Slot]:
    form = section.form
    rng = sketch.rng("phrases", form)
    cells = _cells(sketch, form)
    sparse = sketch.spec.style in (Style.AMBIENT, Style.TENSION) or sketch.spec.density < 0.22 or form is Form.INTRO
    plan = rng.choice(_SPARSE_PHRASES if sparse and rng.random() < 1.1 - sketch.spec.density else _PHRASES)
    if form is Form.BUILD:
        plan = rng.choice(("aaaa", "abab", "aaAa"))
    shape = rng.choice(_SHAPES)
    span = 4.0 if form is Form.B else 3.0
    lift = {Form.B: 2.5, Form.BRIDGE: 1.0, Form.BUILD: 0.0}.get(form, 0.0)
    out: list[Slot] = []
    for bar in range(section.bars):
        name = plan[bar % len(plan)]
        if bar == section.bars - 1 and name not in "ez." and form is not Form.BUILD:
            name = "z"
        if name == ".":
            continue
        cell = _end_cell(name, sketch.per, rng) if name in "ez" else cells[name]
        place = shape[bar % 8] / 4.0 if form is not Form.BUILD else bar / max(1, section.bars - 1) * 1.5
        out += _cell_slots(sketch, cell, bar, lift + span * (place - 0.5))
    return out


def _end_cell(name: str, per: int, rng: Random) -> Cell:
    rhythm = hits(rng.choice(ENDS[per]), per)
    return Cell(rhythm, (0, *(rng.choice((-1, -1, 1)) for _ in rhythm[1:])), name)


def _cell_slots(sketch: Sketch, cell: Cell, bar: int, target: float) -> list[Slot]:
    beat = sketch.spec.metre.steps_per_beat
    out = []
    for k, (hit, move) in enumerate(zip(cell.rhythm, cell.moves, strict=True)):
        strong = hit.step % beat == 0
        weight = 0.2 + (0.7 if strong else 0.0) + min(1.4, 0.5 * hit.duration / beat) + (0.5 if hit.step == 0 else 0.0)
        end = cell.end if k == len(cell.rhythm) - 1 else ""
        out.append(Slot(bar * sketch.per + hit.step, hit.duration, move if k else None, weight, target, end))
    return out


@lru_cache(maxsize=64)
def _moves(size: int, move: int | None) -> NDArray[np.float64]:
    """Cost [from, to] of each step between degrees, given the wished one."""
    step = np.arange(size)[None, :] - np.arange(size)[:, None]
    cost = 0.35 * np.maximum(np.abs(step) - 1, 0) + 0.5 * np.maximum(np.abs(step) - 4, 0) + 8.0 * (np.abs(step) > 7)
    cost = cost + (
        0.25 * np.abs(step) if move is None else 0.55 * np.abs(step - move) + 0.8 * (np.sign(step) != np.sign(move))
    )
    cost = cost + (step == 0) * (0.3 if move == 0 else 1.1)
    return np.asarray(cost, dtype=np.float64)


@lru_cache(maxsize=64)
def _away_from_tension(size: int) -> NDArray[np.float64]:
    """Cost [from, to] of leaving a note outside the chord by anything but a step."""
    step = np.abs(np.arange(size)[None, :] - np.arange(size)[:, None])
    return np.where(step == 1, 0.0, np.where(step == 0, 0.8, 1.8))


def ladder(chord: Chord, sketch: Sketch, span: tuple[int, int]) -> list[int]:
    """Pitches of successive scale degrees over a chord, starting from the tonic near the low end of `span`."""
    degrees = scale_at(chord, sketch.spec.key.tonic, sketch.spec.key.mode)
    tonic = sketch.spec.key.tonic
    base = span[0] + (tonic - span[0]) % 12 - 12
    offsets = [(d - tonic) % 12 for d in degrees]
    if offsets[0] > 6:  # a chord may bend the tonic itself down
        offsets[0] -= 12
    return [base + 12 * octave + offset for octave in range(4) for offset in offsets]


def _set_to(
    slots: list[Slot], chords: tuple[Chord, ...], sketch: Sketch, span: tuple[int, int]
) -> list[tuple[int, int, int]]:
    """The cheapest pitches for all slots (Viterbi over scale degrees)."""
    per = sketch.per
    ladders = [ladder(chords[min(2 * s.step // per, len(chords) - 1)], sketch, span) for s in slots]
    middle = (span[0] + span[1]) / 2
    centre = min(range(28), key=lambda i: abs(ladders[0][i] - middle))
    size = 28
    total = np.zeros(size)
    back: list[NDArray[np.intp]] = []
    outside = np.zeros(size)
    for k, slot in enumerate(slots):
        chord = chords[min(2 * slot.step // per, len(chords) - 1)]
        unary, now_outside = _unary(slot, ladders[k], chord, sketch.spec.key.tonic, (centre, span))
        if k == 0:
            total = unary
        else:
            ways = total[:, None] + _moves(size, slot.move) + outside[:, None] * _away_from_tension(size)
            back.append(np.argmin(ways, axis=0))
            total = ways[back[-1], np.arange(size)] + unary
        outside = now_outside
    at = int(np.argmin(total))
    path = [at]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    path.reverse()
    return [(s.step, ladders[k][d], s.duration) for k, (s, d) in enumerate(zip(slots, path, strict=True))]


def _unary(
    slot: Slot, rungs: list[int], chord: Chord, tonic: int, frame: tuple[int, tuple[int, int]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cost of each degree for a slot, and 1 where the degree lies outside the chord."""
    centre, (low, high) = frame
    pitches = np.array(rungs)
    table = np.ones(12)
    table[list(chord.pitch_classes)] = 0.0
    above = np.zeros(12)
    above[[(pc + 1) % 12 for pc in chord.pitch_classes]] = 1.0
    classes = pitches % 12
    outside = table[classes]
    cost = outside * (0.3 + slot.weight) + outside * above[classes] * slot.weight
    cost = cost + 0.06 * (np.arange(len(rungs)) - centre - slot.target) ** 2
    cost = cost + 2.5 * np.maximum(low - pitches, 0) + 2.5 * np.maximum(pitches - high, 0)
    if slot.end == "z":
        cost = cost + np.where(classes == tonic, 0.0, 1.5)
    elif slot.end == "e":
        cost = cost + np.where(classes == tonic, 1.2, 0.0)
    return cost, outside


def varied(
    notes: list[tuple[int, int, int]], sketch: Sketch, chords: tuple[Chord, ...], rng: Random
) -> list[tuple[int, int, int]]:
    """The theme again, with a few long notes split by a neighbour and a few upbeats."""
    out: list[tuple[int, int, int]] = []
    chance = 0.06 + 0.14 * sketch.spec.density
    for step, pitch, duration in notes:
        if duration >= 6 and rng.random() < chance:
            chord = chords[min(2 * (step + duration - 2) // sketch.per, len(chords) - 1)]
            scale = scale_at(chord, sketch.spec.key.tonic, sketch.spec.key.mode)
            wanted = 1 if rng.random() < 0.5 else -1
            neighbour = next(p for p in (pitch + wanted * k for k in (1, 2, 3)) if p % 12 in scale)
            out += [(step, pitch, duration - 2), (step + duration - 2, neighbour, 2)]
        else:
            out.append((step, pitch, duration))
    return out


def _placed(sketch: Sketch, section: Section, notes: list[tuple[int, int, int]]) -> list[Note]:
    start = section.start_bar * sketch.per
    top = max((p for _, p, _ in notes), default=0)
    out = []
    for step, pitch, duration in notes:
        onset = start + step
        if not sketch.plays(Role.LEAD, onset // sketch.per) or onset >= sketch.final_step:
            continue
        accent = 0.35 if pitch == top else 0.1 - 0.1 * (duration < 3)
        length = min(duration, sketch.final_step - onset)
        out.append(Note(onset, pitch, length, sketch.velocity(Role.LEAD, onset, accent)))
    return out
