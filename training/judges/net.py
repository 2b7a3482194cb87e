"""The judge's net: residual convolutions with attention pooling, beside a path for harmony and one for rhythm."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from encoders.mel import BANDS
from training.judges.view import View

LAGS = slice(5, 55)  # 0.23 to 2.5 s at 21.5 frames a second
GROUPS = 4  # of bands whose onsets are compared with themselves
HEADS = 4


@dataclass(frozen=True, slots=True)
class TaggerConfig:
    """width: channels of the first stage; dim: of a feature row; the rest counts the answers."""

    instruments: tuple[str, ...]
    width: int = 8
    dim: int = 64
    styles: int = 14
    tempi: int = 4
    spoilings: int = 4

    @property
    def answers(self) -> tuple[int, ...]:
        """How many logits each question has: style, tempo, major, valence, arousal, instruments, spoilings."""
        return (self.styles, self.tempi, 1, 3, 3, len(self.instruments), self.spoilings)


@dataclass(frozen=True, slots=True)
class Told:
    """A feature row [B D] and the logits read off it: [B n], `major` [B]."""

    feature: Tensor
    style: Tensor
    tempo: Tensor
    major: Tensor
    valence: Tensor
    arousal: Tensor
    instruments: Tensor
    spoiled: Tensor


class Residual(nn.Module):
    """Two convolutions 3 x 3 around a short cut (He et al. 2016), the first with a stride."""

    def __init__(self, into: int, out: int, stride: tuple[int, int]) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(into, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out))
        self.past = nn.Sequential(nn.AvgPool2d(stride, stride, ceil_mode=True), nn.Conv2d(into, out, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        """[B C H W] -> [B C' H' W']."""
        out: Tensor = functional.relu(self.second(self.first(x)) + self.past(x))
        return out


class Attention(nn.Module):
    """Pools [B C T] over time to [B 2C]: each head's weighted mean of its channels, and every channel's maximum."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scores = nn.Conv1d(channels, HEADS, 1)

    def forward(self, x: Tensor) -> Tensor:
        """The pooled vector."""
        weight = self.scores(x).softmax(-1).repeat_interleave(x.shape[1] // HEADS, dim=1)
        return torch.cat([(x * weight).sum(-1), x.amax(-1)], dim=-1)


class Timbre(nn.Module):
    """Levels [B 2 64 F], absolute and per-band normalised -> [B 256]."""

    def __init__(self, width: int) -> None:
        super().__init__()
        w = width
        self.stages = nn.Sequential(
            nn.Conv2d(2, w, 3, 2, 1, bias=False),
            nn.BatchNorm2d(w),
            nn.ReLU(),
            Residual(w, 2 * w, (2, 2)),
            Residual(2 * w, 4 * w, (2, 2)),
            Residual(4 * w, 8 * w, (2, 1)),
        )
        self.mix = nn.Sequential(nn.Conv1d(4 * 8 * w, 128, 1, bias=False), nn.BatchNorm1d(128), nn.ReLU())
        self.pool = Attention(128)

    def forward(self, x: Tensor) -> Tensor:
        """The pooled vector."""
        x = x.contiguous(memory_format=torch.channels_last)  # a third faster on a processor
        out: Tensor = self.pool(self.mix(self.stages(x).flatten(1, 2)))
        return out


class Harmony(nn.Module):
    """Chroma [B 12] -> [B 128] that is the same in every key: circular convolutions over pitch classes."""

    def __init__(self) -> None:
        super().__init__()
        self.profiles, self.keys = nn.Conv1d(1, 64, 12), nn.Conv1d(64, 64, 1)

    def forward(self, chroma: Tensor) -> Tensor:
        """Maximum and mean over the twelve tonics."""
        contrast = (chroma - chroma.mean(-1, keepdim=True)) / (chroma.std(-1, keepdim=True) + 0.01)
        circle = torch.cat([contrast, contrast[:, :-1]], dim=-1)[:, None]
        found = functional.relu(self.keys(functional.relu(self.profiles(circle))))
        return torch.cat([found.amax(-1), found.mean(-1)], dim=-1)


class TaggerNet(nn.Module):
    """All paths, one feature row, one linear layer of answers."""

    def __init__(self, config: TaggerConfig) -> None:
        super().__init__()
        self.config = config
        self.timbre, self.harmony = Timbre(config.width), Harmony()
        self.rhythm = nn.Sequential(nn.Linear(GROUPS * (LAGS.stop - LAGS.start), 64), nn.ReLU())
        self.balance = nn.Sequential(nn.Linear(2 * BANDS, 64), nn.ReLU())
        self.join = nn.Sequential(nn.Dropout(0.2), nn.Linear(256 + 128 + 64 + 64, 192), nn.ReLU(), nn.Dropout(0.2))
        self.feature = nn.Sequential(nn.Linear(192, config.dim), nn.BatchNorm1d(config.dim, affine=False))
        self.answer = nn.Linear(config.dim, sum(config.answers))

    def forward(self, view: View) -> Told:
        """What a batch of views of equal length is like."""
        levels = view.mel
        mean, deviation = levels.mean(-1, keepdim=True), levels.std(-1, keepdim=True)
        both = torch.stack([levels, (levels - mean) / (deviation + 0.1)], dim=1)
        balance = self.balance(torch.cat([mean, deviation], dim=1)[..., 0])
        paths = [self.timbre(both), self.harmony(view.chroma), self.rhythm(pulse(levels)), balance]
        feature = self.feature(self.join(torch.cat(paths, dim=-1)))
        style, tempo, major, *others = self.answer(feature).split(self.config.answers, dim=-1)
        return Told(feature, style, tempo, major[:, 0], *others)


def pulse(levels: Tensor) -> Tensor:
    """How much the onsets of four groups of bands repeat after each lag: autocorrelations [B 4 * 50], at most 1."""
    onsets = levels.diff(dim=-1).clamp(min=0.0).unflatten(1, (GROUPS, -1)).mean(2)
    onsets = onsets - onsets.mean(-1, keepdim=True)
    spectrum = torch.fft.rfft(onsets, 2 * onsets.shape[-1])
    same = torch.fft.irfft(spectrum.abs().square())
    alike: Tensor = same[..., LAGS] / same[..., :1].clamp(min=1e-6)
    return alike.flatten(1)
