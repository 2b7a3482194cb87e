"""A passage becomes a score."""

from dataclasses import replace

import numpy as np

from generators.score.score import PITCHED, Note, Score
from training.corpus.chords import detect_chords
from training.corpus.dynamics import shaped
from training.corpus.form import find_sections
from training.corpus.key import detect_key
from training.corpus.passage import Passage, Track
from training.corpus.roles import UNPITCHED, assign_roles

MIN_BARS = 8
MIN_SOUNDING = 0.7  # share of bars with a pitched note
TEMPO_RANGE = (40.0, 200.0)


def score_of(passage: Passage, *, keep_velocity: bool) -> Score | None:
    """A valid score, or None when too little of the passage sounds; `keep_velocity` for played, not written, files."""
    passage = _trimmed(passage)
    if passage.bars < MIN_BARS:
        return None
    parts = assign_roles(passage)
    pitched = [n for role in PITCHED for n in parts.get(role, ())]
    if not pitched or _sounding(pitched, passage) < MIN_SOUNDING:
        return None
    # harmony is heard from all that was written, not only from what the roles could keep
    heard = sorted(n for t in passage.tracks if not t.drums and t.program not in UNPITCHED for n in t.notes)
    key = detect_key(heard)
    return Score(
        metre=passage.metre,
        key=key,
        tempo_bpm=round(float(np.clip(passage.tempo_bpm, *TEMPO_RANGE)), 2),
        bars=passage.bars,
        parts=parts if keep_velocity else shaped(parts, passage.metre),
        chords=detect_chords(heard, passage.bars, passage.metre, key),
        sections=find_sections(parts, passage.bars, passage.metre, passage.final),
    ).validate()


def _sounding(notes: list[Note], passage: Passage) -> float:
    bars = {b for n in notes for b in _bars_of(n, passage.metre.steps_per_bar)}
    return len(bars) / passage.bars


def _bars_of(note: Note, per: int) -> range:
    return range(note.onset // per, (note.onset + note.duration - 1) // per + 1)


def _trimmed(passage: Passage) -> Passage:
    """Without empty bars at either end."""
    per = passage.metre.steps_per_bar
    notes = [n for t in passage.tracks for n in t.notes]
    if not notes:
        return replace(passage, bars=0)
    first = min(n.onset for n in notes) // per
    last = (max(n.onset + n.duration for n in notes) - 1) // per
    tracks = tuple(
        Track(t.program, t.drums, tuple(replace(n, onset=n.onset - first * per) for n in t.notes))
        for t in passage.tracks
    )
    return replace(passage, bars=last - first + 1, tracks=tracks)
