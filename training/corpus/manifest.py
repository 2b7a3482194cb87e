"""What was trained on: name, file, licence and credit of every collection, with the number of pieces used."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from training.corpus.piece import CorpusPiece, CorpusSheet, Source


@dataclass(frozen=True, slots=True)
class DataSource:
    """One collection; `works` and `pieces` count what a training run really read."""

    name: str
    file: str
    licence: str
    credit: str
    url: str
    works: int = 0
    pieces: int = 0


SOURCES: dict[Source, DataSource] = {
    Source.LIEDER: DataSource(
        "OpenScore Lieder Corpus",
        "lieder-midi.tar.xz",
        "CC0-1.0",
        "OpenScore and its transcribers",
        "https://github.com/OpenScore/Lieder",
    ),
    Source.ORCHESTRA: DataSource(
        "Scores of Hauptstimme",
        "orchestra-midi.tar.xz",
        "CC0-1.0",
        "Mark Gotham and contributors",
        "https://github.com/MarkGotham/Hauptstimme",
    ),
    Source.QUARTETS: DataSource(
        "OpenScore String Quartets",
        "quartets-midi.tar.xz",
        "CC0-1.0",
        "OpenScore and its transcribers",
        "https://github.com/OpenScore/StringQuartets",
    ),
    Source.FREEDOOM: DataSource(
        "Freedoom soundtrack",
        "freedoom-midi.tar.xz",
        "BSD-3-Clause",
        "contributors to the Freedoom project",
        "https://github.com/freedoom/freedoom",
    ),
    Source.OPENEWLD: DataSource(
        "OpenEWLD, its public domain part",
        "openewld-pd.tar.xz",
        "public domain scores, MIT repository, CC0 genre tags",
        "00sapo and contributors",
        "https://github.com/00sapo/OpenEWLD",
    ),
}
#: Read by hand, not by a training run: the accents of `generators.score.perform.METRE_VELOCITY`.
STATISTICS: tuple[DataSource, ...] = (
    DataSource(
        "Groove MIDI Dataset",
        "groove-midi.tar.xz",
        "CC-BY-4.0",
        "Gillick, Roberts, Engel, Eck, Bamman: Learning to Groove with Inverse Sequence Transformations, 2019",
        "https://magenta.tensorflow.org/datasets/groove",
    ),
)


def manifest_of(used: Iterable[CorpusPiece | CorpusSheet]) -> tuple[DataSource, ...]:
    """The collections that the given pieces come from, with their counts, and those that gave statistics."""
    pieces: Counter[Source] = Counter()
    works: dict[Source, set[str]] = {}
    for piece in used:
        source = piece.source if isinstance(piece, CorpusPiece) else Source.OPENEWLD
        pieces[source] += 1
        works.setdefault(source, set()).add(piece.work_id)
    counted = tuple(replace(SOURCES[s], works=len(works[s]), pieces=pieces[s]) for s in SOURCES if pieces[s])
    return counted + STATISTICS


def to_json(manifest: tuple[DataSource, ...]) -> str:
    """The manifest as a JSON list."""
    return json.dumps([asdict(source) for source in manifest], indent=2)
