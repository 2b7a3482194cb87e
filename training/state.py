"""The state of a training run on disk, from which it goes on as if it had never stopped: tensors only, in parts."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from generators.errors import BadWeights
from generators.flow.parts import PART_BYTES, files_of, load_tensors, remove, save_tensors

FILES = ("state-a.safetensors", "state-b.safetensors")  # written in turn: one of them is whole at any moment
OLD = "state.pt"  # what runs before this format left
MODULE, AVERAGE, OPTIMISER = "module", "average", "optimiser"  # first words of the tensors' names


@dataclass(frozen=True)
class Progress:
    """How far a run is: steps done, and seconds spent on them."""

    step: int
    spent_s: float


def save_state(
    folder: Path, module: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer, progress: Progress
) -> None:
    """Write all that a run needs to go on; a crash meanwhile leaves the last state."""
    last, target = _in_turn(folder)
    held = optimiser.state_dict()
    tensors = {f"{MODULE}.{name}": value for name, value in module.state_dict().items()}
    tensors |= {f"{AVERAGE}.{name}": value for name, value in average.state_dict().items()}
    tensors |= {f"{OPTIMISER}.{i}.{key}": value for i, own in held["state"].items() for key, value in own.items()}
    metadata = {
        "groups": json.dumps(held["param_groups"]),
        "step": str(progress.step),
        "spent_s": repr(progress.spent_s),
    }
    save_tensors(target, {name: _whole(value) for name, value in tensors.items()}, metadata, limit=PART_BYTES)
    remove((*files_of(last), folder / OLD))


def load_state(
    folder: Path, module: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer
) -> Progress | None:
    """Put a run's last state into its parts; None where there is none.

    Raises:
        BadWeights: a file of it is missing or damaged, or it is of a net of another size.
    """
    found = [load_tensors(folder / name) for name in FILES if files_of(folder / name)]
    if not found:
        return _load_old(folder / OLD, module, average, optimiser)
    tensors, metadata = max(found, key=lambda held: int(held[1]["step"]))
    parts: dict[str, dict[str, Tensor]] = {MODULE: {}, AVERAGE: {}, OPTIMISER: {}}
    for name, value in tensors.items():
        part, _, rest = name.partition(".")
        parts[part][rest] = value
    try:
        module.load_state_dict(parts[MODULE])
        average.load_state_dict(parts[AVERAGE])
    except RuntimeError as exc:
        raise BadWeights(f"{folder} holds a training of a net of another size; name another folder with --run") from exc
    own: dict[int, dict[str, Tensor]] = {}
    for name, value in parts[OPTIMISER].items():
        number, _, key = name.partition(".")
        own.setdefault(int(number), {})[key] = value
    optimiser.load_state_dict({"state": own, "param_groups": json.loads(metadata["groups"])})
    return Progress(int(metadata["step"]), float(metadata["spent_s"]))


def _in_turn(folder: Path) -> tuple[Path, Path]:
    """Where the last state lies, and where the next one goes; of two the one with fewer steps is written over."""
    first, second = (folder / name for name in FILES)
    if not files_of(second):
        return first, second
    if not files_of(first):
        return second, first
    steps = {path: int(load_tensors(path)[1]["step"]) for path in (first, second)}
    last = max(steps, key=lambda path: steps[path])
    return last, second if last == first else first


def _load_old(path: Path, module: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer) -> Progress | None:
    if not path.exists():
        return None
    state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    module.load_state_dict(state[MODULE])
    average.load_state_dict(state[AVERAGE])
    optimiser.load_state_dict(state[OPTIMISER])
    return Progress(state["step"], state["spent_s"])


def _whole(value: Tensor) -> Tensor:
    """A tensor that shares no memory with another, on the CPU."""
    return value.detach().cpu().contiguous().clone()
