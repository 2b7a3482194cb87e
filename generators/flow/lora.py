"""Low-rank additions to the velocity net: few numbers teach it another sound, its weights stay (Hu et al. 2021)."""

import hashlib
import json
import math
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from generators.errors import BadWeights
from generators.flow.checkpoint import load_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.parts import files_of

LORA = "lora.safetensors"  # in a folder of audio weights
LAYERS = ("qkv", "out", "expand", "shrink")  # of every block: attention and MLP


@dataclass(frozen=True, slots=True)
class LoraConfig:
    """rank: of each addition; alpha / rank scales it, so that one learning rate serves every rank.

    Raises:
        BadWeights: the rank is below 1, or alpha is not a positive number.
    """

    rank: int
    alpha: float

    def __post_init__(self) -> None:
        if self.rank < 1 or not 0.0 < self.alpha < math.inf:
            raise BadWeights(f"rank {self.rank} and alpha {self.alpha} make no addition; give a rank of 1 or more")

    @property
    def scale(self) -> float:
        """What the product of the two matrices is multiplied by."""
        return self.alpha / self.rank


class LoraLinear(nn.Linear):
    """W x + b + scale up (down x), with W [out in] and b frozen, down [rank in] drawn and up [out rank] zero."""

    def __init__(self, base: nn.Linear, config: LoraConfig, generator: torch.Generator) -> None:
        super().__init__(base.in_features, base.out_features, bias=base.bias is not None, device="meta")
        self.weight, self.bias, self.scale = base.weight, base.bias, config.scale
        bound = 1.0 / math.sqrt(base.in_features)
        down = torch.empty(config.rank, base.in_features).uniform_(-bound, bound, generator=generator)
        self.down = nn.Parameter(down.to(base.weight.device))
        self.up = nn.Parameter(base.weight.new_zeros(base.out_features, config.rank))

    def forward(self, x: Tensor) -> Tensor:
        """x [... in] -> [... out]."""
        added = functional.linear(functional.linear(x, self.down), self.up)
        return functional.linear(x, self.weight, self.bias) + self.scale * added

    def folded(self) -> Tensor:
        """The one matrix [out in] that does the same."""
        added = self.scale * (self.up.double() @ self.down.double())
        return (self.weight.double() + added).to(self.weight.dtype)


def adapted(net: DiT, config: LoraConfig, *, seed: int = 0) -> DiT:
    """A copy with additions that say nothing yet, in which only they are trained; `net` is left as it is."""
    copy = deepcopy(net).requires_grad_(requires_grad=False)
    generator = torch.Generator().manual_seed(seed)
    for block in copy.blocks:
        for name in LAYERS:
            setattr(block, name, LoraLinear(getattr(block, name), config, generator))
    return copy


def lora_state(net: DiT) -> dict[str, Tensor]:
    """The additions alone, by their names in the net; none in a net that is not adapted."""
    return {
        f"{place}.{part}": getattr(layer, part).detach()
        for place, layer in net.named_modules()
        if isinstance(layer, LoraLinear)
        for part in ("down", "up")
    }


def merged(net: DiT) -> DiT:
    """The same net as plain weights: as fast and as large as the one that was adapted."""
    plain = DiT(net.config).to(net.leave.weight.device)
    added = lora_state(net)
    state = {name: value for name, value in net.state_dict().items() if name not in added}
    layers = {place: layer for place, layer in net.named_modules() if isinstance(layer, LoraLinear)}
    plain.load_state_dict(state | {f"{place}.weight": layer.folded() for place, layer in layers.items()})
    return plain.train(net.training).requires_grad_(requires_grad=False)


def save_lora(path: Path, net: DiT, config: LoraConfig, *, base: str) -> None:
    """Write the additions of a net as float32, with their config and the sha256 of the file that they were made for."""
    state = {name: value.float().contiguous().cpu() for name, value in lora_state(net).items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(state, partial, metadata={"config": json.dumps(asdict(config)), "base": base})
    partial.replace(path)


def load_lora(path: Path, base: Path) -> DiT:
    """The net of the file `base` with the additions of another file, all of it frozen.

    Raises:
        BadWeights: a file is missing or damaged, or the additions were made for another base.
    """
    net = load_module(base, DiT, DiTConfig)
    try:
        with safe_open(path, framework="pt") as file:
            told = file.metadata() or {}
            config, made_for = LoraConfig(**json.loads(told["config"])), told["base"]
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, KeyError, TypeError, ValueError, SafetensorError) as exc:
        raise BadWeights(f"{path} cannot be read as additions to weights ({exc}); train them again") from exc
    if made_for != sha256_of(base):
        raise BadWeights(
            f"{path} was made for other weights (sha256 {made_for[:12]}...) than {base}; "
            "take those, or train the additions again"
        )
    out = adapted(net, config)
    if {n: v.shape for n, v in lora_state(out).items()} != {n: v.shape for n, v in state.items()}:
        raise BadWeights(f"{path} does not fit the layers of {base}; train the additions again")
    out.load_state_dict(out.state_dict() | state)
    return out.eval().requires_grad_(requires_grad=False)


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hex; of weights that lie in parts that of their index, which changes with each save."""
    whole, *_ = *files_of(path), path
    with whole.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
