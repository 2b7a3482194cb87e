"""A flow that was taught a new basis does what it did, when the new space is the old one turned."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from generators.flow.dit import DiT, DiTConfig
from training.realign import basis, explained, realigned

D = 6


def _points(n: int = 200) -> NDArray[np.float32]:
    x = np.random.default_rng(0).standard_normal((n, D)).astype(np.float32)
    out: NDArray[np.float32] = x / np.linalg.norm(x, axis=1, keepdims=True)
    return out


def _turn() -> NDArray[np.float32]:
    q, _ = np.linalg.qr(np.random.default_rng(1).standard_normal((D, D)))
    return q.astype(np.float32)


def test_the_basis_of_a_turned_space_turns_it_back() -> None:
    old, turn = _points(), _turn()

    change = basis(old @ turn, old)

    assert np.allclose(turn @ change, np.eye(D), atol=0.02)
    assert explained(old @ turn, old, change) > 0.999


def test_points_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="same texts"):
        basis(_points(50), _points(40))
    with pytest.raises(ValueError, match="same texts"):
        basis(_points(8), _points(8))


def test_a_realigned_net_answers_new_points_as_the_old_one_answers_old_points() -> None:
    torch.manual_seed(0)
    net = DiT(DiTConfig(channels=4, local=3, embedding=D + 1, width=16, depth=1, heads=2))
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    old, turn = _points(), _turn()
    new = old @ turn

    other = realigned(net, basis(new, old))

    x, t, local, valid = torch.randn(2, 5, 4), torch.rand(2), torch.randn(2, 5, 3), torch.ones(2, 5, dtype=torch.bool)
    flag = torch.ones(2, 5, 1)
    told = [torch.from_numpy(p[:2])[:, None].expand(2, 5, D) for p in (old, new)]
    before, after = (
        n(x, t, local, torch.cat([p, flag], dim=-1), valid) for n, p in zip((net, other), told, strict=True)
    )
    assert torch.allclose(before, after, atol=0.05 * float(before.detach().abs().max()))
