"""What the eyes learn from: photographs and painted places by class, the classes' sentences and moods."""

import io
import tarfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from encoders.vision import square
from training.adapter_data import Embed
from training.painted import paint_scene

CLASSES = Path(__file__).parent / "vision_classes.toml"
SIDE = 112  # of the stored squares, larger than what is looked at: crops have room
PAINTED = 120  # pictures of each painted place
HELD_OUT_SHARE = 0.1


class Entry(TypedDict, total=False):
    """A class's table in the TOML file."""

    mood: list[float]
    says: str
    folders: list[str]
    held_out: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """One class: wordings, valence and arousal in 0..1, folders of photographs (none: it is painted)."""

    name: str
    says: tuple[str, ...]
    valence: float
    arousal: float
    folders: tuple[str, ...] = ()
    held_out: bool = False


@dataclass(frozen=True)
class Album:
    """Squares uint8 [N SIDE SIDE 3], the class of each [N], and which of them are held out [N]."""

    squares: NDArray[np.uint8]
    labels: NDArray[np.int64]
    held_out: NDArray[np.bool_]

    def rows(self, *, held_out: bool, of: Sequence[int]) -> NDArray[np.int64]:
        """Rows of some classes, held out or not."""
        return np.flatnonzero((self.held_out == held_out) & np.isin(self.labels, of))


def load_classes(path: Path = CLASSES) -> tuple[Seen, ...]:
    """The table of classes: photographed ones first."""
    tables: dict[str, dict[str, Entry]] = tomllib.loads(path.read_text("utf-8"))
    found: list[Seen] = []
    for kind, entries in tables.items():
        for name, entry in entries.items():
            folders = tuple(entry.get("folders", [name])) if kind == "photo" else ()
            says = tuple(line for line in entry["says"].splitlines() if line)
            valence, arousal = entry["mood"]
            found.append(Seen(name, says, valence, arousal, folders, held_out=entry.get("held_out", False)))
    return tuple(found)


def load_album(photos: Path, classes: Sequence[Seen], *, seed: int, limit: int | None = None) -> Album:
    """Every photograph of the classes (`limit` a class at most) and PAINTED pictures of each place; a tenth held out.

    Photographs of held-out classes are all held out.
    """
    by_folder = {folder: i for i, seen in enumerate(classes) for folder in seen.folders}
    squares: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    taken = dict.fromkeys(range(len(classes)), 0)
    with tarfile.open(photos) as tar:
        for member in tar:
            label = by_folder.get(Path(member.name).parent.name)
            if not member.isfile() or label is None or (limit is not None and taken[label] >= limit):
                continue
            file = tar.extractfile(member)
            with Image.open(io.BytesIO(b"" if file is None else file.read())) as image:
                squares.append(square(np.asarray(image.convert("RGB")), SIDE))
            labels.append(label)
            taken[label] += 1
    for label, seen in enumerate(classes):
        rng = np.random.default_rng((seed, label))
        count = 0 if seen.folders else min(PAINTED, limit or PAINTED)
        squares += [paint_scene(seen.name, SIDE, rng) for _ in range(count)]
        labels += [label] * count
    return Album(np.stack(squares), np.array(labels), _tenth(np.array(labels), classes, seed))


def _tenth(labels: NDArray[np.int64], classes: Sequence[Seen], seed: int) -> NDArray[np.bool_]:
    """A tenth of every class, one at least, by the seed; all of a held-out class."""
    held_out = np.zeros(len(labels), bool)
    for label, seen in enumerate(classes):
        rows = np.random.default_rng((seed, 7, label)).permutation(np.flatnonzero(labels == label))
        held_out[rows if seen.held_out else rows[: max(1, round(HELD_OUT_SHARE * len(rows)))]] = True
    return held_out


def sentence_bank(classes: Sequence[Seen], embed: Embed) -> Tensor:
    """Vectors of every wording, [K W 384].

    Raises:
        ValueError: classes with different numbers of wordings.
    """
    counts = {len(seen.says) for seen in classes}
    if len(counts) != 1:
        raise ValueError(f"every class needs as many wordings as the others, not {sorted(counts)}")
    vectors = embed([text for seen in classes for text in seen.says])
    return torch.from_numpy(vectors).view(len(classes), counts.pop(), -1)


def class_vectors(bank: Tensor) -> Tensor:
    """The mean direction of each class's wordings, [K 384]."""
    return functional.normalize(bank.mean(1), dim=-1)


def moods_of(classes: Sequence[Seen]) -> Tensor:
    """Valence and arousal, [K 2]."""
    return torch.tensor([(seen.valence, seen.arousal) for seen in classes])
