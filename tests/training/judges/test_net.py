"""What the net can hear, and what must not matter to it."""

import numpy as np
import pytest
import torch

from generators.flow.checkpoint import parameters
from tests.training.judges.conftest import World
from training.judges.clips import every_instrument
from training.judges.net import LAGS, TaggerConfig, TaggerNet, pulse
from training.judges.view import View


def test_transposition_does_not_change_what_harmony_hears(world: World) -> None:
    view = world.labelled.view(np.arange(3))

    with torch.no_grad():
        here, up = (world.net.harmony(c) for c in (view.chroma, view.chroma.roll(5, dims=-1)))

    assert torch.allclose(here, up, atol=1e-4)


def test_the_net_is_blind_to_nothing_of_its_view(world: World) -> None:
    view = world.labelled.view(np.arange(2))
    changed = {
        "mel": View(view.mel + torch.linspace(0.0, 1.0, 64)[:, None], view.chroma),
        "chroma": View(view.mel, torch.eye(12)[:2]),
        "time": View(view.mel.flip(-1), view.chroma),
    }

    with torch.no_grad():
        before = world.net(view).feature
        moved = {name: float((world.net(v).feature - before).abs().max()) for name, v in changed.items()}

    assert min(moved.values()) > 1e-3


@pytest.mark.parametrize("period", [8, 13, 21])
def test_a_steady_pulse_repeats_at_its_period(period: int) -> None:
    levels = torch.full((1, 64, 216), -3.0)
    levels[:, :, ::period] = 0.0

    same = pulse(levels)[0].unflatten(0, (4, -1))

    assert (same.argmax(1) + LAGS.start == period).all()
    assert float(same.max()) <= 1.0


def test_every_answer_has_its_logits_and_the_net_is_small() -> None:
    net = TaggerNet(TaggerConfig(every_instrument())).eval()

    told = net(View(torch.zeros(2, 64, 216), torch.full((2, 12), 1 / 12)))

    shapes = [x.shape[1] for x in (told.style, told.tempo, told.valence, told.arousal, told.instruments, told.spoiled)]
    assert shapes == [14, 4, 3, 3, len(every_instrument()), 4]
    assert told.major.shape == (2,)
    assert told.feature.shape == (2, 64)
    assert parameters(net) <= 1_500_000
