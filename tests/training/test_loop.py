"""The loop minimises, stops, and goes on where it stopped."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from training.loop import Loop, LoopConfig


class _Point(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.x = nn.Parameter(torch.full((3,), 5.0))


def _loop(folder: Path, steps: int, seed: int = 0) -> Loop[_Point]:
    budget = LoopConfig(steps, learning_rate=0.1, warmup=5, weight_decay=0.0, ema=0.5, seed=seed, log_every=20)
    return Loop(_Point(), folder, budget)


def _bowl(loop: Loop[_Point]) -> _Point:
    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        noise = 0.01 * torch.randn(3, generator=generator)
        return (loop.module.x - 1.0 + noise).square().sum(), {}

    return loop.run(loss)


def test_training_reaches_the_minimum_and_logs(tmp_path: Path) -> None:
    average = _bowl(_loop(tmp_path, 300))

    assert torch.allclose(average.x, torch.ones(3), atol=0.1)
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 300 // 20


def test_a_run_cut_in_two_ends_where_one_run_ends(tmp_path: Path) -> None:
    whole = _bowl(_loop(tmp_path / "whole", 60))

    first = _loop(tmp_path / "parts", 60)

    def until_half(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        if step == 30:
            first.save()
            raise InterruptedError
        return (first.module.x - 1.0 + 0.01 * torch.randn(3, generator=generator)).square().sum(), {}

    with pytest.raises(InterruptedError):
        first.run(until_half)
    second = _bowl(_loop(tmp_path / "parts", 60))

    assert torch.equal(whole.x, second.x)


def test_a_time_limit_ends_training_and_keeps_the_state(tmp_path: Path) -> None:
    loop = Loop(_Point(), tmp_path, LoopConfig(10_000, minutes=0.0))

    _bowl(loop)

    assert loop.step == 0
    assert list(tmp_path.glob("state-?.safetensors"))


class _Fused(_Point):
    compiled = False

    def compile(self, *args: object, **kwargs: object) -> None:
        self.compiled = True


def test_the_net_that_learns_is_compiled_and_its_average_is_not(tmp_path: Path) -> None:
    plain = Loop(_Fused(), tmp_path / "plain", LoopConfig(1))
    fused = Loop(_Fused(), tmp_path / "fused", LoopConfig(1, compiled=True))

    assert (plain.module.compiled, fused.module.compiled, fused.average.compiled) == (False, True, False)


class _Unfusable(nn.Linear):
    """A net on a machine whose compiler fails."""

    def compile(self, *_: object, **__: object) -> None:
        def fails(*_: object) -> Callable[..., object]:
            raise RuntimeError("no compiler here")

        super().compile(backend=fails)


def test_where_nothing_can_be_compiled_a_net_learns_all_the_same(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = _Unfusable(3, 1)
    before = net.weight.detach().clone()
    loop = Loop(net, tmp_path, LoopConfig(4, compiled=True, learning_rate=0.1))

    loop.run(lambda _, __: (net(torch.ones(2, 3)).square().mean(), {}))

    assert loop.step == 4
    assert (net.weight - before).abs().min() > 0.0
