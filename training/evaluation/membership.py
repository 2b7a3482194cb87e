"""Whether the flow gives away what it was trained on: its loss on training pieces against held-out pieces."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.table import Cell, Section, table
from generators.flow.checkpoint import load_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.path import straight
from generators.score.codec import Codec, CodecConfig
from generators.score.conditioning import Conditioning
from generators.score.controls import WIDTHS
from training.codec import encode_bars
from training.evaluation.intervals import Interval, auc, bootstrap_two
from training.evaluation.material import HELD_OUT, Material
from training.evaluation.report import Report
from training.pieces import load_pieces
from training.prepared import Prepared, load_prepared

BARS = 32
TIMES = (0.2, 0.4, 0.6, 0.8)
BATCH = 32
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Windows:
    """The first BARS bars of pieces: latents [P T C], controls [P T W], masks [P T K], valid [P T]; sources [P]."""

    latents: Tensor
    controls: Tensor
    masks: Tensor
    valid: Tensor
    sources: tuple[str, ...]


def measure(material: Material) -> Report:
    """Losses of members and others with the same noise and times, and how well they tell them apart."""
    codec = load_module(material.bundle / "codec.safetensors", Codec, CodecConfig)
    net = load_module(material.bundle / "flow.safetensors", DiT, DiTConfig)
    others = windows_of(material, HELD_OUT, codec, count=material.amounts.members)
    members = windows_of(material, ("train",), codec, count=material.amounts.members, like=others.sources)
    losses = {"members": losses_of(net, members), "others": losses_of(net, others)}
    groups: dict[str, tuple[Floats, Floats]] = {"all": (losses["members"], losses["others"])}
    for kind in ("arranged", "openewld"):
        rows = [np.array([s == kind for s in w.sources]) for w in (members, others)]
        if min(r.sum() for r in rows) >= 8:
            groups[kind] = losses["members"][rows[0]], losses["others"][rows[1]]
    found = {name: attack(*pair) for name, pair in groups.items()}
    table_rows: list[list[Cell]] = [
        [
            name,
            len(groups[name][0]),
            len(groups[name][1]),
            *(float(g.mean()) for g in groups[name]),
            str(gap),
            str(area),
        ]
        for name, (gap, area) in found.items()
    ]
    header = ["pieces", "members", "others", "loss of members", "of others", "gap", "AUC"]
    gap, area = found["all"]
    figures = {"membership loss gap": gap.value, "membership AUC": area.value}
    return Report(Section("membership", "Membership self-test", _said() + table(header, table_rows)), figures)


def attack(members: Floats, others: Floats) -> tuple[Interval, Interval]:
    """How much lower the loss of members is, and the ROC area of telling a member by its low loss."""
    gap = bootstrap_two(lambda a, b: float(b.mean() - a.mean()), members, others)
    return gap, bootstrap_two(lambda a, b: auc(-a, -b), members, others)


@torch.inference_mode()
def losses_of(net: DiT, windows: Windows) -> Floats:
    """Velocity error [P] of every piece, mean over TIMES, two noises each; the same noise for every piece."""
    dim = net.config.embedding - 1
    groups = net.config.local - windows.controls.shape[-1] - windows.masks.shape[-1] - windows.latents.shape[-1]
    blocks = torch.arange(len(windows.latents)).split(BATCH)
    return np.concatenate([_losses(net, _at(windows, rows), dim=dim, groups=groups) for rows in blocks])


def windows_of(
    material: Material, splits: tuple[str, ...], codec: Codec, *, count: int, like: tuple[str, ...] = ()
) -> Windows:
    """Windows of `count` random pieces; with `like`, one piece of the same source for each of these."""
    rng = np.random.default_rng(material.seed)
    found: list[tuple[str, str, int]] = []  # source, split, number in the split
    for split in splits:
        pieces = load_pieces(material.corpus, splits=frozenset({split}))
        found += [(p.source, split, i) for i, p in enumerate(pieces)]
    order = [found[i] for i in rng.permutation(len(found))]
    chosen = order[:count] if not like else _matched(order, like)
    prepared = {split: load_prepared(material.corpus / split) for split in splits}
    return _windows(codec, prepared, chosen)


def _matched(order: list[tuple[str, str, int]], like: tuple[str, ...]) -> list[tuple[str, str, int]]:
    by_source: dict[str, list[tuple[str, str, int]]] = {}
    for entry in order:
        by_source.setdefault(entry[0], []).append(entry)
    return [by_source[source].pop() for source in like if by_source.get(source)]


def _windows(codec: Codec, prepared: Mapping[str, Prepared], chosen: list[tuple[str, str, int]]) -> Windows:
    n, width = len(chosen), sum(WIDTHS.values())
    latents, controls = torch.zeros(n, BARS, codec.channels), torch.zeros(n, BARS, width)
    masks, valid = torch.zeros(n, BARS, len(WIDTHS)), torch.zeros(n, BARS, dtype=torch.bool)
    wide = torch.tensor(list(WIDTHS.values()))
    for row, (_, split, number) in enumerate(chosen):
        data = prepared[split]
        first, last = (int(v) for v in data.offsets[number : number + 2])
        bars = np.arange(first, min(last, first + BARS))
        m = len(bars)
        latents[row, :m] = encode_bars(codec, data, bars)
        masks[row, :m] = torch.from_numpy(np.asarray(data.arrays["control_masks"][bars], dtype=np.float32))
        controls[row, :m] = torch.from_numpy(np.asarray(data.arrays["controls"][bars], dtype=np.float32))
        valid[row, :m] = True
    return Windows(
        latents, controls * torch.repeat_interleave(masks, wide, dim=-1), masks, valid, tuple(s for s, _, _ in chosen)
    )


def _at(w: Windows, rows: Tensor) -> Windows:
    return Windows(w.latents[rows], w.controls[rows], w.masks[rows], w.valid[rows], ())


def _losses(net: DiT, w: Windows, *, dim: int, groups: int) -> Floats:
    b = len(w.latents)
    free = torch.zeros(b, BARS, dim)
    condition = Conditioning(
        w.controls, w.masks, free, torch.zeros_like(w.latents), torch.zeros(b, BARS, groups), w.valid
    )
    total = torch.zeros(b)
    counted = w.valid.sum(1).clamp(min=1) * w.latents.shape[-1]
    for i, t in enumerate(TIMES * 2):
        noise = torch.randn(w.latents.shape[1:], generator=torch.Generator().manual_seed(i)).expand_as(w.latents)
        sample = straight(noise, w.latents, torch.full((b,), t))
        out = net(sample.x_t, sample.t, condition.local, condition.embedding, w.valid)
        total += ((out - sample.velocity).square() * w.valid[..., None]).sum((1, 2)) / counted
    return (total / (2 * len(TIMES))).double().numpy()


def _said() -> str:
    return (
        f"The flow's velocity error on the first {BARS} bars of pieces it was trained on and of as many held-out "
        f"pieces from the same sources, with the same noise at t = {', '.join(f'{t:g}' for t in TIMES)}, curves "
        "given, CLAP left free. Who guesses membership from a low loss is right as often as AUC says: 0.5 is a "
        "coin, 1 gives every training piece away. 95 % bootstrap intervals.\n\n"
    )
