import pytest

from generators.score.score import EFFECTS, Effect, Role
from generators.score.style import STYLES, Style
from tests.training.arranger.sketches import sketch_of
from training.arranger.ending import last_chord
from training.arranger.joins import effect, effect_part
from training.arranger.melody import melody


def test_an_effect_is_named_by_its_place() -> None:
    assert EFFECTS[effect(Effect.RISER, 0, 8, 90).pitch] is Effect.RISER


@pytest.mark.parametrize("style", [Style.HOUSE, Style.EPIC, Style.SYNTHWAVE])
def test_a_riser_ends_where_the_chorus_begins(style: Style) -> None:
    risers = [n for n in effect_part(sketch_of(style, 0.9)) if EFFECTS[n.pitch] is Effect.RISER]
    assert any(n.onset + n.duration == 16 * 16 for n in risers)


@pytest.mark.parametrize("style", [Style.JAZZ, Style.FOLK, Style.ACOUSTIC, Style.ROMANTIC])
def test_natural_styles_have_no_effects(style: Style) -> None:
    assert not effect_part(sketch_of(style, 1.0))


@pytest.mark.parametrize("style", STYLES)
def test_everybody_who_played_last_plays_the_last_chord(style: Style) -> None:
    sketch = sketch_of(style, 0.9)
    lead = melody(sketch)
    parts = {Role.LEAD: lead} if any(n.onset >= sketch.final_step - 64 for n in lead) else {}
    for notes in last_chord(sketch, parts).values():
        assert all(n.onset == sketch.final_step for n in notes)
        assert all(n.onset + n.duration <= sketch.spec.bars * 16 for n in notes)
    assert parts.keys() <= last_chord(sketch, parts).keys()
