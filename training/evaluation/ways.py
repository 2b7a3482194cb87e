"""Which way from a source into CLAP space is the best: deterministic MLP, flow head, or a bridge through sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.table import Cell, Section, table, verdict
from encoders.adapter import AdapterConfig, FlowAdapter, MlpAdapter
from encoders.bridge import TOP
from encoders.story import encode_sentences
from generators.flow.checkpoint import load_module
from training.adapter_data import Answers, Examples, examples
from training.adapter_metrics import NEIGHBOURS, AdapterMetrics, Sampler, judge
from training.adapters import samplers
from training.affect import read_bass, spearman
from training.evaluation.affect import sentences
from training.evaluation.intervals import Interval, bootstrap
from training.evaluation.material import Material
from training.evaluation.report import Report
from training.frechet import Gaussian, frechet
from training.moods import Mood, draw_pieces
from training.scenes.bank import build_bank
from training.scenes.family import Scene

SHARPNESS = (
    20.0  # of cosines of sentence vectors: the scale that they were trained with (Reimers and Gurevych's default)
)
DRAWS = 4  # points for each row, for the distance
DIMENSIONS = ("valence", "arousal")

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Answered:
    """How one way does on one kind of source."""

    distance: float  # squared Frechet distance in CLAP space to points of pieces that answer
    affect: dict[str, Interval]  # rank correlation of what was asked and the labels of the nearest pieces
    metrics: AdapterMetrics


class SentenceBridge:
    """The bank sentences nearest to a text, each told by a caption of a piece that answers it; their mean direction."""

    def __init__(self, scenes: Sequence[Scene], vectors: Vectors, answers: Answers, *, captions: int) -> None:
        self._vectors = vectors
        self._answers = answers
        self._pieces = draw_pieces([s.mood for s in scenes], answers.library, 8, seed=1)
        self._captions = captions

    def sample(self, features: Tensor, seed: int) -> Tensor:
        """Unit vectors [M D] for sentence vectors [M 384]."""
        cosines = features.numpy() @ self._vectors.T
        best = np.argsort(-cosines, axis=1, kind="stable")[:, :TOP]
        logits = SHARPNESS * np.take_along_axis(cosines, best, axis=1)
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        rng = np.random.default_rng(seed)
        pieces = self._pieces[best, rng.integers(0, self._pieces.shape[1], best.shape)]
        rows = self._answers.offsets[pieces] + rng.integers(0, self._captions, best.shape)  # a piece's texts come first
        told = (weights[..., None] * self._answers.points[rows]).sum(axis=1)
        return torch.from_numpy((told / np.linalg.norm(told, axis=1, keepdims=True)).astype(np.float32))


@dataclass(frozen=True)
class Trial:
    """One kind of source: its ways, the rows they are judged on, and rated rows for the affect."""

    kind: str
    ways: Mapping[str, Sampler]
    held_out: Examples
    rated: Examples


def measure(material: Material) -> Report:
    """The table of ways for stories, and for pictures where rated ones are at hand."""
    bank = build_bank()
    bridge = bridge_of([s for s in bank if not s.held_out], material)
    trials = [story_trial(material, [s for s in bank if s.held_out], bridge)]
    if material.pictures is not None:
        trials.append(image_trial(material, material.pictures, bridge))
    rows: list[list[Cell]] = []
    figures: dict[str, float] = {}
    said = []
    for trial in trials:
        found = {name: answer(way, trial, material.answers) for name, way in trial.ways.items()}
        rows += [_row(trial.kind, name, a) for name, a in found.items()]
        for name, a in found.items():
            figures[f"{trial.kind} {name}: Frechet in CLAP space"] = a.distance
            figures |= {f"{trial.kind} {name}: {d}": a.affect[d].value for d in DIMENSIONS}
        said.append(_verdict(trial.kind, found))
    header = ["source", "way", "Frechet", *(f"{d}, rated" for d in DIMENSIONS)]
    header += ["style hit", "energy score", "length of mean"]
    text = (
        "Ways from a source into the bundle's CLAP space, on scenes and pictures that no way was fitted on. Frechet: "
        "squared distance of Gaussians of the points to those of pieces that answer (the row `true pieces` is the "
        f"floor: other draws of such pieces). Rated: rank correlation of the ratings and the mean label of the "
        f"{NEIGHBOURS} nearest training pieces, 95 % bootstrap interval. Style hit, energy score (lower is better; "
        f"proper) and the length of the mean point (1: collapsed) as in `training.adapter_metrics`. The bridge "
        f"takes the {TOP} nearest sentences of the scene bank, tells each by a caption of a piece that answers it, "
        "and lets the text tower place them.\n\n"
    )
    body = text + "\n".join(said) + "\n\n" + table(header, rows)
    return Report(Section("ways", "Ways into CLAP space", body), figures)


def answer(way: Sampler, trial: Trial, answers: Answers, *, seed: int = 0) -> Answered:
    """Judge one way."""
    rng = np.random.default_rng(seed)
    drawn = np.concatenate([way(trial.held_out.features, seed + i).numpy() for i in range(DRAWS)])
    true = np.concatenate([answers.one_point(trial.held_out.pool[:, i], rng) for i in range(DRAWS)])
    placed = way(trial.rated.features, seed).numpy()
    nearest = np.argsort(-(placed @ answers.means.T), axis=1)[:, :NEIGHBOURS]
    affect = {}
    for name in DIMENSIONS:
        labels: NDArray[np.float64] = getattr(answers.library, name)
        asked = np.array([getattr(m, name) for m in trial.rated.moods])
        affect[name] = bootstrap(spearman, asked, labels[nearest].mean(axis=1))
    distance = frechet(Gaussian.of(drawn), Gaussian.of(true))
    return Answered(distance, affect, judge(way, trial.held_out, answers, seed=seed))


def story_trial(material: Material, unknown: Sequence[Scene], bridge: SentenceBridge) -> Trial:
    """Held-out families of the bank for distances, rated sentences for affect."""
    answers = material.answers
    held_out = examples(encode_sentences([s.text for s in unknown]), [s.mood for s in unknown], answers.library, seed=3)
    asked = sentences(10_000, seed=0)
    rated = examples(
        encode_sentences([a.what for a in asked]),
        [Mood(a.valence, a.arousal) for a in asked],
        answers.library,
        seed=4,
    )
    ways = adapter_ways(material.bundle, "story") | {"bridge": bridge.sample}
    return Trial("story", {"true pieces": oracle(held_out, rated, answers), **ways}, held_out, rated)


def image_trial(material: Material, archive: Path, bridge: SentenceBridge) -> Trial:
    """Rated pictures, their features by the bundle's own eyes or by descriptors; a bridge needs eyes."""
    rated = read_bass(archive)
    scale = (rated.ratings - 1.0) / 8.0
    moods = [Mood(float(v), float(a)) for v, a in scale]
    vectors, meanings = seen(material.bundle, rated.pictures)
    rows = examples(vectors, moods, material.answers.library, seed=5)
    ways = adapter_ways(material.bundle, "image")
    if meanings is not None:
        by_row = {v.tobytes(): m for v, m in zip(vectors, meanings, strict=True)}

        def told(features: Tensor, seed: int) -> Tensor:
            return bridge.sample(torch.from_numpy(np.stack([by_row[f.tobytes()] for f in features.numpy()])), seed)

        ways["bridge"] = told
    return Trial("image", {"true pieces": oracle(rows, rows, material.answers), **ways}, rows, rows)


def adapter_ways(bundle: Path, kind: str) -> dict[str, Sampler]:
    """The flow head at every guidance and the MLP of a bundle."""
    folder = bundle / "adapters"
    flow = load_module(folder / f"{kind}.safetensors", FlowAdapter, AdapterConfig)
    mlp = load_module(folder / f"{kind}_mlp.safetensors", MlpAdapter, AdapterConfig)
    return samplers(flow, mlp)


def bridge_of(scenes: Sequence[Scene], material: Material) -> SentenceBridge:
    """The bridge over a bank."""
    captions = min(len(c) for c in material.answers.captions)
    return SentenceBridge(scenes, encode_sentences([s.text for s in scenes]), material.answers, captions=captions)


def seen(bundle: Path, pictures: Sequence[NDArray[np.uint8]]) -> tuple[Vectors, Vectors | None]:
    """What the image adapter of a bundle reads of pictures [M F], and their meanings [M 384] where it has eyes."""
    from encoders.descriptors import describe

    looks = np.stack([describe(p) for p in pictures])
    config = load_module(bundle / "adapters" / "image.safetensors", FlowAdapter, AdapterConfig).config
    if config.features == looks.shape[1]:
        return looks, None
    from encoders.vision import Eyes

    eyes = Eyes.load(bundle / "vision.safetensors")
    return np.concatenate([looks, eyes.columns(pictures)], axis=1), eyes.look(pictures).meaning.numpy()


def oracle(held_out: Examples, rated: Examples, answers: Answers) -> Sampler:
    """Points of other pieces drawn for the same rows: the best that any way can do."""

    def draw(features: Tensor, seed: int) -> Tensor:
        rows = held_out if features is held_out.features else rated
        rng = np.random.default_rng((9, seed))
        return torch.from_numpy(answers.one_point(rows.pool[:, -1 - seed % 8], rng))

    return draw


def _row(kind: str, name: str, a: Answered) -> list[Cell]:
    m = a.metrics
    return [kind, name, a.distance, *(str(a.affect[d]) for d in DIMENSIONS), m.style_hit, m.energy_score, m.mean_norm]


def _verdict(kind: str, found: Mapping[str, Answered]) -> str:
    """The flow head (the medoid that the product takes) against the MLP and the bridge, on distance and on affect."""
    flow = next(a for name, a in found.items() if "medoid" in name)
    said = []
    for name in ("mlp", "bridge"):
        if name not in found:
            said.append(f"no {name}")
            continue
        other = found[name]
        near = flow.distance <= other.distance
        felt = all(flow.affect[d].value >= other.affect[d].value for d in DIMENSIONS)
        said.append(f"ahead of or equal to the {name} on distance: {verdict(met=near)}, on affect: {verdict(met=felt)}")
    return f"Bar, {kind}: the flow head as the product uses it is {'; '.join(said)}."
