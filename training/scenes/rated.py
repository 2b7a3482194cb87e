"""The rated sentences: what the mood of a text is judged against, never trained on."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from training.scenes.entries import File, rows_of
from training.scenes.family import FOLDER
from training.scenes.faults import BadScene, level

SPLITS = ("dev", "test")
RATED = FOLDER / "rated.toml"


@dataclass(frozen=True, slots=True)
class Rated:
    """A sentence, its valence and arousal 0..1, what it is about, and its split: dev or test."""

    text: str
    valence: float
    arousal: float
    domain: str
    split: str


def load_rated(path: Path = RATED) -> tuple[Rated, ...]:
    """Every rated sentence, those for development first.

    Raises:
        BadScene: a row that cannot be read, a rating outside 0..1, or a sentence that comes twice.
    """
    file = File.read(path)
    try:
        tables: dict[str, dict[str, str]] = tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as exc:
        raise BadScene(f"{path.name}: {exc}; mend the TOML there") from exc
    found: dict[str, Rated] = {}
    for split in SPLITS:
        if "sentences" not in tables.get(split, {}):
            raise BadScene(f"{path.name}: the sentences of [{split}] are missing; add them")
        for row in rows_of(tables[split]["sentences"]):
            rated = _rated(row, f"{path.name}, {split}", split)
            key = " ".join(re.findall(r"\w+", rated.text.lower()))
            if key in found:
                raise BadScene(f"{path.name}, {split}: {rated.text!r} is there twice; remove one of them")
            found[key] = rated
    return tuple(found.values())


def _rated(row: str, where: str, split: str) -> Rated:
    fields = [field.strip() for field in row.split(" | ")]
    if len(fields) != 3 or len(fields[0].split()) != 2 or not fields[2]:
        raise BadScene(f"{where}: {row!r} is not 'valence arousal | domain | sentence'; write it so")
    said = f"{where}, {fields[2]!r}"
    valence, arousal = (
        level(number, name, said) for number, name in zip(fields[0].split(), ("valence", "arousal"), strict=True)
    )
    return Rated(fields[2], valence, arousal, fields[1], split)
