from itertools import pairwise

import pytest

from generators.score.score import CRASH, KICK, SNARE, Role
from generators.score.style import STYLES, Style
from tests.training.arranger.sketches import sketch_of
from training.arranger.drumming import drum_part
from training.arranger.grooves import grooves

DRUMMED = [s for s in STYLES if grooves(s, 16, False)]


@pytest.mark.parametrize("style", DRUMMED)
def test_a_groove_is_kept_within_a_section(style: Style) -> None:
    sketch = sketch_of(style)
    notes = [n for n in drum_part(sketch) if 17 <= n.onset // 16 < 23]
    bars = [{(n.onset % 16, n.pitch) for n in notes if n.onset // 16 == bar} for bar in (17, 18, 20, 21)]
    for one, other in pairwise(bars):
        assert len(one & other) >= 0.7 * min(len(one), len(other))


@pytest.mark.parametrize("style", DRUMMED)
def test_more_energy_means_more_strokes(style: Style) -> None:
    counts = [len(drum_part(sketch_of(style, energy))) for energy in (0.1, 0.5, 1.0)]
    assert counts == sorted(counts)
    assert counts[0] < counts[2]


@pytest.mark.parametrize("style", [Style.HOUSE, Style.SYNTHWAVE, Style.CORPORATE])
def test_a_build_rolls_ever_denser_into_a_crash(style: Style) -> None:
    sketch = sketch_of(style, 0.9)
    notes = drum_part(sketch)
    rolls = [sum(n.pitch == SNARE and n.onset // 16 == bar for n in notes) for bar in range(12, 16)]
    assert rolls == sorted(rolls)
    assert rolls[0] < rolls[-1] == 16
    assert any(n.pitch == CRASH and n.onset == 16 * 16 for n in notes)


def test_pop_beats_have_kick_on_one_and_backbeats() -> None:
    sketch = sketch_of(Style.SYNTHWAVE, 0.7)
    at = {(n.onset % 16, n.pitch) for n in drum_part(sketch) if n.onset // 16 == 17}
    assert {(0, KICK), (4, SNARE), (12, SNARE)} <= at


def test_nobody_drums_where_drums_rest() -> None:
    sketch = sketch_of(Style.EPIC, 0.5)
    assert all(Role.DRUMS in sketch.layers[n.onset // 16] for n in drum_part(sketch))
