"""Laws of distillation: trajectories end where they lead, spans tell the way between, and a student follows."""

from pathlib import Path

import numpy as np
import pytest
import torch

from generators.flow.dit import DiT, DiTConfig
from generators.score.conditioning import Conditioning, local_width
from generators.score.controls import WIDTH, WIDTHS
from training.distil import (
    STATES,
    Material,
    Trajectories,
    endpoint_error,
    followed,
    read,
    student_of,
    train,
    trajectories,
)
from training.flow import ExampleSampler
from training.presets import DISTIL

CHANNELS, GROUPS, DIM, BARS, SIZE = 6, 3, 4, 5, 8


def _condition(n: int) -> Conditioning:
    g = torch.Generator().manual_seed(n)
    valid = torch.ones(n, BARS, dtype=torch.bool)
    valid[0, 3:] = False
    groups = torch.zeros(n, BARS, GROUPS)
    groups[1, :, 0] = 1.0
    given = torch.randn(n, BARS, CHANNELS, generator=g) * torch.repeat_interleave(groups, 2, dim=-1)
    masks = torch.ones(n, BARS, len(WIDTHS))
    clap = torch.randn(n, BARS, DIM, generator=g)
    return Conditioning(torch.rand(n, BARS, WIDTH, generator=g), masks, clap, given, groups, valid)


class DrawnAlike(ExampleSampler):
    """Draws the same windows again for the same seed, of no corpus."""

    def __init__(self) -> None:
        self.group_widths = torch.full((GROUPS,), CHANNELS // GROUPS)

    def draw(self, n: int, rng: np.random.Generator, *, device: str = "cpu") -> tuple[torch.Tensor, Conditioning]:
        condition = _condition(n)
        drawn = torch.from_numpy(rng.standard_normal((n, BARS, CHANNELS)).astype(np.float32))
        return torch.where(condition.given != 0, condition.given, drawn), condition


@pytest.fixture(scope="module")
def teacher() -> DiT:
    torch.manual_seed(3)
    net = DiT(DiTConfig(CHANNELS, local_width(CHANNELS, GROUPS), DIM + 1, width=32, depth=2, heads=2)).eval()
    for p in net.parameters():  # the zero-initialised gates would hide everything
        torch.nn.init.normal_(p, std=0.08)
    return net.requires_grad_(requires_grad=False)


@pytest.fixture(scope="module")
def batch(teacher: DiT, tmp_path_factory: pytest.TempPathFactory) -> Trajectories[Conditioning]:
    folder = tmp_path_factory.mktemp("trajectories")
    return read(next(trajectories(teacher, DrawnAlike(), folder, count=1, size=SIZE)))


def test_what_is_given_or_padded_stays_along_a_trajectory(batch: Trajectories[Conditioning]) -> None:
    moved = batch.states[0] != batch.states[-1]

    assert batch.states.shape == (STATES + 1, SIZE, BARS, CHANNELS)
    assert not moved[~batch.asked].any()
    assert moved[batch.asked].float().mean() > 0.99


def test_a_trajectory_is_the_same_again_for_the_same_seed_only(teacher: DiT) -> None:
    x_1, condition = DrawnAlike().draw(SIZE, np.random.default_rng(0))
    asked = condition.valid[..., None].expand(x_1.shape)

    one, again, other = (followed(teacher, x_1, condition, asked, seed=s).states for s in (1, 1, 2))

    assert torch.equal(one, again)
    assert not torch.equal(one[-1], other[-1])


def test_the_mean_velocity_over_a_span_leads_to_its_end(batch: Trajectories[Conditioning]) -> None:
    x, t, span, velocity = batch.spans(np.random.default_rng(5))

    end = x + span[:, None, None] * velocity

    rows = torch.arange(SIZE)
    assert torch.allclose(end, batch.states[((t + span) * STATES).long(), rows].float(), atol=1e-3)
    assert len(set(span.tolist())) > 1
    assert ((t + span) <= 1.0).all()


def test_trajectories_that_are_there_are_not_solved_again(teacher: DiT, tmp_path: Path) -> None:
    list(trajectories(teacher, DrawnAlike(), tmp_path, count=2, size=2))
    first = (tmp_path / "0000.pt").stat().st_mtime_ns

    paths = list(trajectories(teacher, DrawnAlike(), tmp_path, count=3, size=2))

    assert [p.name for p in paths] == ["0000.pt", "0001.pt", "0002.pt"]
    assert paths[0].stat().st_mtime_ns == first


def test_a_new_student_answers_as_its_teacher_whatever_the_span(
    teacher: DiT, batch: Trajectories[Conditioning]
) -> None:
    x, t, span, _ = batch.spans(np.random.default_rng(1))
    c = batch.condition
    student = student_of(teacher)

    assert torch.equal(student(x, t, c.local, c.embedding, c.valid, span), teacher(x, t, c.local, c.embedding, c.valid))


def test_a_trained_student_ends_nearer_to_its_guided_teacher(
    teacher: DiT, batch: Trajectories[Conditioning], tmp_path: Path
) -> None:
    before = {k: endpoint_error(student_of(teacher), batch, k) for k in (1, 4)}

    material = Material([batch], DrawnAlike(), batch, DrawnAlike())
    student = train(student_of(teacher), material, tmp_path, DISTIL["tiny"].limited(None, float32=True))

    assert endpoint_error(student, batch, 1) < 0.8 * before[1]
    assert endpoint_error(student, batch, 4) < before[4]
    assert (tmp_path / "flow.safetensors").exists()
