"""What CLAP knows of music without being told: attributes by words alone, and how sure its attribute head may be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Cell, Section, table
from generators.score.style import STYLES
from training import caption_styles, caption_words
from training.evaluation.calibration import Reliability, brier, calibration_error, reliability
from training.evaluation.intervals import Interval, bootstrap
from training.evaluation.material import Material
from training.evaluation.report import Report
from training.pieces import Labels

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: What is said of each class of an attribute; the mean direction of the sentences stands for the class.
PROMPTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "style": tuple(tuple(f"{name} music" for name in caption_styles.STYLES[style]) for style in STYLES),
    "mode": (
        tuple(f"music {m}" if m.startswith("in") else f"{m} music" for m in caption_words.MINOR),
        tuple(f"music {m}" if m.startswith("in") else f"{m} music" for m in caption_words.MAJOR),
    ),
    "tempo": (
        ("very slow music", "slow music", "music at a slow tempo"),
        ("mid-tempo music", "music at a walking pace", "moderately paced music"),
        ("fast music", "very fast music", "music at a fast tempo"),
    ),
    "energy": (
        ("very calm music", "quiet, soft music", "low-energy music"),
        ("moderate-energy music", "steady, balanced music"),
        ("energetic music", "intense, powerful music", "high-energy music"),
    ),
    "valence": (("sad music", "dark music", "gloomy music"), ("happy music", "joyful music", "cheerful music")),
}
LEVELS: Mapping[str, Callable[[Labels], float]] = {
    "tempo": lambda x: x.tempo_bpm,
    "energy": lambda x: x.energy,
    "valence": lambda x: x.valence,
}


@dataclass(frozen=True)
class Judged:
    """Truth and answer by row, as numbers of classes."""

    truth: Ints
    answer: Ints
    classes: int

    @property
    def accuracy(self) -> Interval:
        """Mean over classes of the share found, so that a common class does not decide."""
        return bootstrap(balanced_accuracy, self.truth, self.answer)


def balanced_accuracy(truth: Ints, answer: Ints) -> float:
    """Mean over the classes that occur of the share that was found."""
    return float(np.mean([np.mean(answer[truth == c] == c) for c in np.unique(truth)]))


def truths(labels: Sequence[Labels]) -> dict[str, tuple[NDArray[np.bool_], Ints]]:
    """By attribute: which rows are judged, and their class; levels are cut at thirds, of two classes the outer ones."""
    every = np.ones(len(labels), bool)
    out = {
        "style": (every, np.array([STYLES.index(x.style) for x in labels])),
        "mode": (every, np.array([int(x.major) for x in labels])),
    }
    for name, level in LEVELS.items():
        values = np.array([level(x) for x in labels])
        third = np.searchsorted(np.quantile(values, (1 / 3, 2 / 3)), values)
        out[name] = (every, third) if len(PROMPTS[name]) == 3 else (third != 1, third // 2)
    return out


def nearest(points: NDArray[np.float32], classes: Sequence[NDArray[np.float32]]) -> Ints:
    """The class [M] whose mean direction [D] each point lies nearest to."""
    centres = np.stack([c.mean(axis=0) for c in classes]).astype(np.float64)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    out: Ints = np.argmax(points @ centres.T, axis=1)
    return out


def measure(material: Material) -> Report:
    """Zero-shot accuracy on held-out clips, and calibration of the attribute head on the same."""
    clips = material.clips
    points = material.audio_points(clips)
    rows: list[list[Cell]] = []
    figures: dict[str, float] = {}
    for name, (judged, truth) in truths(clips.labels).items():
        answer = nearest(points, [material.text_points(p) for p in PROMPTS[name]])
        found = Judged(truth[judged], answer[judged], len(PROMPTS[name]))
        rows.append([name, len(PROMPTS[name]), int(judged.sum()), str(found.accuracy), f"{1 / found.classes:.3f}"])
        figures[f"zero-shot {name}"] = found.accuracy.value
    head = _head(material.read(points), clips.labels)
    text = (
        f"Zero-shot: {len(clips)} held-out clips, each given to the class whose words (a few sentences such as "
        f'"{PROMPTS["tempo"][0][0]}") lie nearest in CLAP space; classes of tempo, energy, valence are thirds of the '
        "held-out pieces (of valence the outer two). Accuracy is the mean over classes, with its 95 % bootstrap "
        "interval.\n\n"
    )
    header = ["attribute", "classes", "clips", "accuracy", "chance"]
    calibrated, more, series = _calibration(head)
    return Report(
        Section("attributes", "Attributes and calibration", text + table(header, rows) + calibrated),
        figures | more,
        series,
    )


def _head(read: Floats, labels: Sequence[Labels]) -> dict[str, tuple[Floats, NDArray[np.bool_]]]:
    """Confidence and whether it was right: of the likeliest style, and of the likelier mode."""
    logits = read[:, 6:] - read[:, 6:].max(axis=1, keepdims=True)
    styles = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = np.array([STYLES.index(x.style) for x in labels])
    major = 1.0 / (1.0 + np.exp(-read[:, 5]))
    is_major = np.array([x.major for x in labels])
    return {
        "style": (styles.max(axis=1), styles.argmax(axis=1) == truth),
        "mode": (np.maximum(major, 1.0 - major), (major > 0.5) == is_major),
    }


def _calibration(
    head: Mapping[str, tuple[Floats, NDArray[np.bool_]]],
) -> tuple[str, dict[str, float], dict[str, list[float]]]:
    rows: list[list[Cell]] = []
    figures: dict[str, float] = {}
    series: dict[str, list[float]] = {}
    for name, (confidence, right) in head.items():
        error = calibration_error(confidence, right)
        share, sure = float(right.mean()), float(confidence.mean())
        rows.append([name, share, sure, error, brier(confidence, right)])
        figures |= {f"attribute head {name}": share, f"calibration error {name}": error}
        found: Reliability = reliability(confidence, right)
        series |= {f"{name} confidence": found.confidence.tolist(), f"{name} right": found.right.tolist()}
    text = (
        "\nThe attribute head on the same clips: its confidence in its answer against the share that is right "
        "(expected calibration error over 10 bins, Naeini et al. 2015; 0 is perfect), and the Brier score of that "
        "confidence.\n\n"
    )
    header = ["answer", "share right", "mean confidence", "calibration error", "Brier score"]
    return text + table(header, rows), figures, series
