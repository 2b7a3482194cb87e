"""The state of a run comes back whole, in files of a bounded size, whatever happened while it was written."""

from pathlib import Path

import pytest
import torch
from torch import nn

from generators.errors import BadWeights
from generators.flow import parts
from training import state
from training.state import FILES, OLD, Progress, load_state, save_state


def _net(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(20, 20), nn.BatchNorm1d(20), nn.Linear(20, 2))


def _run(seed: int) -> tuple[nn.Module, nn.Module, torch.optim.AdamW]:
    """A net, its average and an optimiser that has made a few steps."""
    net, average = _net(seed), _net(seed + 1)
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01 * (1 + seed), betas=(0.8, 0.9))
    for _ in range(3):
        optimiser.zero_grad()
        net(torch.randn(8, 20)).square().mean().backward()
        optimiser.step()
    return net, average, optimiser


def _step(net: nn.Module, optimiser: torch.optim.Optimizer) -> list[torch.Tensor]:
    optimiser.zero_grad()
    net.eval()(torch.ones(8, 20)).square().mean().backward()
    optimiser.step()
    return [p.detach().clone() for p in net.parameters()]


@pytest.mark.parametrize("limit", [2000, 1_000_000])
def test_a_run_goes_on_as_if_it_had_never_stopped(limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "PART_BYTES", limit)
    net, average, optimiser = _run(0)
    save_state(tmp_path, net, average, optimiser, Progress(3, 1.23456789))
    net_again, average_again, optimiser_again = _run(5)

    progress = load_state(tmp_path, net_again, average_again, optimiser_again)

    assert progress == Progress(3, 1.23456789)
    for name, value in average.state_dict().items():
        assert torch.equal(average_again.state_dict()[name], value), name
    assert optimiser_again.param_groups[0]["lr"] == optimiser.param_groups[0]["lr"]
    ahead, ahead_again = _step(net, optimiser), _step(net_again, optimiser_again)
    assert all(torch.equal(a, b) for a, b in zip(ahead, ahead_again, strict=True))


def test_no_file_is_larger_than_a_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "PART_BYTES", 4000)

    save_state(tmp_path, *_run(0), Progress(1, 0.0))

    files = list(tmp_path.glob("state*.safetensors"))
    assert len(files) > 2
    assert all(file.stat().st_size <= 4000 for file in files)


def test_only_the_last_state_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "PART_BYTES", 4000)
    run = _run(0)
    for step in range(4):
        save_state(tmp_path, *run, Progress(step, 0.0))

    names = {path.name[: len("state-x")] for path in tmp_path.iterdir()}

    assert len(names) == 1
    assert load_state(tmp_path, *run) == Progress(3, 0.0)


def test_a_crash_during_the_write_leaves_the_last_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "PART_BYTES", 4000)
    run = _run(0)
    save_state(tmp_path, *run, Progress(1, 0.0))
    written: list[Path] = []
    write = parts._write

    def crash_at_the_second(path: Path, *rest: dict[str, torch.Tensor]) -> None:
        if written:
            raise InterruptedError
        written.append(path)
        write(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(parts, "_write", crash_at_the_second)
    with pytest.raises(InterruptedError):
        save_state(tmp_path, *run, Progress(2, 0.0))
    monkeypatch.setattr(parts, "_write", write)

    assert load_state(tmp_path, *run) == Progress(1, 0.0)
    save_state(tmp_path, *run, Progress(3, 0.0))
    assert load_state(tmp_path, *run) == Progress(3, 0.0)


def test_of_two_states_the_later_counts(tmp_path: Path) -> None:
    run = _run(0)
    save_state(tmp_path, *run, Progress(1, 0.0))
    (first,) = tmp_path.iterdir()
    kept = first.read_bytes()
    save_state(tmp_path, *run, Progress(2, 0.0))
    first.write_bytes(kept)  # as where a run ends before it has taken the older one away

    assert load_state(tmp_path, *run) == Progress(2, 0.0)
    save_state(tmp_path, *run, Progress(3, 0.0))
    assert load_state(tmp_path, *run) == Progress(3, 0.0)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_state_of_before_is_read_and_gives_way(tmp_path: Path) -> None:
    net, average, optimiser = _run(0)
    held = {"module": net.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict()}
    torch.save(held | {"step": 9, "spent_s": 4.5}, tmp_path / OLD)
    run = _run(5)

    progress = load_state(tmp_path, *run)
    save_state(tmp_path, *run, Progress(10, 5.0))

    assert progress == Progress(9, 4.5)
    assert torch.equal(run[0].state_dict()["0.weight"], net.state_dict()["0.weight"])
    assert not (tmp_path / OLD).exists()


def test_without_a_state_there_is_nothing_to_go_on_from(tmp_path: Path) -> None:
    assert load_state(tmp_path, *_run(0)) is None


def test_a_damaged_state_is_named(tmp_path: Path) -> None:
    (tmp_path / FILES[0]).write_bytes(b"no tensors")

    with pytest.raises(BadWeights, match=r"state-a\.safetensors"):
        load_state(tmp_path, *_run(0))


def test_a_net_of_another_size_cannot_go_on(tmp_path: Path) -> None:
    save_state(tmp_path, *_run(0), Progress(1, 0.0))
    deeper = nn.Sequential(_net(0), nn.Linear(2, 2))
    optimiser = torch.optim.AdamW(deeper.parameters())

    with pytest.raises(BadWeights, match="a net of another size; name another folder"):
        load_state(tmp_path, deeper, deeper, optimiser)
