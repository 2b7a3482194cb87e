"""The second voice: held lines against the lead, thirds with it, or answers in its rests."""

from generators.score.score import Note, Role, Section
from generators.score.style import Style
from training.arranger.melody import ladder
from training.arranger.sketch import Sketch

_THIRDS = (Style.FOLK, Style.CORPORATE, Style.CHIPTUNE, Style.ROMANTIC, Style.SYNTHWAVE)
_ANSWERS = (Style.JAZZ, Style.FUNK, Style.LOFI, Style.HOUSE, Style.AMBIENT)


def counter_line(sketch: Sketch, lead: list[Note]) -> list[Note]:
    """The counter part of a piece; each form keeps its manner."""
    out: list[Note] = []
    for section in sketch.spec.form:
        rng = sketch.rng("counter", section.form)
        style = sketch.spec.style
        at = rng.random()
        if style in _THIRDS and at < 0.4:
            out += _thirds(sketch, section, lead)
        elif (style in _ANSWERS and at < 0.75) or at < 0.3:
            out += _answers(sketch, section, lead)
        else:
            out += _held(sketch, section, lead)
    return out


def _bars(sketch: Sketch, section: Section) -> list[int]:
    bars = range(section.start_bar, section.start_bar + section.bars)
    return [bar for bar in bars if sketch.plays(Role.COUNTER, bar)]


def counter_range(brightness: float) -> tuple[int, int]:
    """The range of the second voice, below the lead."""
    centre = int(56 + 19 * brightness)
    return centre - 9, centre + 9


def _held(sketch: Sketch, section: Section, lead: list[Note]) -> list[Note]:
    """Guide tones, one or two a bar, moving little and against the lead."""
    low, high = counter_range(sketch.spec.brightness)
    per = sketch.per
    sung = {n.onset: n.pitch for n in lead}
    out: list[Note] = []
    before = (low + high) // 2
    above = 0
    halves = 2 if sketch.rng("held", section.form).random() < 0.35 + 0.4 * sketch.spec.density else 1
    for bar in _bars(sketch, section):
        parts = 2 if sketch.changes(bar) else halves
        for k in range(parts):
            onset = bar * per + k * per // 2
            chord = sketch.chord_at(onset)
            top = next((sung[s] for s in range(onset, onset + per // parts) if s in sung), above)
            down = -2 if top > above else 2 if top < above else 0
            above = top or above
            tones = [p for p in range(low, high + 1) if p % 12 in chord.pitch_classes and abs(p - (top or 127)) > 2]
            if not tones:
                continue
            wish = before + down
            fresh = [p for p in tones if p % 12 != chord.root or len(tones) < 3]
            pitch = min(fresh or tones, key=lambda p: (abs(p - wish), p))
            length = min(per // parts, sketch.final_step - onset)
            out.append(Note(onset, pitch, length, sketch.velocity(Role.COUNTER, onset)))
            before = pitch
    return _tied(out)


def _tied(notes: list[Note]) -> list[Note]:
    """Repeated held notes joined into longer ones, up to two bars."""
    out: list[Note] = []
    for n in notes:
        last = out[-1] if out else None
        if last and last.pitch == n.pitch and last.onset + last.duration == n.onset and last.duration < 17:
            out[-1] = Note(last.onset, last.pitch, last.duration + n.duration, last.velocity)
        else:
            out.append(n)
    return out


def _thirds(sketch: Sketch, section: Section, lead: list[Note]) -> list[Note]:
    """The lead a third or, where that leaves the chord on a long note, a sixth lower."""
    bars = set(_bars(sketch, section))
    low, high = counter_range(sketch.spec.brightness)
    out = []
    for n in lead:
        if n.onset // sketch.per not in bars:
            continue
        chord = sketch.chord_at(n.onset)
        rungs = [p for p in ladder(chord, sketch, (low, high)) if 2 < n.pitch - p < 10]
        if not rungs:
            continue
        tones = [p for p in rungs if p % 12 in chord.pitch_classes]
        third = max(rungs)
        pitch = third if n.duration < 4 or third % 12 in chord.pitch_classes or not tones else max(tones)
        out.append(Note(n.onset, pitch, n.duration, sketch.velocity(Role.COUNTER, n.onset)))
    return out


def _answers(sketch: Sketch, section: Section, lead: list[Note]) -> list[Note]:
    """Short runs to a chord tone wherever the lead is silent or holds for half a bar or more."""
    low, high = counter_range(sketch.spec.brightness)
    per = sketch.per
    rng = sketch.rng("answers", section.form)
    length = rng.choice((2, 3, 3, 4))
    moves = [rng.choice((-1, -1, 1, 1, 2, -2)) for _ in range(length)]
    width = 2 if sketch.spec.density > 0.35 else 4
    busy = {s for n in lead for s in range(n.onset, n.onset + min(n.duration, 4))}
    out: list[Note] = []
    for bar in _bars(sketch, section):
        start = bar * per + (per // 2 if per == 16 else 6)
        if start >= sketch.final_step or any(s in busy for s in range(start, (bar + 1) * per)):
            continue
        rungs = ladder(sketch.chord_at(start), sketch, (low, high))
        tones = sketch.chord_at(start).pitch_classes
        near = [i for i, p in enumerate(rungs) if low <= p <= high and p % 12 in tones]
        at = min(near, key=lambda i: abs(rungs[i] - (low + high) / 2)) if near else 14
        for k, move in enumerate(moves):
            onset = start + k * width
            if onset >= (bar + 1) * per:
                break
            last = k == length - 1 or onset + width >= (bar + 1) * per
            duration = (bar + 1) * per - onset if last else width
            pitch = min(max(rungs[min(27, max(0, at))], low - 3), high + 3)
            out.append(Note(onset, pitch, duration, sketch.velocity(Role.COUNTER, onset, 0.1)))
            at += move
    return out
