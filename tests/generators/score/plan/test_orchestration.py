"""Who plays when: as music of the style does, steady within a form, richer with energy."""

import numpy as np
import pytest

from generators.score.plan.orchestration import density_of, roles_of
from generators.score.score import ROLES, Form, Role, Section
from generators.score.style import STYLES, Style

SECTIONS = (Section(Form.INTRO, 0, 4), Section(Form.A, 4, 8), Section(Form.B, 12, 8), Section(Form.A, 20, 8))
BARS = 28


def energy(value: float, bars: int = BARS) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.full((bars, 1), value, np.float32)


def share(style: Style, role: Role, value: float) -> float:
    """In how many bars a role plays, over many draws."""
    at = ROLES.index(role)
    return float(np.mean([roles_of(style, energy(value), SECTIONS, seed=s)[:, at].mean() for s in range(20)]))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("value", [0.0, 0.4, 1.0])
def test_harmony_sounds_in_every_bar_of_every_style(style: Style, value: float) -> None:
    roles = roles_of(style, energy(value), SECTIONS, seed=3)

    assert roles.shape == (BARS, len(ROLES))
    assert set(np.unique(roles)) <= {0.0, 1.0}
    assert (roles[:, [ROLES.index(Role.CHORDS), ROLES.index(Role.PAD)]].sum(axis=1) > 0).all()


def test_a_lofi_beat_has_drums_and_a_romantic_piano_has_none() -> None:
    assert share(Style.LOFI, Role.DRUMS, 0.55) > 0.9
    assert share(Style.ROMANTIC, Role.DRUMS, 0.55) == 0.0


def test_more_energy_brings_more_players_and_more_notes() -> None:
    for style in STYLES:
        low, high = (sum(share(style, role, value) for role in ROLES) for value in (0.3, 0.8))
        assert high > low
        assert (density_of(style, energy(0.8)) >= density_of(style, energy(0.3))).all()


def test_a_form_that_returns_has_the_same_players_and_another_seed_may_have_others() -> None:
    one, again, other = (roles_of(Style.EPIC, energy(0.5), SECTIONS, seed=s) for s in (1, 1, 2))

    assert np.array_equal(one, again)
    assert np.array_equal(one[4:12], one[20:28])
    assert any(
        not np.array_equal(one, roles_of(Style.EPIC, energy(0.5), SECTIONS, seed=s)) for s in range(2, 12)
    ) or not np.array_equal(one, other)


def test_a_role_without_which_a_wish_would_not_be_heard_always_plays() -> None:
    roles = roles_of(Style.HOUSE, energy(0.0), SECTIONS, seed=0, always=frozenset({Role.LEAD}))

    assert roles[:, ROLES.index(Role.LEAD)].all()
    assert not roles_of(Style.HOUSE, energy(0.0), SECTIONS, seed=0)[:, ROLES.index(Role.LEAD)].all()
