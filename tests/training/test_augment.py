"""Augmented pictures stay pictures, differ from one another, and come back for the same seed."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from training.augment import augment, blur, cover, crop, relight

PIXELS = torch.rand(64, 3, 24, 30, generator=torch.Generator().manual_seed(0))
Change = Callable[[Tensor, torch.Generator], Tensor]


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("size", [16, 40])
def test_augmented_pictures_are_squares_in_range(size: int) -> None:
    changed = augment(PIXELS, size, seeded())
    assert changed.shape == (64, 3, size, size)
    assert float(changed.min()) >= 0.0
    assert float(changed.max()) <= 1.0


def test_one_seed_gives_one_result_and_another_another() -> None:
    first, again, other = (augment(PIXELS, 16, seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


@pytest.mark.parametrize("change", [blur, cover, relight, lambda x, g: crop(x, 24, g)])
def test_every_change_treats_each_picture_in_its_own_way(change: Change) -> None:
    same = PIXELS[:1].expand(64, -1, -1, -1)
    changed = change(same, seeded())
    assert len({tuple(row.flatten()[::97].tolist()) for row in changed}) > 1
    assert changed.std(0).mean() > 0.001


def test_a_flat_picture_stays_flat_when_cut_and_blurred() -> None:
    flat = torch.full((32, 3, 20, 20), 0.4)
    assert torch.allclose(blur(crop(flat, 16, seeded()), seeded()), torch.full((32, 3, 16, 16), 0.4), atol=1e-5)


def test_half_of_the_crops_are_mirrored() -> None:
    ramp = torch.linspace(0, 1, 32).expand(400, 3, 32, 32)
    cut = crop(ramp, 32, seeded())
    rising = (cut[..., -1].mean((1, 2)) > cut[..., 0].mean((1, 2))).float().mean()
    assert 0.4 < float(rising) < 0.6


def test_a_cover_hides_part_of_some_and_leaves_the_rest_alone() -> None:
    changed = (cover(PIXELS, seeded()) != PIXELS).any(1)
    share = changed.float().mean((1, 2))
    assert 0.1 < float((share > 0).float().mean()) < 0.5
    assert float(share.max()) < 0.3


def test_some_pictures_become_grey() -> None:
    changed = relight(PIXELS[:1].expand(400, -1, -1, -1), seeded())
    grey = ((changed.max(1).values - changed.min(1).values).amax((1, 2)) < 1e-5).float().mean()
    assert 0.05 < float(grey) < 0.3
