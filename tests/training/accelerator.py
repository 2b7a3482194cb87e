"""An accelerator that is not there: tensors that say they lie on a device of their own, and refuse to meet others.

What they hold lies on the processor, where everything is worked out. So a stage that forgets to move something fails
here as it would fail on a device, at the same line and for the same reason.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

DEVICE = "meta"  # the only name of a device that PyTorch knows everywhere and that needs no driver
aten = torch.ops.aten
MOVES = {aten._to_copy.default, aten.copy_.default}  # between devices
INDEXED = {aten.index.Tensor, aten.index_put_.default, aten.index_put.default}  # by indices that lie anywhere
MATH = 0  # of attention


class Away(Tensor):
    """A tensor on the accelerator; `held` is what it holds."""

    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor) -> "Away":
        made: Away = torch.Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls, held.shape, held.stride(), held.storage_offset(), dtype=held.dtype, device=torch.device(DEVICE),
            requires_grad=held.requires_grad,
        )  # fmt: skip
        made.held = held.detach()
        return made

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return worked_out(func, args, kwargs or {})

    def tolist(self) -> Any:
        """The numbers, fetched, as from any device."""
        return self.held.tolist()


class Mode(TorchDispatchMode):
    """What is made on the accelerator is made here."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return worked_out(func, args, kwargs or {})


def worked_out(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """One operation: on what tensors hold, after a check that they lie on one device."""
    device = kwargs.get("device")
    tensors = [x for x in tree_flatten((args, kwargs))[0] if isinstance(x, Tensor)]
    away = any(isinstance(x, Away) for x in tensors)
    if func is aten._fused_sdp_choice.default:
        return MATH
    if away and func not in MOVES | INDEXED:
        here = [x for x in tensors if not isinstance(x, Away) and x.ndim]
        if here:
            shapes = ", ".join(str(tuple(x.shape)) for x in here)
            raise RuntimeError(f"{func}: expected all tensors to be on the same device, but found {shapes} on the cpu")
    lands = away if device is None else torch.device(device).type == DEVICE
    if device is not None:
        kwargs = kwargs | {"device": torch.device("cpu")}
    inner_args, inner_kwargs = tree_map(_held, (args, kwargs))
    out = func(*inner_args, **inner_kwargs)
    if func._schema.name.endswith("_") and not func._schema.name.endswith("__"):
        return args[0]
    if func is aten._local_scalar_dense.default or not lands:
        return out
    if func is aten._to_copy.default or device is not None:
        out = tree_map(lambda x: x.clone() if isinstance(x, Tensor) else x, out)
    return tree_map(lambda x: Away(x) if isinstance(x, Tensor) else x, out)


def _held(x: Any) -> Any:
    return x.held if isinstance(x, Away) else x


def came_home(net: nn.Module) -> bool:
    """Whether what a stage returns lies on the processor, as whatever writes or uses it expects, and holds numbers."""
    return all(type(p.data) is Tensor and bool(p.isfinite().all()) for p in net.parameters())


@contextmanager
def accelerator(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The device's name, while it is there; precision is that of the processor, and one thread draws and trains."""
    plain = torch.tensor

    def filled(data: Any, *, dtype: torch.dtype | None = None, device: str | torch.device = "cpu") -> Tensor:
        return plain(data, dtype=dtype).to(device)  # on this device PyTorch would give the numbers no memory

    monkeypatch.setattr(torch, "tensor", filled)
    monkeypatch.setattr(Tensor, "new_tensor", lambda own, data: filled(data, dtype=own.dtype, device=own.device))
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())
    with Mode():  # type: ignore[no-untyped-call]
        yield DEVICE
