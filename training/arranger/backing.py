"""Chords, pads and bass: figures over voice-led chords."""

from functools import lru_cache
from random import Random

from generators.score.score import INTERVALS, Chord, Form, Mode, Note, Role, Section
from generators.score.style import Style
from training.arranger.bass_figures import BASSES, PLAIN_BASSES
from training.arranger.figures import FIGURES, PLAIN_FIGURES, Figures
from training.arranger.pattern import Hit, by_notes, pick, split_at
from training.arranger.sketch import Sketch, is_compound
from training.arranger.voicing import voice

_NINTH = {
    Style.LOFI: 0.7,
    Style.JAZZ: 0.75,
    Style.AMBIENT: 0.5,
    Style.HOUSE: 0.4,
    Style.FUNK: 0.4,
    Style.CORPORATE: 0.25,
    Style.SYNTHWAVE: 0.15,
    Style.ACOUSTIC: 0.25,
    Style.CINEMATIC: 0.2,
}
#: Styles whose broken chords ring on, and styles whose chords roll like a strummed string.
_RINGING = (Style.ACOUSTIC, Style.ROMANTIC, Style.AMBIENT, Style.CINEMATIC, Style.FOLK)
_WALK_LOW, _WALK_HIGH = 29, 53


def levels(bank: Figures, plain: Figures, sketch: Sketch) -> tuple[str, ...]:
    """The patterns of a style for the metre of the piece."""
    if sketch.per == 16:
        return bank.four
    if is_compound(sketch.spec.metre):
        return bank.six or plain.six
    return bank.three or plain.three


def activity(sketch: Sketch, section: Section) -> float:
    """How busy a section is: the asked density, bent by its form and strength."""
    middle = sketch.strength[section.start_bar + section.bars // 2]
    lift = {Form.B: 0.1, Form.BRIDGE: -0.12, Form.INTRO: -0.12, Form.OUTRO: -0.15, Form.BUILD: 0.05}.get(
        section.form, 0.0
    )
    return min(0.999, max(0.0, 0.72 * sketch.spec.density + 0.28 * middle + lift))


def voicings(sketch: Sketch, role: Role) -> list[tuple[int, ...]]:
    """A voicing for every half bar, each near the one before."""
    spec = sketch.spec
    rng = sketch.rng("voicing", role)
    centre = int(53 + 18 * spec.brightness) if role is Role.CHORDS else int(52 + 17 * spec.brightness)
    voices = 4 if role is Role.PAD or rng.random() < 0.55 else 3
    ninth = rng.random() < _NINTH.get(spec.style, 0.0)
    out: list[tuple[int, ...]] = []
    before: tuple[int, ...] = ()
    for k, chord in enumerate(sketch.chords):
        if k and chord == sketch.chords[k - 1]:
            out.append(before)
            continue
        before = voice(chord, centre, voices, before, ninth and chord.root != _leading(sketch))
        out.append(before)
    return out


def _leading(sketch: Sketch) -> int:
    """The dominant of a minor key: its ninth would lie outside the harmonic scale."""
    return (sketch.spec.key.tonic + 7) % 12 if sketch.spec.key.mode is Mode.MINOR else -1


def comping(sketch: Sketch) -> list[Note]:
    """The chords part."""
    shapes = voicings(sketch, Role.CHORDS)
    bank = by_notes(levels(FIGURES[sketch.spec.style], PLAIN_FIGURES, sketch))
    out: list[Note] = []
    for section in sketch.spec.form:
        rng = sketch.rng("comp", section.form)
        level = activity(sketch, section)
        first = pick(bank, level, rng.gauss(0.0, 0.06))
        second = first if rng.random() < 0.55 else pick(bank, level, rng.gauss(0.0, 0.12))
        for i in range(section.bars):
            bar = section.start_bar + i
            if sketch.plays(Role.CHORDS, bar):
                text = second if i % 4 == 3 or (i % 2 and rng.random() < 0.2) else first
                out += _figure_bar(sketch, bar, text, (shapes[2 * bar], shapes[2 * bar + 1]))
    return out


def _figure_bar(sketch: Sketch, bar: int, text: str, shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> list[Note]:
    per = sketch.per
    middle = per // 2 if sketch.changes(bar) else per
    rings = sketch.spec.style in _RINGING
    out = []
    for hit in split_at(text, per, middle):
        shape = shapes[0] if hit.step < per // 2 else shapes[1]
        onset = bar * per + hit.step
        duration = hit.duration
        if rings and hit.sign.isdigit():
            duration = min(duration + 2, (middle if hit.step < middle else per) - hit.step)
        for pitch in _struck(hit, shape):
            accent = 0.4 if hit.sign == "X" else 0.0
            out.append(Note(onset, pitch, duration, sketch.velocity(Role.CHORDS, onset, accent)))
    return out


def _struck(hit: Hit, shape: tuple[int, ...]) -> tuple[int, ...]:
    if hit.sign.isdigit():
        octave, voice_at = divmod(int(hit.sign), len(shape))
        return (shape[voice_at] + 12 * octave,)
    return shape[1:] if hit.sign == "u" else shape


def pads(sketch: Sketch) -> list[Note]:
    """Held chords, struck anew with each chord and at least every second bar."""
    shapes = [
        tuple(p for p in pad if not any(abs(p - q) == 1 for q in other)) or pad
        for pad, other in zip(voicings(sketch, Role.PAD), voicings(sketch, Role.CHORDS), strict=True)
    ]
    half = sketch.per // 2
    out: list[Note] = []
    start = 0
    for k in range(1, len(shapes) + 1):
        bar = start // 2
        fresh = k == len(shapes) or shapes[k] != shapes[start] or k - start >= 4 or not sketch.plays(Role.PAD, k // 2)
        section_start = k % 2 == 0 and any(s.start_bar == k // 2 for s in sketch.spec.form)
        if not (fresh or section_start):
            continue
        if sketch.plays(Role.PAD, bar):
            onset = start * half
            length = min(k * half, sketch.final_step) - onset
            out += [Note(onset, p, length, sketch.velocity(Role.PAD, onset)) for p in shapes[start] if length > 0]
        start = k
    return out


def bass_line(sketch: Sketch) -> list[Note]:
    """The bass: a pattern of roots, fifths and approaches, or a walking line."""
    bank = levels(BASSES[sketch.spec.style], PLAIN_BASSES, sketch)
    out: list[Note] = []
    before = 36 + int(6 * sketch.spec.brightness)
    for section in sketch.spec.form:
        rng = sketch.rng("bass", section.form)
        text = pick(bank, activity(sketch, section), rng.gauss(0.0, 0.08))
        pedal = section.form in (Form.BUILD, Form.INTRO) and rng.random() < 0.25
        for bar in range(section.start_bar, section.start_bar + section.bars):
            if not sketch.plays(Role.BASS, bar):
                continue
            notes = _walk(sketch, bar, before, rng) if text == "w" else _bass_bar(sketch, bar, text, (before, pedal))
            out += notes
            before = _near_home(notes[-1].pitch) if notes else before
    return out


def _near_home(pitch: int) -> int:
    return (pitch * 2 + 38) // 3


@lru_cache(maxsize=8192)
def root_near(root: int, before: int) -> int:
    """The bass note of a pitch class nearest to the one before, within E1..G2."""
    return min((p for p in range(28, 45) if p % 12 == root), key=lambda p: (abs(p - before), p))


def _bass_bar(sketch: Sketch, bar: int, text: str, frame: tuple[int, bool]) -> list[Note]:
    per = sketch.per
    before, pedal = frame
    out = []
    for hit in split_at(text, per, per // 2 if sketch.changes(bar) and not pedal else per):
        onset = bar * per + hit.step
        chord = sketch.chord_at(onset)
        base = root_near(sketch.spec.key.tonic if pedal else chord.root, before)
        following = sketch.chord_at(min(onset + hit.duration, len(sketch.chords) * per // 2 - 1))
        pitch = base if pedal and hit.sign in "35a7" else _bass_pitch(hit.sign, chord, base, following)
        accent = -0.35 if hit.sign == "r" else 0.1
        out.append(Note(onset, pitch, hit.duration, sketch.velocity(Role.BASS, onset, accent)))
    return out


def _bass_pitch(sign: str, chord: Chord, base: int, following: Chord) -> int:
    intervals = INTERVALS[chord.quality]
    if sign == "a":
        goal = root_near(following.root, base)
        return goal - 1 if goal > 28 and goal >= base else goal + 2 if goal + 2 <= 55 else goal - 2
    step = {"5": intervals[2], "8": 12, "3": intervals[1], "7": intervals[3] if len(intervals) > 3 else 10}.get(sign, 0)
    if sign == "5" and base + step > 46:
        step -= 12
    return max(28, base + step) if sign != "8" else base + 12


def _walk(sketch: Sketch, bar: int, before: int, rng: Random) -> list[Note]:
    """Quarter notes: the root, chord and scale tones on the way, an approach to the next root."""
    per = sketch.per
    beats = range(0, per, 4)
    chord, late = sketch.chords[2 * bar], sketch.chords[2 * bar + 1]
    following = sketch.chord_at(min((bar + 1) * per, len(sketch.chords) * per // 2 - 1))
    start = min((p for p in range(_WALK_LOW, _WALK_HIGH - 4) if p % 12 == chord.root), key=lambda p: abs(p - before))
    goal = min(
        (p for p in range(_WALK_LOW, _WALK_HIGH - 4) if p % 12 == following.root),
        key=lambda p: abs(p - start - rng.choice((-5, 5))),
    )
    line = [start]
    for step in beats[1:-1]:
        now = chord if step < per // 2 else late
        if late != chord and step == per // 2:
            line.append(
                min((p for p in range(_WALK_LOW, _WALK_HIGH) if p % 12 == late.root), key=lambda p: abs(p - line[-1]))
            )
            continue
        wish = line[-1] + (goal - line[-1]) * 0.5 + rng.choice((-3, -2, 2, 3))
        tones = [p for p in range(_WALK_LOW, _WALK_HIGH) if p % 12 in now.pitch_classes and p != line[-1]]
        line.append(min(tones, key=lambda p: abs(p - wish)))
    approaches = [
        p for p in (goal - 1, goal + 1, goal - 2, goal + 2, goal + 7) if _WALK_LOW <= p <= _WALK_HIGH and p != line[-1]
    ]
    line.append(min(approaches[:4], key=lambda p: abs(p - line[-1]) + rng.random() * 3))
    return [
        Note(bar * per + step, pitch, 4, sketch.velocity(Role.BASS, bar * per + step, 0.1 * (step % 8 == 0)))
        for step, pitch in zip(beats, line, strict=True)
    ]
