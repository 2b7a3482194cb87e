"""Who plays when: roles and density as music of a style has them at an energy, drawn once for each form."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generators.score.score import ROLES, Form, Role, Section
from generators.score.style import Style

TABLE = Path(__file__).with_name("orchestration.json")  # made by training/orchestration.py

DRAWN = (
    0.15,
    0.55,
)  # chances between which a role is left to the draw; the flow writes fewer roles than it is asked for

Column = NDArray[np.float32]


def roles_of(
    style: Style, energy: Column, sections: Sequence[Section], *, seed: int, always: frozenset[Role] = frozenset()
) -> Column:
    """Which roles sound [T ROLES], 0 or 1, for the energy of each bar [T 1].

    A role is drawn once for every form, so that a section keeps its players and its return has them again; it enters
    where the energy makes it likelier than that draw. What most music of the style has always plays.
    """
    out = np.zeros((len(energy), len(ROLES)), np.float32)
    for section in sections:
        bars = slice(section.start_bar, section.start_bar + section.bars)
        draw = np.random.default_rng((seed, list(Form).index(section.form))).uniform(*DRAWN, len(ROLES))
        likely = _likely(style, "intro" if section.form is Form.INTRO else "usual", energy[bars, 0])
        out[bars] = likely > draw
    harmony = [ROLES.index(Role.CHORDS), ROLES.index(Role.PAD)]
    empty = out[:, harmony].sum(axis=1) == 0
    out[empty, max(harmony, key=lambda r: _likely(style, "usual", energy[:, 0])[:, r].mean())] = 1.0
    out[:, [ROLES.index(role) for role in always]] = 1.0
    return out


def density_of(style: Style, energy: Column) -> Column:
    """How dense bars of a style are at an energy [T 1], as the control of that name."""
    table = _table()
    dense: Column = np.interp(energy, table.energy, table.density[style]).astype(np.float32)
    return dense


def _likely(style: Style, where: str, energy: NDArray[np.float32]) -> NDArray[np.float64]:
    """The chance of each role [T ROLES] at an energy [T]."""
    table = _table()
    bands = table.roles[style, where]
    return np.stack([np.interp(energy, table.energy, bands[:, r]) for r in range(len(ROLES))], axis=1)


@dataclass(frozen=True)
class _Table:
    """`energy` [B] in the middle of each band; `roles` [B ROLES] by style, in intros and usually; `density` [B]."""

    energy: NDArray[np.float64]
    roles: dict[tuple[Style, str], NDArray[np.float64]]
    density: dict[Style, NDArray[np.float64]]


@cache
def _table() -> _Table:
    read = json.loads(TABLE.read_text())
    styles = {style: read["styles"][style.value] for style in Style}
    return _Table(
        np.asarray(read["energy"]),
        {(style, where): np.asarray(found[where]) for style, found in styles.items() for where in ("usual", "intro")},
        {style: np.asarray(found["density"]) for style, found in styles.items()},
    )
