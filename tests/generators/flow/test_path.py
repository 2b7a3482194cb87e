"""Laws of the straight path."""

import torch

from generators.flow.path import coupled, logit_normal, straight


def test_the_path_starts_at_noise_and_ends_at_data() -> None:
    x_0, x_1 = torch.randn(4, 3, 2), torch.randn(4, 3, 2)

    assert torch.equal(straight(x_0, x_1, torch.zeros(4)).x_t, x_0)
    assert torch.equal(straight(x_0, x_1, torch.ones(4)).x_t, x_1)


def test_the_velocity_is_the_derivative_of_the_path() -> None:
    x_0, x_1, t = torch.randn(4, 3).double(), torch.randn(4, 3).double(), torch.rand(4).double()

    here, there = straight(x_0, x_1, t), straight(x_0, x_1, t + 1e-3)

    assert torch.allclose((there.x_t - here.x_t) / 1e-3, here.velocity, atol=1e-9)


def test_coupled_noise_is_the_same_noise_on_shorter_paths() -> None:
    g = torch.Generator().manual_seed(0)
    x_0, x_1 = torch.randn(16, 3, 2, generator=g), torch.randn(16, 3, 2, generator=g)

    dealt = coupled(x_0, x_1)

    assert torch.equal(dealt.flatten(1).sum(1).sort().values, x_0.flatten(1).sum(1).sort().values)
    assert (dealt - x_1).square().sum() < 0.9 * (x_0 - x_1).square().sum()


def test_noise_goes_to_the_data_where_it_already_lies() -> None:
    x_1 = torch.eye(5)

    assert torch.equal(coupled(x_1[[3, 1, 4, 0, 2]], x_1), x_1)


def test_logit_normal_times_lie_inside_and_are_symmetric() -> None:
    t = logit_normal(20_000, generator=torch.Generator().manual_seed(0))

    assert bool(((t > 0) & (t < 1)).all())
    assert abs(float(t.mean()) - 0.5) < 0.01
