"""The corpus, read: scores from the MIDI archives, lead sheets from the MusicXML archive."""

import csv
import io
import logging
from collections.abc import Iterator
from pathlib import Path
from random import Random

from generators.errors import InvalidScore
from training.corpus.archive import members
from training.corpus.attributes import style_of
from training.corpus.excerpt import score_of
from training.corpus.passage import MidiPiece, parse, passages
from training.corpus.piece import CorpusPiece, CorpusSheet, Source, melody_hash, split_of
from training.corpus.sheets import sheet_of

MIDI_SOURCES: tuple[Source, ...] = (Source.LIEDER, Source.ORCHESTRA, Source.QUARTETS, Source.FREEDOOM)
PLAYED = frozenset({Source.FREEDOOM})  # sequenced with their own dynamics
SHEETS_ARCHIVE = "openewld-pd.tar.xz"

log = logging.getLogger(__name__)


def read_corpus(
    data: Path, *, limit: int | None = None, seed: int, sources: tuple[Source, ...] = MIDI_SOURCES
) -> Iterator[CorpusPiece]:
    """Excerpts of all works in an order that the seed decides; at most `limit`; broken files are logged and skipped.

    `data` is the folder of the archives. An archive that is not there raises FileNotFoundError.
    """
    files = [(s, name, content) for s in sources for name, content in members(data / f"{s}-midi.tar.xz", ".mid")]
    Random(seed).shuffle(files)
    made = 0
    for source, name, content in files:
        for piece in pieces_of(content, source, name):
            if limit is not None and made >= limit:
                return
            made += 1
            yield piece


def pieces_of(content: bytes, source: Source, name: str) -> list[CorpusPiece]:
    """All excerpts of one MIDI file; none when it cannot be read."""
    stem = f"{source}/{Path(name).stem}"
    try:
        midi = parse(content)
    except ValueError as exc:
        log.warning("skipped %s: %s", name, exc)
        return []
    work_id = _work_id(midi, source, stem)
    out = []
    for i, passage in enumerate(passages(midi)):
        try:
            score = score_of(passage, keep_velocity=source in PLAYED)
        except InvalidScore as exc:
            log.warning("skipped excerpt %d of %s: %s", i, name, exc)
            continue
        if score is not None:
            out.append(CorpusPiece(work_id, source, score, style_of(source, score), split_of(work_id), f"{stem}#{i}"))
    return out


def read_lead_sheets(data: Path) -> Iterator[CorpusSheet]:
    """All lead sheets that fit the grid, in the archive's order; others are logged and skipped."""
    archive = data / SHEETS_ARCHIVE
    index = next(content for _, content in members(archive, "index.csv"))
    rows = {row["file"]: row for row in csv.DictReader(io.StringIO(index.decode("utf-8")))}
    for name, content in members(archive, ".musicxml"):
        row = rows.get(Path(name).stem, {})
        try:
            sheet = sheet_of(content, row.get("title") or "")
        except (ValueError, InvalidScore) as exc:
            log.warning("skipped %s: %s", name, exc)
            continue
        work_id = f"{Source.OPENEWLD}/{_plain(sheet.title) or Path(name).stem}"
        yield CorpusSheet(work_id, sheet, tuple(_plain_list(row.get("genres") or "")), split_of(work_id))


def _work_id(midi: MidiPiece, source: Source, stem: str) -> str:
    """Songs are known by their melody, so that the same song in another key is the same work; others by their file."""
    if source is not Source.LIEDER or not midi.tracks:
        return stem
    voice = midi.tracks[0]
    order = voice.onset.argsort(kind="stable")
    known = melody_hash(voice.pitch[order].tolist())
    return f"{source}/{known}" if known else stem


def _plain(title: str) -> str:
    return "".join(c for c in title.lower() if c.isalnum())


def _plain_list(text: str) -> list[str]:
    return [t.strip() for t in text.split(",") if t.strip()]
