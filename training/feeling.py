"""Learn how sentences feel: `python -m training.feeling --data runs/corpus --run runs/adapters`.

The scene bank without its held-out families teaches; hand-made lines, which are all different, are drawn more often
than what the grammar made of them. Printed: rank correlation with the moods of the held-out families.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from encoders.feeling import FILE, Feeling, FeelingConfig
from encoders.story import ENCODER, encode_sentences
from generators.flow.checkpoint import save_module
from training.adapter_data import Embed
from training.affect import AFFECTS, spearman
from training.loop import Loop, LoopConfig
from training.pieces import Labels, labels_of, load_heads
from training.presets import FEELING, Preset
from training.scenes.bank import build_bank
from training.scenes.family import Scene, load_families

BY_HAND = 3.0  # how much oftener a hand-made line is drawn than one of the grammar's
NOISE = 0.9 / 384**0.5  # on a unit vector's numbers: as long as the vector itself, or rated sentences are felt worse


def train(
    scenes: Sequence[Scene],
    embed: Embed,
    labels: Sequence[Labels],
    run: Path,
    preset: Preset,
    *,
    encoder: str = ENCODER,
) -> Feeling:
    """Train on scenes, bring the answers to the spread of the labels of music, write `run/feeling.safetensors`."""
    torch.manual_seed(preset.seed)
    vectors = torch.from_numpy(embed([s.text for s in scenes]))
    wanted = torch.tensor([[s.mood.valence, s.mood.arousal] for s in scenes], dtype=torch.float32)
    config = FeelingConfig(encoder, vectors.shape[1], **preset.sizes)
    loop = Loop(
        Feeling(config), run / "feeling", LoopConfig(preset.steps, preset.minutes, preset.learning_rate, ema=0.99)
    )
    often = _often(scenes)

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        rows = torch.multinomial(often, preset.batch, replacement=True, generator=generator)
        noise = NOISE * torch.randn(preset.batch, vectors.shape[1], generator=generator)
        return functional.mse_loss(loop.module(vectors[rows] + noise), wanted[rows]), {}

    trained = loop.run(loss).eval()
    with torch.inference_mode():
        trained.spread(trained(vectors))
    heard = torch.tensor([[x.valence, x.arousal] for x in labels])
    trained.label_mean.copy_(heard.mean(0))
    trained.label_std.copy_(heard.std(0))
    save_module(run / FILE, trained, config)
    return trained


def agreement(feeling: Feeling, scenes: Sequence[Scene], embed: Embed) -> dict[str, float]:
    """Spearman's rho with the moods of scenes."""
    with torch.inference_mode():
        levels: NDArray[np.float32] = feeling(torch.from_numpy(embed([s.text for s in scenes]))).numpy()
    return {
        name: spearman(levels[:, i], np.array([getattr(s.mood, name) for s in scenes]))
        for i, name in enumerate(AFFECTS)
    }


def _often(scenes: Sequence[Scene]) -> Tensor:
    by_hand = {text for family in load_families() for text, _ in family.lines}
    return torch.tensor([BY_HAND if s.text in by_hand else 1.0 for s in scenes])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--run", type=Path, default=Path("runs/adapters"))
    parser.add_argument("--preset", choices=sorted(FEELING), default="cpu")
    args = parser.parse_args()
    bank = build_bank()
    labels = [labels_of(head) for head in load_heads(args.data, splits=frozenset({"train"}))]
    known = [s for s in bank if not s.held_out]
    feeling = train(known, encode_sentences, labels, args.run, FEELING[args.preset])
    print(json.dumps(agreement(feeling, [s for s in bank if s.held_out], encode_sentences)))


if __name__ == "__main__":
    main()
