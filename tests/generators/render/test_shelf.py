"""Stems on the shelf."""

import numpy as np
import pytest

from generators.render.shelf import StemShelf


@pytest.mark.parametrize("memory_bytes", [0, 50_000, 10**9])
def test_stems_stay_what_they_are_and_can_be_changed_wherever_they_lie(memory_bytes: int) -> None:
    rng = np.random.default_rng(0)
    stems = [rng.standard_normal((2, 5000)).astype(np.float32) for _ in range(3)]
    shelf = StemShelf(memory_bytes)
    kept = [shelf.keep(stem.copy()) for stem in stems]
    for stem in kept:
        np.multiply(stem, np.float32(0.5), out=stem)
    shelf.rest()
    assert all(np.array_equal(k, s * np.float32(0.5)) for k, s in zip(kept, stems, strict=True))


def test_an_empty_stem_needs_no_file() -> None:
    assert StemShelf(0).keep(np.zeros((2, 0), np.float32)).shape == (2, 0)
