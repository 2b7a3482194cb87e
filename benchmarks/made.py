"""Pieces composed for the captions of held-out pieces, at their tempo and in their metre."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.studio import Asked, Studio, counted
from generators.score.score import Note, Role, Score, Section
from schemas.cue_sheet import CueSheet
from schemas.request import MusicRequest
from schemas.source import CaptionSource
from service.brief import name_of
from training.pieces import Piece

LEAST_BARS, MOST_BARS = 16, 32


@dataclass(frozen=True)
class Made:
    """A held-out piece, cut to the bars that were asked for, what was asked, and the flow's own notes."""

    piece: Piece
    real: Score
    asked: Asked
    score: Score


def make(studio: Studio, held_out: list[Piece], count: int, *, seed: int) -> list[Made]:
    """Compose `count` pieces for held-out pieces drawn without replacement; no cuts, one tempo throughout."""
    long_enough = [p for p in held_out if p.score.bars >= LEAST_BARS]
    rng = np.random.default_rng(seed)
    chosen = [long_enough[i] for i in rng.permutation(len(long_enough))[:count]]
    say = counted("composing")
    out = []
    for number, piece in enumerate(chosen):
        real = first_bars(piece.score, MOST_BARS)
        asked = studio.ask(request_for(piece, real, seed=seed + number))
        out.append(Made(piece, real, asked, studio.compose(asked)))
        say(number + 1, len(chosen))
    return out


def request_for(piece: Piece, real: Score, *, seed: int) -> MusicRequest:
    """The longest caption of a piece says what; its tempo, metre, key and length say when."""
    sheet = CueSheet(
        duration_s=real.duration_s,
        tempo_bpm=real.tempo_bpm,
        tempo_exact=True,
        metre=real.metre.value,
        key=name_of(real.key),
        style=piece.labels.style.value,
    )
    return MusicRequest(sources=(CaptionSource(text=max(piece.captions, key=len)),), cue_sheet=sheet, seed=seed)


def first_bars(score: Score, bars: int) -> Score:
    """At most `bars` bars from the start of a score; what sounds across the end is cut off there."""
    if score.bars <= bars:
        return score
    end = bars * score.metre.steps_per_bar
    sections = (Section(s.form, s.start_bar, min(s.bars, bars - s.start_bar)) for s in score.sections)
    return replace(
        score,
        bars=bars,
        parts={role: tuple(_until(notes, end)) for role, notes in score.parts.items()},
        chords=score.chords[: 2 * bars],
        sections=tuple(s for s in sections if s.bars > 0),
    )


def roles_sounding(score: Score) -> frozenset[Role]:
    """Roles with at least one note."""
    return frozenset(role for role, notes in score.parts.items() if notes)


def _until(notes: Iterable[Note], end: int) -> Iterable[Note]:
    return (replace(n, duration=min(n.duration, end - n.onset)) for n in notes if n.onset < end)
