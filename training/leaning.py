"""What mood does to music: `python -m training.leaning` -> `service/leaning.json`.

Odds that the scene bank wants a major key, by the valence that the bundle reads in its sentences (logistic regression;
the held-out families have no say). In the corpus, octaves of tempo and energy by arousal within one style (least
squares), and how far what CLAP reads in captions lags behind what their pieces are: answers that are right
in the mean lie nearer to the middle than the truth.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoders.clap import ClapConfig, ClapNet
from encoders.features import Features
from encoders.feeling import FILE, Feeling
from encoders.story import ENCODER, encode_sentences
from generators.flow.checkpoint import load_module
from generators.score.style import STYLES
from training.pieces import Labels, labels_of, load_heads
from training.scenes.bank import build_bank
from training.scenes.wanted import wanted

TABLE = Path("service/leaning.json")
CAPTIONS = 1500
Floats = NDArray[np.float64]


def odds_of_major(valence: Floats, major: NDArray[np.bool_]) -> tuple[float, float]:
    """(slope, valence at even odds) of a logistic regression; [P] each."""
    from scipy.optimize import minimize

    sign = np.where(major, 1.0, -1.0)

    def surprise(law: Floats) -> float:
        return float(np.logaddexp(0.0, -sign * law[0] * (valence - law[1])).mean())

    found = minimize(surprise, np.array([5.0, 0.5])).x
    return float(found[0]), float(found[1])


def by_arousal(labels: Sequence[Labels]) -> tuple[float, float]:
    """Octaves of tempo, and energy, that go with all of arousal within a style."""
    arousal = np.array([x.arousal for x in labels])
    style = np.eye(len(STYLES))[[STYLES.index(x.style) for x in labels]]
    made = np.array([(np.log2(x.tempo_bpm), x.energy) for x in labels])
    octaves, energy = np.linalg.lstsq(np.column_stack([arousal, style]), made, rcond=None)[0][0].tolist()
    return octaves, energy


def lag(read: Floats, true: Floats) -> dict[str, float]:
    """The mean of what is read, and by how much its spread must grow; never shrink."""
    return {"mean": round(float(read.mean()), 3), "gain": round(max(1.0, float(true.std() / read.std())), 3)}


def _wishes(path: Path) -> tuple[Floats, NDArray[np.bool_]]:
    """The valence read in every sentence of the bank that may be learned from, and whether it wants a major key."""
    scenes = [scene for scene in build_bank() if not scene.held_out]
    told = Features("story", ENCODER, encode_sentences([s.text for s in scenes]), np.zeros(len(scenes)))
    return Feeling.load(path).moods(told)[:, 0], np.array([wanted(s.mood).mode == "major" for s in scenes])


def main() -> None:
    """The command line."""
    import torch

    from training.evaluation.points import text_points

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--bundle", type=Path, default=Path("weights/tonereel-mini"))
    parser.add_argument("--out", type=Path, default=TABLE)
    args = parser.parse_args()
    heads = load_heads(args.data, splits=frozenset({"train"}))
    labels = [labels_of(head) for head in heads]
    slope, even = odds_of_major(*_wishes(args.bundle / "adapters" / FILE))
    octaves, energy = by_arousal(labels)
    some = np.random.default_rng(0).permutation(len(heads))[:CAPTIONS]
    net = load_module(args.bundle / "clap.safetensors", ClapNet, ClapConfig)
    points = text_points(net, [heads[i]["captions"][0] for i in some], args.data / "texts.npy")
    with torch.inference_mode():
        read = net.attributes(torch.from_numpy(points)).double().numpy()
    table = {
        "major": {"slope": round(slope, 3), "even": round(even, 3)},
        "arousal": {"octaves": round(octaves, 3), "energy": round(energy, 3)},
        "captions": {
            "energy": lag(read[:, 1], np.array([labels[i].energy for i in some])),
            "brightness": lag(read[:, 2], np.array([labels[i].brightness for i in some])),
        },
    }
    args.out.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
