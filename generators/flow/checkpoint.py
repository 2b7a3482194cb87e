"""Weights on disk: one safetensors file, half precision, with its config in the header; loading is strict."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from generators.errors import BadWeights

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
else:
    DataclassInstance = object


M = TypeVar("M", bound=nn.Module)


def save_module(path: Path, module: nn.Module, config: "DataclassInstance", *, half: bool = True) -> None:
    """Write a module's state and config; floats as float16 when `half`."""
    state = {
        name: (value.half() if half and value.is_floating_point() else value).contiguous().cpu()
        for name, value in module.state_dict().items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(state, partial, metadata={"config": json.dumps(asdict(config))})
    partial.replace(path)


def load_module(path: Path, module_type: type[M], config_type: "type[DataclassInstance]") -> M:
    """Build a module from a file's config and fill it, in float32 and eval mode.

    Raises:
        BadWeights: the file is missing, damaged, or does not fit the module.
    """
    try:
        with safe_open(path, framework="pt") as file:
            config = config_type(**json.loads((file.metadata() or {})["config"]))
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, KeyError, TypeError, ValueError, SafetensorError) as exc:
        raise BadWeights(f"{path} cannot be read as weights ({exc}); fetch the bundle again") from exc
    module = module_type(config)
    try:
        module.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
    except RuntimeError as exc:
        raise BadWeights(f"{path} does not fit {module_type.__name__}; fetch the bundle again") from exc
    return module.eval().requires_grad_(requires_grad=False)


def parameters(module: nn.Module) -> int:
    """How many numbers a module learns."""
    return sum(p.numel() for p in module.parameters())
