"""How drummers place and weigh their strokes, by style, drum and place in the bar: statistics of Groove MIDI.

Gillick et al., "Learning to Groove with Inverse Sequence Transformations" (ICML 2019) describe the recordings.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from generators.score.score import CLOSED_HAT, KICK, OPEN_HAT, PEDAL_HAT, RIDE, SIDE_STICK, SNARE
from training.corpus.archive import members
from training.corpus.drums import GM_DRUMS
from training.corpus.passage import parse

ARCHIVE = "groove-midi.tar.xz"
EVERY_STYLE = "all"
MIN_HITS = 30
FAMILIES: dict[int, str] = {
    KICK: "kick",
    SNARE: "snare",
    SIDE_STICK: "snare",
    CLOSED_HAT: "hat",
    OPEN_HAT: "hat",
    PEDAL_HAT: "hat",
    RIDE: "ride",
}
#: keys of the electronic kit that differ from General MIDI: snare and hi-hat edges, tom rims
KIT_KEYS: dict[int, int] = {22: CLOSED_HAT, 26: OPEN_HAT, 58: 41}


@dataclass(frozen=True, slots=True)
class Hit:
    """One stroke: family of the drum, sixteenth in the 4/4 bar, milliseconds after it (before: negative), velocity."""

    family: str
    step: int
    offset_ms: float
    velocity: int


@dataclass(frozen=True, slots=True)
class GrooveCell:
    """Mean and spread of the strokes of one drum family on one sixteenth in one style."""

    style: str
    family: str
    step: int
    hits: int
    offset_ms: float
    offset_sd_ms: float
    velocity: float
    velocity_sd: float


def hits_of(content: bytes, tempo_bpm: float) -> list[Hit]:
    """All strokes of a 4/4 performance, each measured against the nearest sixteenth."""
    midi = parse(content)
    step = midi.per_quarter / 4
    ms_per_tick = 60_000.0 / (tempo_bpm * midi.per_quarter)
    out = []
    for track in midi.tracks:
        for onset, pitch, velocity in zip(track.onset, track.pitch, track.velocity, strict=True):
            key = KIT_KEYS.get(int(pitch), GM_DRUMS.get(int(pitch)))
            if key is not None:
                place = round(onset / step)
                offset = float(onset - place * step) * ms_per_tick
                out.append(Hit(FAMILIES.get(key, "other"), place % 16, offset, int(velocity)))
    return out


def read_groove(data: Path) -> Iterator[tuple[str, list[Hit]]]:
    """Style and strokes of every 4/4 beat (no fills) that is not in the data set's own test split."""
    archive = data / ARCHIVE
    index = next(content for _, content in members(archive, "info.csv"))
    rows = {row["midi_filename"]: row for row in csv.DictReader(io.StringIO(index.decode("utf-8")))}
    for name, content in members(archive, ".mid"):
        row = rows.get(name.removeprefix("groove/"))
        if row and row["time_signature"] == "4-4" and row["beat_type"] == "beat" and row["split"] != "test":
            yield row["style"].split("/")[0], hits_of(content, float(row["bpm"]))


def groove_statistics(performances: Iterable[tuple[str, list[Hit]]]) -> list[GrooveCell]:
    """Cells with at least `MIN_HITS` strokes, by style and over every style.

    Each performance is first centred: what its drummer is early or late by as a whole says nothing about the bar.
    """
    cells: dict[tuple[str, str, int], list[tuple[float, int]]] = defaultdict(list)
    for style, hits in performances:
        lag = float(np.median([h.offset_ms for h in hits])) if hits else 0.0
        for h in hits:
            for name in (style, EVERY_STYLE):
                cells[name, h.family, h.step].append((h.offset_ms - lag, h.velocity))
    out = []
    for (style, family, step), values in sorted(cells.items()):
        if len(values) >= MIN_HITS:
            table = np.array(values, dtype=float)
            mean, sd = table.mean(axis=0), table.std(axis=0)
            spread = (round(float(x), 2) for x in (mean[0], sd[0], mean[1], sd[1]))
            out.append(GrooveCell(style, family, step, len(values), *spread))
    return out
