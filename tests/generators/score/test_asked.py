"""What a plan fixes before anything is drawn."""

from generators.score.asked import given_by, nothing, still_bars
from generators.score.chart import read_chart
from generators.score.given import given_roles
from generators.score.plan.brief import Brief
from generators.score.plan.plan import plan
from generators.score.score import ROLES, Key, Metre, Mode, Note, Role
from generators.score.style import Style
from generators.score.tune import Tune
from tests.generators.score.briefs import steady

FREE = plan(Brief(16.0, Style.FOLK, 120.0, Key(0, Mode.MAJOR), tempo_exact=True))
CHARTED = plan(Brief(16.0, Style.FOLK, 120.0, Key(0, Mode.MAJOR), tempo_exact=True, chart=read_chart("C F")))


def test_a_plan_without_chords_fixes_nothing() -> None:
    tune = given_roles(steady(FREE), [Role.LEAD])

    assert given_by(FREE) is None
    assert given_by(FREE, tune) is tune


def test_chords_are_given_in_every_bar_and_nothing_else() -> None:
    known = given_by(CHARTED)

    assert known is not None
    assert known.cells[:, 0].all()
    assert not known.cells[:, 1:].any()
    assert [c.root for c in known.score.chords[::2] if c] == [0, 5] * (len(CHARTED.bars) // 2)


def test_chords_are_asked_for_beside_a_part_that_is_given() -> None:
    known = given_by(CHARTED, given_roles(steady(CHARTED), [Role.LEAD], harmony=False))

    assert known is not None
    assert known.cells[:, :2].all()
    assert not known.cells[:, 2:].any()
    assert known.score.parts == steady(CHARTED).parts


def test_a_melody_is_the_lead_of_its_bars_whatever_lead_was_given_there() -> None:
    tune = Tune(Metre.FOUR_FOUR, 120.0, Key(0, Mode.MAJOR), tuple(Note(8 * i, 67, 8, 80) for i in range(6)))
    asked = plan(Brief(16.0, Style.FOLK, 120.0, Key(0, Mode.MAJOR), tempo_exact=True, tune=tune))

    known = given_by(asked, given_roles(steady(asked), [Role.LEAD], harmony=False))

    assert asked.melody is not None
    assert known is not None
    bars = {n.onset // 16 for n in asked.melody.notes}
    assert bars == still_bars(asked)
    assert tuple(n for n in known.score.parts[Role.LEAD] if n.onset // 16 in bars) == asked.melody.notes
    assert [n for n in known.score.parts[Role.LEAD] if n.onset // 16 not in bars] == [
        n for n in steady(asked).parts[Role.LEAD] if n.onset // 16 not in bars
    ]
    assert known.cells[:, 1 + ROLES.index(Role.LEAD)].all()


def test_nothing_keeps_still_where_nothing_is_asked_for() -> None:
    assert not still_bars(FREE)


def test_nothing_is_a_score_of_the_plans_bars() -> None:
    empty = nothing(FREE)

    assert empty.score.validate().bars == len(FREE.bars)
    assert not empty.cells.any()
