"""How to mix sources: mean direction, slerp or composed velocities: `python -m benchmarks.mixing --results FILE`."""

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.machine import setting
from benchmarks.readings import CLEAR, Readings
from benchmarks.table import Cell, Section, replaced, table
from encoders.adapter import CANDIDATES, FlowAdapter, mix, sample
from encoders.story import encode_sentences
from generators.flow.solver import heun, time_grid
from service.bundle import bundle_folder, read_manifest
from training.adapter_tasks import HELD_OUT_SEED, seen_columns
from training.affect import spearman
from training.moods import Mood
from training.pictures import draw_pictures, read_photos
from training.scenes.bank import build_bank
from training.visual_moods import look_at, mood_of

STEPS, SEED = 4, 0
WEIGHTS = tuple(i / 8 for i in range(9))
THREE = ((0.6, 0.2, 0.2), (0.4, 0.4, 0.2), (1 / 3, 1 / 3, 1 / 3))
APART = 0.3  # of valence or arousal, so that a mix lies between two different moods
PIECES, PICTURES = 4000, 200
Point = NDArray[np.float32]


@dataclass(frozen=True)
class Told:
    """A source: the kind of adapter that reads it, its features [F], its mood and where its music lies alone."""

    kind: str
    features: Tensor
    mood: Mood
    point: Point


Way = Callable[[Sequence[Told], Sequence[float]], Point]


@dataclass(frozen=True)
class Group:
    """Sources that are mixed, and the weights to mix them with."""

    told: tuple[Told, ...]
    weights: tuple[tuple[float, ...], ...]


def by_mean(told: Sequence[Told], weights: Sequence[float]) -> Point:
    """The weighted mean direction."""
    return mix([(t.point, w) for t, w in zip(told, weights, strict=True)])


def by_slerp(told: Sequence[Told], weights: Sequence[float]) -> Point:
    """Along great circles (Shoemake 1985): from the first to the second, from there to the third, and so on."""
    point, total = told[0].point.astype(np.float64), weights[0]
    for other, weight in zip(told[1:], weights[1:], strict=True):
        total += weight
        share = weight / total if total > 0 else 0.0
        angle = float(np.arccos(np.clip(point @ other.point, -1.0, 1.0)))
        if angle > 1e-6:
            point = (np.sin((1 - share) * angle) * point + np.sin(share * angle) * other.point) / np.sin(angle)
    return np.asarray(point / np.linalg.norm(point), np.float32)


def by_velocity(adapters: dict[str, FlowAdapter], guidance: float) -> Way:
    """One flow by the weighted sum of all sources' guided velocities (Liu et al. 2022), the medoid of draws."""

    def composed(told: Sequence[Told], weights: Sequence[float]) -> Point:
        nets = [adapters[t.kind] for t in told]
        noise = torch.randn(CANDIDATES, nets[0].config.channels, generator=torch.Generator().manual_seed(SEED))
        reads = [net.read(t.features[None]).expand(2 * CANDIDATES, -1) for net, t in zip(nets, told, strict=True)]
        known = torch.cat([torch.ones(CANDIDATES, 1), torch.zeros(CANDIDATES, 1)])

        def velocity(x_t: Tensor, t: Tensor) -> Tensor:
            total = torch.zeros_like(x_t)
            for net, read, weight in zip(nets, reads, weights, strict=True):
                given, free = net(torch.cat([x_t, x_t]), torch.cat([t, t]), read, known).chunk(2)
                total += weight * (free + guidance * (given - free))
            return total

        *_, x_1 = heun(velocity, noise, time_grid(STEPS))
        return _medoid(nets[0].leave(x_1))

    return torch.inference_mode()(composed)


def gather(readings: Readings, photos: Path | None) -> list[Told]:
    """Held-out scenes and held-out pictures with their moods."""
    scenes = [s for s in build_bank(seed=SEED) if s.held_out]
    told = torch.from_numpy(encode_sentences([s.text for s in scenes]))
    found = [] if photos is None else read_photos(photos, limit=PICTURES, seed=HELD_OUT_SEED)
    pictures = list(draw_pictures(found, PICTURES, seed=HELD_OUT_SEED))
    seen = torch.from_numpy(seen_columns(pictures, readings.eyes))
    rows = [("story", f, s.mood) for f, s in zip(told, scenes, strict=True)]
    rows += [("image", f, mood_of(look_at(p.rgb))) for f, p in zip(seen, pictures, strict=True)]
    by_kind = readings.adapters.by_kind
    return [Told(kind, f, m, _alone(by_kind[kind], f, readings.adapters.guidance)) for kind, f, m in rows]


def groups_of(sources: Sequence[Told], size: int, count: int) -> list[Group]:
    """Random groups whose moods lie apart from one another; from triples on, at a few weights."""
    rng = np.random.default_rng((SEED, size))
    out: list[Group] = []
    while len(out) < count:
        told = tuple(sources[i] for i in rng.choice(len(sources), size, replace=False))
        if all(_apart(a.mood, b.mood) for i, a in enumerate(told) for b in told[:i]):
            out.append(Group(told, tuple((1 - w, w) for w in WEIGHTS) if size == 2 else THREE))
    return out


def row(name: str, way: Way, groups: Sequence[Group], readings: Readings) -> list[Cell]:
    """How a way mixes groups: what the mixed points are like, how far from music they lie, how even the way is."""
    errors, asked, found, away, rising = [], [], [], [], []
    for group in groups:
        points = np.stack([way(group.told, weights) for weights in group.weights])
        ends = readings.attributes(np.stack([t.point for t in group.told]))
        got, wanted = readings.attributes(points), np.array(group.weights) @ ends
        inner = [i for i, w in enumerate(group.weights) if max(w) < 1]
        errors.append(np.abs(got - wanted)[inner].mean(axis=0))
        moods = np.array([(t.mood.valence, t.mood.arousal) for t in group.told])
        asked.append((np.array(group.weights) @ moods)[inner])
        found.append(got[inner, :2])
        away.append(readings.away(points[inner]).mean())
        if len(group.told) == 2:
            rising += _rises(got, ends)
    wished, read = np.concatenate(asked), np.concatenate(found)
    return [
        name,
        *np.mean(errors, axis=0).tolist(),
        *(spearman(wished[:, i], read[:, i]) for i in range(2)),
        float(np.mean(away)),
        float(np.mean(rising)) if rising else None,
    ]


def measure(readings: Readings, photos: Path | None, *, pairs: int, triples: int) -> Section:
    """The three ways over pairs and triples."""
    sources = gather(readings, photos)
    ways: dict[str, Way] = {
        "mean direction": by_mean,
        "slerp": by_slerp,
        "composed velocities": by_velocity(readings.adapters.by_kind, readings.adapters.guidance),
    }
    header = ["mixed by", "valence", "arousal", "energy", "valence asked", "arousal asked", "off music", "steps right"]
    alone = readings.away(np.stack([t.point for t in sources]))
    text = (
        f"{len(sources)} sources that no adapter was trained on: sentences of held-out families and pictures; pairs "
        f"and triples with moods at least {APART} apart, pairs at {len(WEIGHTS)} weights, triples at {len(THREE)}. "
        "Valence, arousal, energy: mean error of what CLAP reads in the mixed point against the weighted mean of what "
        "it reads in the sources' own points; asked: Spearman of the reading with the weighted moods that the sources "
        "were written with. Off music: 1 - cosine to the nearest point of real music, "
        f"{readings.points_are}; sources alone {alone.mean():.3f}, music itself {readings.apart():.3f}. Steps right: "
        f"share of steps in weight that move a reading the right way (ends at least {CLEAR} apart; by chance 0.5).\n\n"
    )
    for size, count, name in ((2, pairs, "pairs"), (3, triples, "triples")):
        chosen = groups_of(sources, size, count)
        rows = [row(label, way, chosen, readings) for label, way in ways.items()]
        text += f"{count} {name}:\n\n" + table(header, rows) + "\n"
    return Section("mixing", "Mixing of sources", text)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, help="a bundle's folder instead of the one in use")
    parser.add_argument("--points", type=Path, default=Path("runs/corpus/train/clap.npy"), help="of real music [N D]")
    parser.add_argument("--captions", type=Path, default=Path("runs/corpus/pieces.jsonl"), help="used without points")
    parser.add_argument("--photos", type=Path, help="a tar of photographs; without it all pictures are painted")
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("RESULTS.md"))
    parser.add_argument("--quick", action="store_true", help="a few of everything")
    given = parser.parse_args()
    folder = given.bundle or bundle_folder(os.environ)
    began, at = time.perf_counter(), setting(read_manifest(folder).label)
    captions = _captions(given.captions) if given.captions.exists() else []
    readings = Readings.load(folder, given.points, captions)
    section = measure(readings, given.photos, pairs=8 if given.quick else 120, triples=4 if given.quick else 60)
    line = at.line("python -m benchmarks.mixing" + (" --quick" if given.quick else ""), time.perf_counter() - began)
    text = given.results.read_text(encoding="utf-8") if given.results.exists() else ""
    section = Section(section.name, section.title, f"{line}\n{section.body}")
    given.results.write_text(replaced(text, section), encoding="utf-8")
    print(section.body)


def _captions(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as file:
        heads = [json.loads(line) for line in file]
    chosen = np.random.default_rng(SEED).permutation(len(heads))[:PIECES]
    return [heads[i]["captions"][0] for i in sorted(chosen)]


def _rises(got: NDArray[np.float64], ends: NDArray[np.float64]) -> list[float]:
    """For readings [K 3] along a path from one end to the other [2 3]: the share of steps towards the second's."""
    apart = ends[1] - ends[0]
    steps = np.diff(got, axis=0) * np.sign(apart)
    return [float((steps[:, i] > 0).mean()) for i in range(3) if abs(apart[i]) >= CLEAR]


def _apart(a: Mood, b: Mood) -> bool:
    return max(abs(a.valence - b.valence), abs(a.arousal - b.arousal)) >= APART


def _alone(net: FlowAdapter, features: Tensor, guidance: float) -> Point:
    noise = torch.randn(CANDIDATES, net.config.channels, generator=torch.Generator().manual_seed(SEED))
    return _medoid(sample(net, features[None].expand(CANDIDATES, -1), noise, guidance=guidance))


def _medoid(points: Tensor) -> Point:
    out: Point = points[int((points @ points.T).sum(1).argmax())].numpy()
    return out


if __name__ == "__main__":
    main()
