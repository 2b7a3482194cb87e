"""What the judge learns from: labels that are true, batches that repeat themselves, spoiling that is known."""

import numpy as np
import pytest
import torch

from tests.training.judges.conftest import World
from training.judges.degradations import SPOILINGS, Spoiled, Spoiling
from training.judges.fit import augmented, rolled, strengths, tagging_loss
from training.judges.net import TaggerNet


def test_training_lowers_the_loss(world: World) -> None:
    torch.manual_seed(0)
    fresh = TaggerNet(world.net.config)
    batch = world.batches.at(1000)

    with torch.no_grad():
        trained, untrained = (float(tagging_loss(n.eval()(batch.view), batch)[0]) for n in (world.net, fresh))

    assert trained < 0.9 * untrained


def test_the_same_step_draws_the_same_batch_and_another_another(world: World) -> None:
    first, again, other = (world.batches.at(step) for step in (3, 3, 4))

    assert torch.equal(first.view.mel, again.view.mel)
    assert not torch.equal(first.view.mel, other.view.mel)
    assert len(first.view.mel) == 6 + 2 * 2


def test_every_sounding_clip_comes_as_it_is_and_spoiled(world: World) -> None:
    batch = world.batches.at(0)
    clean, spoiled = batch.spoiled[:2], batch.spoiled[2:]

    assert batch.spoiled.shape == (batch.sounding, len(SPOILINGS))
    assert float(clean.sum()) == 0.0
    assert ((spoiled > 0).sum(1) == 1).all()
    assert torch.equal(batch.targets[-4:-2], batch.targets[-2:])
    assert not torch.equal(batch.view.mel[-4:-2], batch.view.mel[-2:])


def test_strengths_stand_under_their_kind() -> None:
    assert strengths(Spoiled(Spoiling.NOISE, 40.0)).tolist() == [0.25, 0.0, 0.0, 0.0]
    assert strengths(Spoiled(Spoiling.LOWPASS, 600.0)).tolist() == pytest.approx([0.0, 0.0, 0.0, 1.0])


def test_augmenting_moves_a_clip_a_little_and_rolling_only_in_time(world: World) -> None:
    view = world.labelled.view(np.arange(3))

    out = augmented(view, np.random.default_rng(0))
    turned = rolled(view, 50)

    assert out.mel.shape == view.mel.shape
    assert torch.isfinite(out.mel).all()
    assert 0.0 < float((out.mel - view.mel).abs().median()) < 0.5
    assert torch.allclose(out.chroma.sum(-1), torch.ones(3), atol=1e-5)
    assert torch.equal(turned.mel.roll(-50, dims=-1), view.mel)
