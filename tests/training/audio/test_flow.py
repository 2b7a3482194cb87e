"""Laws of the audio flow's training: anything may be told, the given stays clean, and the loss falls."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from generators.audio.conditions import WIDTHS
from generators.flow.checkpoint import load_module
from generators.flow.dit import DiT, DiTConfig
from tests.training.audio.told import CHANNELS, DIM, FRAMES, told_clips
from training.audio.flow import (
    ClipSampler,
    fit_guess,
    flow_loss,
    given_span,
    held_out_loss,
    kept_groups,
    new_net,
    train,
)
from training.presets import AUDIO_FLOW

TINY = AUDIO_FLOW["tiny"].limited(None, float32=True)


@pytest.fixture(scope="module")
def sampler() -> ClipSampler:
    return ClipSampler(told_clips(), frames=16)


def test_a_draw_is_the_same_for_the_same_seed(sampler: ClipSampler) -> None:
    (x, told), (x_again, told_again) = (sampler.draw(8, np.random.default_rng(3)) for _ in range(2))

    assert torch.equal(x, x_again)
    assert torch.equal(told.local, told_again.local)
    assert torch.equal(told.embedding, told_again.embedding)


def test_every_way_of_asking_is_drawn(sampler: ClipSampler) -> None:
    x_1, told = sampler.draw(400, np.random.default_rng(0))

    given = told.masks.amax(1)
    roll = given[:, 5:]
    has_clap = told.clap.abs().sum((1, 2)) > 0
    in_place, beside = told.kinds[..., 0].amax(1) > 0, told.kinds[..., 1].amax(1) > 0
    nothing = given.sum(1) == 0
    assert x_1.shape == (400, 16, CHANNELS)
    for way in (
        roll.all(1),
        roll.sum(1) == 0,
        roll.sum(1) == 1,
        roll.sum(1) == 2,
        nothing & has_clap,
        nothing & ~has_clap,
    ):
        assert 4 < way.sum() < 300
    assert 20 < in_place.sum() < 200
    assert 20 < beside.sum() < 200
    assert not (in_place & beside).any()


def test_what_is_not_told_is_zero(sampler: ClipSampler) -> None:
    _, told = sampler.draw(50, np.random.default_rng(1))

    wide = torch.repeat_interleave(told.masks, torch.tensor(list(WIDTHS.values())), dim=-1)

    assert not told.values[wide == 0].any()
    assert not told.sound[told.kinds.sum(-1) == 0].any()


def test_sound_in_its_place_is_the_target_and_sound_beside_is_the_rest(sampler: ClipSampler) -> None:
    x_1, told = sampler.draw(200, np.random.default_rng(2))

    stays, beside = told.kinds[..., 0] > 0, told.kinds[..., 1] > 0

    assert torch.equal(told.sound[stays], x_1[stays])
    mixes = told.sound[beside] + x_1[beside]
    assert mixes.min() >= -0.01  # the mix again, which lies in 0..2
    assert mixes.max() <= 2.01
    assert not torch.equal(told.sound[beside], x_1[beside])


def test_curves_and_roll_are_dropped_alone() -> None:
    kept = np.stack([kept_groups(FRAMES, np.random.default_rng(i)) for i in range(300)])

    share = kept.mean(axis=(0, 1))

    assert ((share > 0.05) & (share < 0.8)).all()
    assert (kept.any(axis=1) != kept.all(axis=1)).any()  # some are free over a span only


def test_something_stays_and_something_is_made() -> None:
    spans = np.stack([given_span(FRAMES, np.random.default_rng(i)) for i in range(200)])

    assert spans.any(axis=1).mean() > 0.9
    assert not spans.all(axis=1).any()


def test_the_loss_knows_only_what_is_asked_for(sampler: ClipSampler) -> None:
    net = new_net(CHANNELS, clap_dim=DIM, preset=TINY)
    x_1, told = sampler.draw(64, np.random.default_rng(4))
    spoiled = torch.where(told.asked, x_1, x_1 + 100.0)

    losses = [
        float(flow_loss(net, x, told, weights=sampler.weights, generator=torch.Generator().manual_seed(0)).detach())
        for x in (x_1, spoiled)
    ]

    assert told.kinds[..., 0].any()
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_training_learns_writes_and_goes_on(sampler: ClipSampler, tmp_path: Path) -> None:
    tests = ClipSampler(told_clips(seed=9), frames=16)
    net = new_net(CHANNELS, clap_dim=DIM, preset=TINY)
    before = held_out_loss(net, tests, batches=2, size=8)

    trained = train(net, sampler, tests, run=tmp_path, preset=TINY)

    read = load_module(tmp_path / "flow.safetensors", DiT, DiTConfig)
    assert held_out_loss(trained, tests, batches=2, size=8) < before
    assert read.config == net.config
    assert list(tmp_path.glob("state-?.safetensors"))


def test_channels_count_by_their_weights(sampler: ClipSampler) -> None:
    net = new_net(CHANNELS, clap_dim=DIM, preset=TINY)
    x_1, told = sampler.draw(16, np.random.default_rng(5))
    first = torch.tensor([1.0, 0.0, 0.0, 0.0])

    losses = [
        float(flow_loss(net, x, told, weights=first, generator=torch.Generator().manual_seed(0)).detach())
        for x in (x_1, x_1 + torch.tensor([0.0, 9.0, 9.0, 9.0]))
    ]

    assert losses[0] == pytest.approx(losses[1], rel=0.2)
    assert ClipSampler(told_clips(), frames=16, weights=torch.tensor([3.0, 1.0, 1.0, 1.0])).weights.mean() == 1.0


def test_the_guess_is_the_best_linear_one_and_a_net_begins_with_it() -> None:
    clips = told_clips(24, frames=40)
    sampler, tests = ClipSampler(clips, frames=16), ClipSampler(told_clips(seed=9, frames=40), frames=16)
    net = new_net(CHANNELS, clap_dim=DIM, preset=TINY)
    before = held_out_loss(net, tests, batches=2, size=8)

    fit_guess(net, sampler, batches=60, size=16)

    x_1, told = tests.draw(64, np.random.default_rng(3))
    told = replace(told, kinds=torch.zeros_like(told.kinds))
    whole = told.masks[..., :CHANNELS].bool().all(-1)  # of what sounds follow from
    start = net(torch.zeros_like(x_1), torch.zeros(len(x_1)), told.local, told.embedding, told.valid).detach()
    assert held_out_loss(net, tests, batches=2, size=8) < 0.7 * before
    assert (start - x_1)[whole].square().mean() < 0.5 * x_1[whole].square().mean()
