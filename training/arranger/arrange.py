"""From an asking, or a tune, to a full score."""

from collections.abc import Callable
from dataclasses import replace

from generators.score.score import Chord, Form, Key, Mode, Note, Quality, Role, Score, Section
from training.arranger.backing import bass_line, comping, pads
from training.arranger.counter import counter_line
from training.arranger.drumming import drum_part
from training.arranger.ending import last_chord
from training.arranger.harmony import close, dressed, harmonise
from training.arranger.joins import effect_part
from training.arranger.lead_sheet import LeadSheet
from training.arranger.melody import lead_range, melody
from training.arranger.polish import polished
from training.arranger.sketch import Sketch, layers, strengths
from training.arranger.spec import PieceSpec, lay_out

_BACKING: dict[Role, Callable[[Sketch], list[Note]]] = {
    Role.CHORDS: comping,
    Role.PAD: pads,
    Role.BASS: bass_line,
    Role.DRUMS: drum_part,
    Role.EFFECTS: effect_part,
}
_LONGEST_TUNE = 56


def arrange(spec: PieceSpec, seed: int) -> Score:
    """A new piece; the same asking and seed give the same score."""
    sketch = _sketch(spec, seed, harmonise(spec, seed))
    return _score(sketch, melody(sketch))


def arrange_lead_sheet(sheet: LeadSheet, spec: PieceSpec, seed: int) -> Score:
    """A given tune in the asked style, tempo, strength and register, in its own mode and metre.

    `spec` is first fitted to the tune (see `fitted_spec`, which captions of the result should be drawn from).
    Raises InvalidScore when the sheet is not sound.
    """
    fitted = fitted_spec(sheet.validate(), spec)
    tune = sheet.transposed_to(fitted.key.tonic)
    intro = fitted.form[0].bars
    tune_bars = min(sheet.bars, _LONGEST_TUNE)
    chords = dressed(_filled(tune, tune_bars), fitted, seed)
    lead_in = [chords[i % min(4, tune_bars)] for i in range(intro)]
    tail = [chords[max(0, tune_bars - 4) + i % min(4, tune_bars)] for i in range(fitted.form[-1].bars)]
    sketch = _sketch(fitted, seed, close(fitted, lead_in + chords + tail, seed))
    return _score(sketch, _sung(sketch, tune, intro * sketch.per, tune_bars))


def fitted_spec(sheet: LeadSheet, spec: PieceSpec) -> PieceSpec:
    """The asking with the tune's mode, metre and length: an intro, eight-bar sections A and B by turns, an outro."""
    bars = min(sheet.bars, _LONGEST_TUNE)
    cuts = list(range(0, bars, 8))
    if len(cuts) > 1 and bars - cuts[-1] < 4:
        cuts.pop()
    ends = [*cuts[1:], bars]
    lengths = [
        (Form.B if k % 4 == 2 else Form.A, end - start) for k, (start, end) in enumerate(zip(cuts, ends, strict=True))
    ]
    intro = next((s.bars for s in spec.form if s.form is Form.INTRO), 4)
    outro = max(2, next((s.bars for s in spec.form if s.form is Form.OUTRO), 4))
    form = lay_out([(Form.INTRO, min(4, intro)), *lengths, (Form.OUTRO, min(4, outro))])
    return replace(spec, key=Key(spec.key.tonic, sheet.key.mode), metre=sheet.metre, form=form)


def _sketch(spec: PieceSpec, seed: int, chords: tuple[Chord, ...]) -> Sketch:
    strength = strengths(spec)
    return Sketch(spec, seed, chords, strength, layers(spec, strength, seed))


def _filled(sheet: LeadSheet, bars: int) -> list[tuple[Chord, Chord]]:
    """Two chords for each bar of a tune, gaps filled with the chord before (or the first one)."""
    before = next((c for c in sheet.chords if c), Chord(sheet.key.tonic, _tonic_quality(sheet)))
    out = []
    for bar in range(bars):
        first = sheet.chords[2 * bar] or before
        before = sheet.chords[2 * bar + 1] or first
        out.append((first, before))
    return out


def _tonic_quality(sheet: LeadSheet) -> Quality:
    return Quality.MAJ if sheet.key.mode is Mode.MAJOR else Quality.MIN


def _sung(sketch: Sketch, tune: LeadSheet, start: int, bars: int) -> list[Note]:
    """The melody in the lead's register, shaped by the strength of its bars."""
    low, high = lead_range(sketch.spec.brightness, sketch.spec.style)
    pitches = [n.pitch for n in tune.melody]
    middle = (min(pitches) + max(pitches)) / 2
    shift = 12 * round(((low + high) / 2 - middle) / 12)
    out = []
    for n in tune.melody:
        onset = start + n.onset
        end = min(onset + n.duration, start + bars * sketch.per, sketch.final_step)
        if end > onset:
            out.append(Note(onset, n.pitch + shift, end - onset, sketch.velocity(Role.LEAD, onset, 0.1)))
    return out


def _score(sketch: Sketch, lead: list[Note]) -> Score:
    parts = {Role.LEAD: lead, Role.COUNTER: counter_line(sketch, lead)}
    parts |= {role: write(sketch) for role, write in _BACKING.items()}
    for role, notes in last_chord(sketch, parts).items():
        parts[role] = [*parts[role], *notes]
    spec = sketch.spec
    sections = tuple(Section(s.form, s.start_bar, s.bars) for s in spec.form)
    chords: tuple[Chord | None, ...] = sketch.chords
    score = Score(spec.metre, spec.key, spec.tempo_bpm, spec.bars, polished(sketch, parts), chords, sections)
    return score.validate()
