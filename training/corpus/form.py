"""Form of a piece by its material: units of eight bars that sound alike share a form."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from generators.score.score import ROLES, Form, Metre, Note, Role, Section

UNIT = 8
ALIKE = 0.9  # cosine similarity of two units' material
Floats = NDArray[np.float64]


def find_sections(parts: Mapping[Role, tuple[Note, ...]], bars: int, metre: Metre, final: bool) -> tuple[Section, ...]:
    """Sections of eight bars (the last may be 4 to 11), named by novelty: A, what is new B, what is new again a bridge.

    A thin start is an intro, the end of a piece an outro, and a unit from which loudness rises clearly builds up.
    """
    starts = list(range(0, max(bars - UNIT // 2 + 1, 1), UNIT))
    lengths = [b - a for a, b in zip(starts, [*starts[1:], bars], strict=True)]
    material = [_material(parts, a, n, metre) for a, n in zip(starts, lengths, strict=True)]
    weight = np.array([_loudness(parts, a, n, metre) for a, n in zip(starts, lengths, strict=True)])
    forms = _letters(material)
    if len(starts) > 2:
        for i in range(1, len(starts) - 1):
            if weight[i + 1] > 1.6 * weight[i] and forms[i + 1] is not forms[i]:
                forms[i] = Form.BUILD
        if weight[0] < 0.6 * weight.mean():
            forms[0] = Form.INTRO
        if final:
            forms[-1] = Form.OUTRO
    return tuple(Section(f, a, n) for f, a, n in zip(forms, starts, lengths, strict=True))


def _letters(material: list[Floats]) -> list[Form]:
    known: list[tuple[Form, Floats]] = []
    forms: list[Form] = []
    for now in material:
        best = max(known, key=lambda k: float(k[1] @ now), default=None)
        if best is not None and (float(best[1] @ now) >= ALIKE or len(known) == 3):
            forms.append(best[0])
            continue
        form = (Form.A, Form.B, Form.BRIDGE)[len(known)]
        known.append((form, now))
        forms.append(form)
    return forms


def _material(parts: Mapping[Role, tuple[Note, ...]], start: int, bars: int, metre: Metre) -> Floats:
    """A unit's material as a vector of length 1: pitch classes, rhythm in the bar, onsets by role."""
    per = metre.steps_per_bar
    pitch, rhythm, roles = np.zeros(12), np.zeros(per), np.zeros(len(ROLES))
    for role, notes in parts.items():
        for n in notes:
            if start * per <= n.onset < (start + bars) * per:
                rhythm[n.onset % per] += 1
                roles[ROLES.index(role)] += 1
                if role is not Role.DRUMS:
                    pitch[n.pitch % 12] += 1
    whole = np.concatenate([x / max(float(np.linalg.norm(x)), 1e-9) for x in (pitch, rhythm, roles)])
    return whole / max(float(np.linalg.norm(whole)), 1e-9)


def _loudness(parts: Mapping[Role, tuple[Note, ...]], start: int, bars: int, metre: Metre) -> float:
    per = metre.steps_per_bar
    inside = (n for notes in parts.values() for n in notes if start * per <= n.onset < (start + bars) * per)
    return sum(n.velocity for n in inside) / (bars * 127.0)
