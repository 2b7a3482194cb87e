"""What marks the joins: risers and reversed cymbals before a section, hits at its start, glitter within it."""

from collections.abc import Mapping

from generators.score.score import EFFECTS, Effect, Form, Note, Role, Section
from generators.score.style import Style
from training.arranger.sketch import Sketch

_HITS: Mapping[Style, tuple[Effect, ...]] = {
    Style.AMBIENT: (Effect.SHIMMER, Effect.BOOM),
    Style.CINEMATIC: (Effect.IMPACT, Effect.BOOM, Effect.SHIMMER),
    Style.TENSION: (Effect.BOOM, Effect.IMPACT, Effect.SUB_DROP),
    Style.EPIC: (Effect.IMPACT, Effect.SUB_DROP, Effect.BOOM),
    Style.LOFI: (Effect.SHIMMER, Effect.WHOOSH),
    Style.CORPORATE: (Effect.IMPACT, Effect.SHIMMER, Effect.SWEEP_DOWN),
    Style.HOUSE: (Effect.SWEEP_DOWN, Effect.SUB_DROP, Effect.IMPACT),
    Style.SYNTHWAVE: (Effect.IMPACT, Effect.SWEEP_DOWN, Effect.SUB_DROP),
    Style.FUNK: (Effect.WHOOSH,),
    Style.CHIPTUNE: (Effect.SWEEP_DOWN,),
}
_LEADS: Mapping[Style, tuple[Effect, ...]] = {
    Style.AMBIENT: (Effect.REVERSE, Effect.WHOOSH),
    Style.CINEMATIC: (Effect.REVERSE, Effect.RISER),
    Style.TENSION: (Effect.RISER, Effect.REVERSE),
    Style.EPIC: (Effect.RISER, Effect.REVERSE),
    Style.LOFI: (Effect.REVERSE,),
    Style.CORPORATE: (Effect.RISER, Effect.REVERSE, Effect.WHOOSH),
    Style.HOUSE: (Effect.RISER, Effect.WHOOSH),
    Style.SYNTHWAVE: (Effect.RISER, Effect.REVERSE),
    Style.FUNK: (Effect.WHOOSH,),
    Style.CHIPTUNE: (Effect.RISER,),
}


def effect_part(sketch: Sketch) -> list[Note]:
    """The effects of a piece."""
    style = sketch.spec.style
    out: list[Note] = []
    for k, section in enumerate(sketch.spec.form):
        if style not in _HITS or Role.EFFECTS not in sketch.layers[section.start_bar]:
            continue
        out += _hit(sketch, section) if k else []
        if k + 1 < len(sketch.spec.form) and sketch.spec.form[k + 1].form is not Form.OUTRO:
            out += _lead_in(sketch, section)
        if style in (Style.AMBIENT, Style.TENSION):
            out += _glitter(sketch, section)
    return sorted({(n.onset, n.pitch): n for n in out if n.onset + n.duration <= sketch.final_step}.values())


def effect(kind: Effect, onset: int, duration: int, velocity: int) -> Note:
    """An effect as a note."""
    return Note(onset, EFFECTS.index(kind), max(1, duration), velocity)


def _hit(sketch: Sketch, section: Section) -> list[Note]:
    rng = sketch.rng("hit", section.form)
    if section.form is Form.OUTRO or (section.form is not Form.B and rng.random() < 0.45):
        return []
    onset = section.start_bar * sketch.per
    kind = rng.choice(_HITS[sketch.spec.style])
    return [effect(kind, onset, sketch.per, sketch.velocity(Role.EFFECTS, onset, 0.2))]


def _lead_in(sketch: Sketch, section: Section) -> list[Note]:
    rng = sketch.rng("lead-in", section.form)
    end = (section.start_bar + section.bars) * sketch.per
    build = section.form is Form.BUILD
    if not build and rng.random() < 0.45:
        return []
    kind = Effect.RISER if build and sketch.spec.style is not Style.FUNK else rng.choice(_LEADS[sketch.spec.style])
    bars = min(section.bars, rng.choice((2, 4)) if build else 1)
    length = bars * sketch.per if kind is Effect.RISER else sketch.per // 2
    return [effect(kind, end - length, length, sketch.velocity(Role.EFFECTS, end - length, 0.1))]


def _glitter(sketch: Sketch, section: Section) -> list[Note]:
    rng = sketch.rng("glitter", section.start_bar)
    kind = Effect.SHIMMER if sketch.spec.style is Style.AMBIENT else Effect.BOOM
    bars = [b for b in range(section.start_bar, section.start_bar + section.bars, 2) if rng.random() < 0.3]
    return [effect(kind, b * sketch.per, sketch.per, sketch.velocity(Role.EFFECTS, b * sketch.per, -0.3)) for b in bars]
