"""Lead sheets out of MusicXML: the measures of one metre on the grid of steps."""

from dataclasses import replace
from fractions import Fraction
from itertools import groupby

import numpy as np

from generators.score.score import Chord, Key, Metre, Mode, Note, Quality
from training.arranger.lead_sheet import LeadSheet
from training.corpus.bars import METRES, MIN_BARS
from training.corpus.key import histogram, key_scores
from training.corpus.musicxml import Measure, read_measures, unfolded

VELOCITY = 80
MAX_OFF_GRID_SHARE = 0.10


def sheet_of(text: bytes, title: str = "") -> LeadSheet:
    """The longest stretch of one metre as a lead sheet; raises ValueError when there is none of 8 bars on the grid."""
    written, measures = read_measures(text)
    groups = [list(g) for _, g in groupby(unfolded(measures), key=lambda m: METRES.get((m.beats, m.beat_type)))]
    known = [g for g in groups if (g[0].beats, g[0].beat_type) in METRES]
    if not known:
        raise ValueError("no measure has a metre that a score knows")
    run = max(known, key=len)
    metre, _ = METRES[run[0].beats, run[0].beat_type]
    starts, total = _starts(run)
    per_bar = Fraction(metre.steps_per_bar, 4)
    bars = int(-(-total // per_bar))
    melody = _melody(run, starts, bars * metre.steps_per_bar)
    if bars < MIN_BARS or not melody:
        raise ValueError(f"{bars} bars with {len(melody)} notes are too few for a lead sheet")
    chords = _chords(run, starts, bars, metre)
    key = _key(run[0].fifths, melody, chords)
    return LeadSheet(key, metre, bars, melody, chords, title or written).validate()


def _starts(run: list[Measure]) -> tuple[list[Fraction], Fraction]:
    """Where each measure begins, in quarter notes, and where the last one ends.

    A pickup is moved to the end of a bar of its own; two short measures around a repeat sign make one.
    """
    now = Fraction(0)
    starts = []
    for i, measure in enumerate(run):
        length = measure.length or measure.full
        if i == 0 and length < measure.full:
            now = measure.full - length
        starts.append(now)
        paired = i + 1 < len(run) and length + (run[i + 1].length or measure.full) == measure.full
        behind = now % measure.full + length == measure.full
        now += length if length > measure.full or paired or behind else measure.full
    return starts, now


def _melody(run: list[Measure], starts: list[Fraction], steps: int) -> tuple[Note, ...]:
    out: list[Note] = []
    off = 0
    for measure, start in zip(run, starts, strict=True):
        for n in measure.notes:
            begin, end = 4 * (start + n.onset), 4 * (start + n.onset + n.duration)
            onset = round(begin)
            off += abs(begin - onset) > Fraction(3, 10)
            length = min(max(round(end) - onset, 1), steps - onset)
            if n.tied and out and out[-1].pitch == n.pitch and out[-1].onset + out[-1].duration >= onset - 1:
                out[-1] = replace(out[-1], duration=max(onset + length - out[-1].onset, out[-1].duration))
            elif onset < steps and not (out and out[-1].onset >= onset):
                if out and out[-1].onset + out[-1].duration > onset:
                    out[-1] = replace(out[-1], duration=onset - out[-1].onset)
                out.append(Note(onset, n.pitch, length, VELOCITY))
    if out and off / len(out) > MAX_OFF_GRID_SHARE:
        raise ValueError(f"{off} of {len(out)} notes lie off the grid of sixteenths")
    return tuple(out)


def _chords(run: list[Measure], starts: list[Fraction], bars: int, metre: Metre) -> tuple[Chord | None, ...]:
    half = metre.steps_per_bar // 2
    out: list[Chord | None] = [None] * (2 * bars)
    for measure, start in zip(run, starts, strict=True):
        for at, chord in measure.chords:
            place = round(4 * (start + at)) // half
            # a chord on a late beat colours the half bar only where nothing was given before
            if place < len(out) and (out[place] is None or round(4 * (start + at)) % half == 0):
                out[place] = chord
    return tuple(out)


def _key(fifths: int, melody: tuple[Note, ...], chords: tuple[Chord | None, ...]) -> Key:
    """Major or minor of the key signature, whichever the melody, its chords and the last chord support."""
    tonic = 7 * fifths % 12
    relative = (tonic + 9) % 12
    weights = histogram(melody)
    given = [c for c in chords if c]
    for chord in given:
        for pitch in chord.pitch_classes:
            weights[pitch] += 2.0
    scores = key_scores(weights)
    lean = np.array([scores[0, tonic], scores[1, relative]])
    small = frozenset({Quality.MIN, Quality.MIN7})
    for i, (root, minor) in enumerate(((tonic, False), (relative, True))):
        home = [c.root == root and (c.quality in small) == minor for c in given]
        # a turnaround ends elsewhere, so the share of the tonic chord counts beside the last chord
        lean[i] += sum(home) / len(home) + 0.2 * home[-1] if home else 0.0
    return Key(tonic, Mode.MAJOR) if lean[0] >= lean[1] else Key(relative, Mode.MINOR)
