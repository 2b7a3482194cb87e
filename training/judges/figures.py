"""How often the judge is right on clips of known labels, beside always saying the commonest."""

import numpy as np
import torch
from numpy.typing import NDArray

from training.judges.labelled import ANSWERS, Labelled
from training.judges.net import TaggerNet, Told

MOODS = ("valence", "arousal")
BATCH = 64


def evaluate(net: TaggerNet, held_out: Labelled) -> dict[str, float]:
    """Figures by name, all on held-out clips.

    Each of ANSWERS: the share of right answers, and with `_commonest` that of always saying the commonest.
    `instruments_f1` (micro, at 0.5), `instruments_map` (`mean_average_precision`) and `instruments_share`, which is the
    `instruments_map` of a random order. `valence_r` and `arousal_r`: Pearson correlation of the expected third with
    the label itself.
    """
    told = judged(net, held_out)
    right = (chosen(told) == held_out.targets).float().mean(0)
    figures = {"clips": float(len(held_out.mel))}
    for i, name in enumerate(ANSWERS):
        figures[name] = float(right[i])
        figures[f"{name}_commonest"] = float(held_out.targets[:, i].bincount().max() / len(held_out.targets))
    for i, name in enumerate(MOODS):
        figures[f"{name}_r"] = correlation(expected_third((told.valence, told.arousal)[i]), held_out.mood[:, i])
    playing, heard = held_out.instruments.numpy(), told.instruments.numpy()
    both = float((playing & (heard > 0)).sum())
    some = playing[:, playing.any(0)]
    return figures | {
        "instruments_f1": 2.0 * both / max(float((heard > 0).sum() + playing.sum()), 1.0),
        "instruments_map": mean_average_precision(heard, playing),
        "instruments_share": float(some.mean()) if some.size else 0.0,
    }


@torch.no_grad()
def judged(net: TaggerNet, held_out: Labelled) -> Told:
    """What the net tells of every clip."""
    blocks = np.array_split(np.arange(len(held_out.mel)), -(-len(held_out.mel) // BATCH))
    told = [net(held_out.view(rows)) for rows in blocks]
    return Told(*(torch.cat([getattr(t, name) for t in told]) for name in Told.__dataclass_fields__))


def chosen(told: Told) -> torch.Tensor:
    """The likeliest answers, in the order of ANSWERS: [B 5]."""
    several = (told.valence, told.arousal)
    return torch.stack(
        [told.style.argmax(1), told.tempo.argmax(1), (told.major > 0).long(), *(x.argmax(1) for x in several)], dim=1
    )


def expected_third(logits: torch.Tensor) -> NDArray[np.float32]:
    """The mean of thirds (0, 0.5, 1) by their probabilities [B 3]: [B]."""
    expected: NDArray[np.float32] = (logits.softmax(-1) @ torch.tensor([0.0, 0.5, 1.0])).numpy()
    return expected


def correlation(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Pearson's of two rows of equal length; 0 where one of them never changes."""
    if np.ptp(a) == 0.0 or np.ptp(b) == 0.0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def mean_average_precision(scores: NDArray[np.floating], truth: NDArray[np.bool_]) -> float:
    """Mean over columns of [M K] of the average precision: the mean precision at the rank of every true row.

    Columns without a true row do not count; equal scores keep the order of rows; 0 where no column counts.
    """
    found = []
    for column in np.flatnonzero(truth.any(0)):
        order = np.argsort(-scores[:, column], kind="stable")
        hits = truth[order, column]
        found.append(float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean()))
    return float(np.mean(found)) if found else 0.0
