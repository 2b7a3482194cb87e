"""The velocity net of both engines: a diffusion transformer over a sequence of latents (Peebles and Xie 2023)."""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from generators.flow.embedding import rotary, rotate, time_features


@dataclass(frozen=True, slots=True)
class DiTConfig:
    """channels: of x_t; local: width of what is known at each place; embedding: width of the guiding embedding.

    With `strides` the net is told how far it will be followed, and answers with the mean velocity over that span. With
    `shared` all blocks are modulated by one layer, each with an offset of its own (Chen et al. 2023, "PixArt-alpha"): a
    third fewer weights. `reach` is the width, in places, of a convolution by which blocks see their neighbourhood.
    `guess` is that of one from what is known straight to the data: a linear guess, which the blocks correct.
    """

    channels: int
    local: int
    embedding: int
    width: int = 256
    depth: int = 8
    heads: int = 4
    strides: bool = False
    shared: bool = False
    reach: int = 0
    guess: int = 0


LEAST_TIME_LEFT = 0.05  # the velocity is bounded where the path ends


class Block(nn.Module):
    """Attention and an MLP, each scaled, shifted and gated by the time and the guiding embedding (adaLN-zero)."""

    def __init__(self, config: DiTConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.qkv = nn.Linear(config.width, 3 * config.width)
        self.out = nn.Linear(config.width, config.width)
        self.expand = nn.Linear(config.width, 4 * config.width)
        self.shrink = nn.Linear(4 * config.width, config.width)
        self.modulate = None if config.shared else _modulation(config.width)
        self.offset = nn.Parameter(torch.zeros(6 * config.width)) if config.shared else None
        self.near: nn.Conv1d | None = None
        if config.reach:
            around = config.reach // 2
            self.near = nn.Conv1d(config.width, config.width, 2 * around + 1, padding=around, groups=config.width)
            nn.init.zeros_(self.near.weight)

    def forward(self, x: Tensor, condition: Tensor, turn: tuple[Tensor, Tensor], keep: Tensor) -> Tensor:
        """x [B T W], condition [B 1 W] or [B 1 6W] (modulated), keep bool [B 1 1 T] (False: nobody looks there)."""
        told = condition if self.modulate is None else self.modulate(condition)
        told = told if self.offset is None else told + self.offset
        shift_a, scale_a, gate_a, shift_m, scale_m, gate_m = told.chunk(6, dim=-1)
        h = functional.layer_norm(x, x.shape[-1:]) * (1 + scale_a) + shift_a
        if self.near is not None:
            h = h + self.near((h * keep[:, 0].mT).mT).mT
        q, k, v = self.qkv(h).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        h = functional.scaled_dot_product_attention(rotate(q, *turn), rotate(k, *turn), v, attn_mask=keep)
        x = x + gate_a * self.out(h.transpose(1, 2).flatten(2))
        h = functional.layer_norm(x, x.shape[-1:]) * (1 + scale_m) + shift_m
        out: Tensor = x + gate_m * self.shrink(functional.gelu(self.expand(h), approximate="tanh"))
        return out


class DiT(nn.Module):
    """(x_t [B T C], t [B]) -> velocity [B T C], given `local` [B T L], `embedding` [B T E] and `valid` bool [B T].

    The net itself predicts the data x_1, and the velocity follows from it: v = (x_1 - x_t) / (1 - t). Data lie near a
    manifold and noise does not, so a net narrower than its latents can predict the one but not the other (Li and He
    2025, "Back to Basics: Let Denoising Generative Models Denoise").
    """

    def __init__(self, config: DiTConfig) -> None:
        super().__init__()
        self.config = config
        self.enter = nn.Linear(config.channels + config.local + config.embedding, config.width)
        self.time = nn.Sequential(nn.Linear(256, config.width), nn.SiLU(), nn.Linear(config.width, config.width))
        self.stride = nn.Linear(256, config.width) if config.strides else None
        self.guide = nn.Linear(config.embedding, config.width)
        self.modulate = _modulation(config.width) if config.shared else None
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.depth))
        self.final = nn.Linear(config.width, 2 * config.width)
        self.leave = nn.Linear(config.width, config.channels)
        zeros: list[nn.Linear | nn.Conv1d] = [self.final, self.leave]
        self.guess: nn.Conv1d | None = None
        if config.guess:
            around = config.guess // 2
            self.guess = nn.Conv1d(config.local, config.channels, 2 * around + 1, padding=around)
            self.trust = nn.Linear(config.width, config.channels)  # in the guess: it is worth less as x_t clears up
            zeros += [self.guess, self.trust]
        for layer in zeros:
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(cast("nn.Parameter", layer.bias))
        if self.guess is not None:
            nn.init.ones_(self.trust.bias)
        if self.stride is not None:
            nn.init.zeros_(self.stride.weight)
            nn.init.zeros_(self.stride.bias)

    def forward(
        self, x_t: Tensor, t: Tensor, local: Tensor, embedding: Tensor, valid: Tensor, span: Tensor | None = None
    ) -> Tensor:
        """The velocity at x_t; `embedding` enters each place, and its mean over valid places scales all blocks.

        A net with strides takes `span` [B], the time until the next evaluation (Frans et al. 2024, "One Step Diffusion
        via Shortcut Models"); without it the velocity is that of the moment.
        """
        weight = valid.to(x_t.dtype)[..., None]
        pooled = (embedding * weight).sum(1) / weight.sum(1).clamp(min=1.0)
        pace = self.time(time_features(t, 256))
        if self.stride is not None and span is not None:
            pace = pace + self.stride(time_features(span, 256))
        condition = functional.silu(pace + self.guide(pooled))[:, None]
        x = self.enter(torch.cat([x_t, local, embedding], dim=-1))
        turn = rotary(x.shape[1], self.config.width // self.config.heads, device=x.device)
        keep = valid[:, None, None, :]
        told = condition if self.modulate is None else self.modulate(condition)
        for block in self.blocks:
            x = block(x, told, turn, keep)
        shift, scale = self.final(condition).chunk(2, dim=-1)
        x_1: Tensor = self.leave(functional.layer_norm(x, x.shape[-1:]) * (1 + scale) + shift)
        if self.guess is not None:
            x_1 = x_1 + self.trust(condition) * self.guess((local * weight).mT).mT
        return (x_1 - x_t) / (1.0 - t).clamp(min=LEAST_TIME_LEFT)[:, None, None]


def _modulation(width: int) -> nn.Linear:
    """A layer that begins with nothing to say."""
    layer = nn.Linear(width, 6 * width)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
