"""The table of who plays when is counted from bars, band by band."""

import json

import numpy as np
from numpy.typing import NDArray

from generators.score.controls import WIDTH, WIDTHS
from generators.score.plan.orchestration import TABLE
from generators.score.score import FORMS, ROLES, Form, Role
from generators.score.style import STYLES
from training.orchestration import BANDS, control, counted

BARS = 900


def bars_of(seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Bars whose drums play exactly above an energy of 0.5, but never in intros; density is the energy."""
    rng = np.random.default_rng(seed)
    controls = np.zeros((BARS, WIDTH))
    energy = rng.uniform(size=BARS)
    control(controls, "energy")[:, 0] = energy
    control(controls, "density")[:, 0] = energy
    intro = rng.random(BARS) < 0.3
    control(controls, "form")[np.arange(BARS), np.where(intro, FORMS.index(Form.INTRO), FORMS.index(Form.A))] = 1.0
    control(controls, "roles")[:, ROLES.index(Role.DRUMS)] = (energy > 0.5) & ~intro
    return controls, rng.integers(0, 2, BARS)


def test_a_control_is_found_by_its_name() -> None:
    controls = np.arange(WIDTH, dtype=np.float64)[None]

    assert [control(controls, n).shape[1] for n in WIDTHS] == list(WIDTHS.values())
    assert control(controls, "density")[0, 0] == 1.0


def test_roles_are_counted_by_energy_and_intros_apart() -> None:
    found = json.loads(json.dumps(counted(*bars_of())))
    drums = ROLES.index(Role.DRUMS)

    style = found["styles"][STYLES[0].value]
    assert style["usual"][0][drums] == 0.0
    assert style["usual"][BANDS - 1][drums] == 1.0
    assert style["intro"][BANDS - 1][drums] == 0.0
    assert np.allclose(style["density"], found["energy"], atol=0.05)


def test_the_shipped_table_has_every_style_and_role() -> None:
    table = json.loads(TABLE.read_text())

    assert set(table["styles"]) == {s.value for s in STYLES}
    for style in table["styles"].values():
        assert np.asarray(style["usual"]).shape == np.asarray(style["intro"]).shape == (BANDS, len(ROLES))
        assert np.all((np.asarray(style["usual"]) >= 0) & (np.asarray(style["usual"]) <= 1))
    assert table["energy"] == sorted(table["energy"])
