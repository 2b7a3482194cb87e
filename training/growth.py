"""Growth: a trained net with more blocks, which begins by doing what it did (Chen et al. 2016, "Net2Net")."""

from dataclasses import replace

import torch
from torch import nn

from generators.flow.dit import Block, DiT


@torch.no_grad()
def deepened(net: DiT, depth: int) -> DiT:
    """The same net with further blocks after its own, up to `depth`; at first they add nothing to what they read.

    A net that is as deep already, or deeper, stays as it is. The new blocks are drawn from torch's generator.
    """
    if depth <= net.config.depth:
        return net
    grown = DiT(replace(net.config, depth=depth))
    grown.load_state_dict(net.state_dict(), strict=False)
    for block in list(grown.blocks)[net.config.depth :]:
        if isinstance(block, Block):
            silence(block.out)
            silence(block.shrink)
    return grown


def silence(layer: nn.Linear) -> None:
    """Let a layer begin with nothing to say."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
