"""Weights on disk: safetensors, in parts where they are many, half precision, with their config; loading is strict."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from torch import nn

from generators.errors import BadWeights
from generators.flow.eight_bits import in_floats
from generators.flow.parts import MEND, PART_BYTES, load_tensors, save_tensors

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
else:
    DataclassInstance = object


M = TypeVar("M", bound=nn.Module)


def save_module(
    path: Path, module: nn.Module, config: "DataclassInstance", *, half: bool = True, limit: int = PART_BYTES
) -> None:
    """Write a module's state and config; floats as float16 when `half`, in parts where they take more than `limit`."""
    state = {
        name: (value.half() if half and value.is_floating_point() else value).contiguous().cpu()
        for name, value in module.state_dict().items()
    }
    save_tensors(path, state, {"config": json.dumps(asdict(config))}, limit=limit)


def load_module(path: Path, module_type: type[M], config_type: "type[DataclassInstance]") -> M:
    """Build a module from a file's config and fill it, in float32 and eval mode.

    The file may lie in parts, and matrices may be kept in eight bits.

    Raises:
        BadWeights: the file, or a part of it, is missing, damaged, or does not fit the module.
    """
    state, metadata = load_tensors(path)
    try:
        config, state = config_type(**json.loads(metadata["config"])), in_floats(state)
    except (KeyError, TypeError, ValueError, BadWeights) as exc:
        raise BadWeights(f"{path} cannot be read as weights ({exc}); {MEND}") from exc
    module = module_type(config)
    try:
        module.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
    except RuntimeError as exc:
        raise BadWeights(f"{path} does not fit {module_type.__name__}; {MEND}") from exc
    return module.eval().requires_grad_(requires_grad=False)


def parameters(module: nn.Module) -> int:
    """How many numbers a module learns."""
    return sum(p.numel() for p in module.parameters())
