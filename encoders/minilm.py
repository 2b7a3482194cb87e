"""A BERT sentence encoder in plain torch: MiniLM without the seconds that transformers takes to load.

The weights keep the names of the published checkpoint; a test holds the result against transformers' own BertModel.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class MiniLmConfig:
    """The sizes of all-MiniLM-L6-v2."""

    vocabulary: int = 30522
    width: int = 384
    inner: int = 1536
    layers: int = 6
    heads: int = 12
    max_tokens: int = 512
    norm_eps: float = 1e-12


class _Layer(nn.Module):
    def __init__(self, config: MiniLmConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.query, self.key, self.value, self.mixed = (nn.Linear(config.width, config.width) for _ in range(4))
        self.mixed_norm = nn.LayerNorm(config.width, eps=config.norm_eps)
        self.widen = nn.Linear(config.width, config.inner)
        self.narrow = nn.Linear(config.inner, config.width)
        self.out_norm = nn.LayerNorm(config.width, eps=config.norm_eps)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Post-norm attention and feed-forward on x [B T D]; mask [B 1 1 T] is true on words."""
        query, key, value = (
            part(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (self.query, self.key, self.value)
        )
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x = self.mixed_norm(x + self.mixed(seen.transpose(1, 2).flatten(2)))
        out: Tensor = self.out_norm(x + self.narrow(functional.gelu(self.widen(x))))
        return out


class MiniLm(nn.Module):
    """Token ids [B T] and mask [B T] -> unit vectors [B D]: the mean over words of the last layer."""

    def __init__(self, config: MiniLmConfig) -> None:
        super().__init__()
        self.words = nn.Embedding(config.vocabulary, config.width)
        self.places = nn.Embedding(config.max_tokens, config.width)
        self.kinds = nn.Embedding(2, config.width)
        self.norm = nn.LayerNorm(config.width, eps=config.norm_eps)
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.layers))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the sentence vectors."""
        places = torch.arange(ids.shape[1], device=ids.device)
        x = self.norm(self.words(ids) + self.places(places) + self.kinds.weight[0])
        for layer in self.layers:
            x = layer(x, mask[:, None, None, :])
        weights = mask.unsqueeze(-1).to(x.dtype)
        mean: Tensor = (x * weights).sum(1) / weights.sum(1).clamp(min=1.0)
        return functional.normalize(mean, dim=-1)


_EMBEDDINGS = {
    "words": "word_embeddings",
    "places": "position_embeddings",
    "kinds": "token_type_embeddings",
    "norm": "LayerNorm",
}
_LAYER = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "mixed": "attention.output.dense",
    "mixed_norm": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "out_norm": "output.LayerNorm",
}


def published_name(name: str) -> str:
    """Return the name that the published BERT checkpoint has for a parameter of `MiniLm`."""
    module, *rest = name.split(".")
    if module != "layers":
        return ".".join(["embeddings", _EMBEDDINGS[module], *rest])
    number, part, kind = rest
    return f"encoder.layer.{number}.{_LAYER[part]}.{kind}"
