"""Pieces on disk: scores with captions and labels as flat arrays, compact and free of pickle."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from generators.score.score import Chord, Form, Key, Metre, Mode, Note, Quality, Role, Score, Section
from generators.score.style import Style


@dataclass(frozen=True, slots=True)
class Labels:
    """What is true of a piece: levels 0..1 measured on its score, feelings as given or guessed, the mode."""

    style: Style
    tempo_bpm: float
    energy: float
    brightness: float
    valence: float
    arousal: float
    major: bool


@dataclass(frozen=True)
class Piece:
    """A score of the corpus: where it came from, its split (train, valid, test), its labels and captions."""

    source: str
    split: str
    score: Score
    labels: Labels
    captions: tuple[str, ...]


class Header(TypedDict):
    """One line of `pieces.jsonl`: all but the notes, which are rows first..last of `notes.npy`."""

    source: str
    split: str
    first: int
    last: int
    metre: str
    key: tuple[int, str]
    tempo_bpm: float
    bars: int
    chords: list[tuple[int, str] | None]
    sections: list[tuple[str, int, int]]
    labels: tuple[str, float, float, float, float, float, float]
    captions: list[str]


def save_pieces(folder: Path, pieces: Iterable[Piece]) -> int:
    """Write `notes.npy` int16 [N 5] (role, onset, pitch, duration, velocity) and `pieces.jsonl`; returns the count."""
    folder.mkdir(parents=True, exist_ok=True)
    blocks: list[NDArray[np.int16]] = []
    total = count = 0
    with (folder / "pieces.jsonl").open("w") as file:
        for piece in pieces:
            rows = [
                (list(Role).index(role), n.onset, n.pitch, n.duration, n.velocity)
                for role, notes in piece.score.parts.items()
                for n in notes
            ]
            blocks.append(np.asarray(rows, dtype=np.int16).reshape(-1, 5))
            file.write(json.dumps(_header(piece, total, total + len(rows))) + "\n")
            total += len(rows)
            count += 1
    np.save(folder / "notes.npy", np.concatenate(blocks))
    return count


def load_heads(folder: Path, *, splits: frozenset[str] = frozenset({"train", "valid", "test"})) -> list[Header]:
    """All but the notes of the asked splits: a hundred times faster than the pieces."""
    with (folder / "pieces.jsonl").open() as file:
        heads: list[Header] = [json.loads(line) for line in file]
    return [h for h in heads if h["split"] in splits]


def load_pieces(
    folder: Path,
    *,
    splits: frozenset[str] = frozenset({"train", "valid", "test"}),
    rows: Sequence[int] | None = None,
) -> list[Piece]:
    """Read what `save_pieces` wrote, the asked splits only, and of these all or the asked rows."""
    notes = np.load(folder / "notes.npy", mmap_mode="r")
    heads = load_heads(folder, splits=splits)
    asked = heads if rows is None else [heads[r] for r in rows]
    return [_piece(h, notes[h["first"] : h["last"]]) for h in asked]


def labels_of(head: Header) -> Labels:
    """The labels of a piece."""
    style, *others = head["labels"]
    tempo_bpm, energy, brightness, valence, arousal, major = others
    return Labels(Style(style), tempo_bpm, energy, brightness, valence, arousal, major > 0.5)


def _header(piece: Piece, first: int, last: int) -> Header:
    score = piece.score
    return {
        "source": piece.source,
        "split": piece.split,
        "first": first,
        "last": last,
        "metre": score.metre,
        "key": (score.key.tonic, score.key.mode),
        "tempo_bpm": round(score.tempo_bpm, 3),
        "bars": score.bars,
        "chords": [None if c is None else (c.root, c.quality) for c in score.chords],
        "sections": [(s.form, s.start_bar, s.bars) for s in score.sections],
        "labels": astuple(piece.labels),
        "captions": list(piece.captions),
    }


def _piece(head: Header, rows: NDArray[np.int16]) -> Piece:
    parts: dict[Role, list[Note]] = {role: [] for role in Role}
    roles = list(Role)
    for role, onset, pitch, duration, velocity in rows.tolist():
        parts[roles[role]].append(Note(onset, pitch, duration, velocity))
    score = Score(
        metre=Metre(head["metre"]),
        key=Key(head["key"][0], Mode(head["key"][1])),
        tempo_bpm=head["tempo_bpm"],
        bars=head["bars"],
        parts={role: tuple(sorted(n)) for role, n in parts.items()},
        chords=tuple(None if c is None else Chord(c[0], Quality(c[1])) for c in head["chords"]),
        sections=tuple(Section(Form(f), s, b) for f, s, b in head["sections"]),
    )
    return Piece(head["source"], head["split"], score, labels_of(head), tuple(head["captions"]))
