from dataclasses import replace

import numpy as np

from training.evaluation.band import measure, report
from training.evaluation.material import Material
from training.evaluation.sounds import Stage
from training.musicality import NAMES, Musicality


def pieces(count: int, *, seed: int) -> list[Musicality]:
    """Statistics drawn from one distribution."""
    return [Musicality(*row) for row in np.random.default_rng(seed).random((count, len(NAMES)))]


def test_music_of_the_same_kind_keeps_within_the_band() -> None:
    found = report(pieces(200, seed=1), pieces(200, seed=2), pieces(400, seed=3))

    assert "Bar: every mean inside; met" in found.section.body
    assert found.figures["statistics outside the band"] == 0.0
    assert all(abs(found.figures[f"inside the band, {name}"] - 0.8) < 0.1 for name in NAMES)


def test_a_statistic_that_leaves_the_band_is_named() -> None:
    empty = [replace(m, density=0.0, groove=2.0) for m in pieces(50, seed=1)]

    found = report(empty, pieces(50, seed=2), pieces(400, seed=3))

    assert "**not met** (outside: groove,density)" in found.section.body
    assert "| **density** |" in found.section.body
    assert found.figures["inside the band, density"] < 1e-9
    assert found.figures["statistics outside the band"] == 2.0


def test_the_pieces_whose_captions_asked_stand_beside_what_was_composed(material: Material) -> None:
    stage = Stage(material)

    found = measure(material, stage)

    for line in found.section.body.splitlines():
        if line.startswith("| ") and " .. " in line:
            _, composed, real = (cell.strip() for cell in line.split("|")[2:5])
            assert composed == real  # this product writes the real notes
