"""One piece of the corpus, and the split of works into training, validation and test."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from generators.score.score import Score
from generators.score.style import Style
from training.arranger.lead_sheet import LeadSheet


class Source(StrEnum):
    """A collection; its value is the stem of its archive's name and the folder inside it."""

    LIEDER = "lieder"
    ORCHESTRA = "orchestra"
    QUARTETS = "quartets"
    FREEDOOM = "freedoom"
    OPENEWLD = "openewld"


class Split(StrEnum):
    """What a work may be used for."""

    TRAIN = "train"
    VALID = "valid"
    TEST = "test"


@dataclass(frozen=True)
class CorpusPiece:
    """An excerpt of a work as a score; `name` tells file and excerpt, `work_id` is shared by all copies of a work."""

    work_id: str
    source: Source
    score: Score
    style: Style
    split: Split
    name: str


@dataclass(frozen=True)
class CorpusSheet:
    """A lead sheet of the corpus with the genres it is filed under and its split."""

    work_id: str
    sheet: LeadSheet
    genres: tuple[str, ...]
    split: Split


def split_of(work_id: str) -> Split:
    """90 % train, 5 % valid, 5 % test, decided by a hash of the work alone, so it never changes between runs."""
    place = int.from_bytes(hashlib.sha256(work_id.encode()).digest()[:4], "big") / 2**32
    if place < 0.90:
        return Split.TRAIN
    return Split.VALID if place < 0.95 else Split.TEST


def melody_hash(pitches: list[int]) -> str | None:
    """A hash of a melody's first 24 intervals: equal for a song and its transpositions; None when it is too short."""
    steps = [b - a for a, b in pairwise(pitches[:25])]
    return hashlib.sha256(repr(steps).encode()).hexdigest()[:12] if len(steps) >= 12 else None
