"""MIDI to passages: tracks of notes on the step grid, with the pieces that do not fit the grid left out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generators.score.score import Metre, Note
from training.corpus.bars import Run, Signature, excerpts, runs

OFF_GRID = 0.3  # steps; triplet eighths lie a third of a step away from the sixteenths
MAX_OFF_GRID_SHARE = 0.10
Ticks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Track:
    """One instrument's notes in steps from the start of the passage; `program` is General MIDI's, 0..127."""

    program: int
    drums: bool
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """Some bars of one piece in one metre; tempo in felt beats per minute; `final` when the piece ends with it."""

    metre: Metre
    tempo_bpm: float
    bars: int
    tracks: tuple[Track, ...]
    final: bool


@dataclass(frozen=True)
class MidiTrack:
    """A MIDI track as arrays: onset, duration (ticks), pitch, velocity, all [N]."""

    program: int
    drums: bool
    onset: Ticks
    duration: Ticks
    pitch: Ticks
    velocity: Ticks


@dataclass(frozen=True)
class MidiPiece:
    """A parsed MIDI file; tempi are (tick, quarter notes per minute)."""

    per_quarter: int
    signatures: list[Signature]
    tempi: list[tuple[int, float]]
    tracks: list[MidiTrack]

    @property
    def end_tick(self) -> int:
        """Where the last note ends."""
        return max((int((t.onset + t.duration).max()) for t in self.tracks if len(t.onset)), default=0)


def parse(content: bytes) -> MidiPiece:
    """A MIDI file's bytes; raises ValueError when they are no MIDI file."""
    import symusic

    try:
        midi = symusic.Score.from_midi(content)
    except RuntimeError as exc:
        raise ValueError(f"not a readable MIDI file: {exc}") from exc
    tracks = []
    for track in midi.tracks:
        raw = track.notes.numpy()
        onset, duration, pitch, velocity = (
            np.asarray(raw[k], np.int64) for k in ("time", "duration", "pitch", "velocity")
        )
        if len(onset):
            tracks.append(MidiTrack(track.program, track.is_drum, onset, duration, pitch, velocity))
    signatures = [Signature(s.time, s.numerator, s.denominator) for s in midi.time_signatures]
    tempi = [(t.time, float(t.qpm)) for t in midi.tempos]
    return MidiPiece(midi.ticks_per_quarter, signatures, tempi, tracks)


def passages(piece: MidiPiece) -> list[Passage]:
    """All passages of 8 to 64 bars that lie on the grid of sixteenths, or of triplets (read as 6/8)."""
    out = []
    for run in runs(piece.signatures, piece.end_tick, piece.per_quarter):
        for part in excerpts(run, piece.per_quarter):
            passage = _on_grid(piece, part)
            if passage is not None:
                out.append(passage)
    return out


def _on_grid(piece: MidiPiece, run: Run) -> Passage | None:
    length = run.bars * run.bar_ticks(piece.per_quarter)
    bounds = (run.start_tick, run.start_tick + length)
    inside = [_cut(t, *bounds) for t in piece.tracks]
    inside = [t for t in inside if len(t.onset)]
    if not inside:
        return None
    onsets = np.concatenate([t.onset for t in inside if not t.drums] or [t.onset for t in inside]) - run.start_tick
    tempo = _tempo(piece.tempi, *bounds)
    final = bounds[1] >= piece.end_tick - run.bar_ticks(piece.per_quarter)
    straight = piece.per_quarter / 4
    triplet = piece.per_quarter / 6
    if _off_grid(onsets, straight) <= MAX_OFF_GRID_SHARE:
        beats = tempo / 1.5 if run.metre is Metre.SIX_EIGHT else tempo
        return _passage(inside, run, straight, Passage(run.metre, beats, run.bars, (), final))
    if run.metre is Metre.FOUR_FOUR and run.bars <= 32 and _off_grid(onsets, triplet) <= MAX_OFF_GRID_SHARE:
        return _passage(inside, run, triplet, Passage(Metre.SIX_EIGHT, tempo, 2 * run.bars, (), final))
    return None


def _cut(track: MidiTrack, start: int, end: int) -> MidiTrack:
    keep = (track.onset >= start) & (track.onset < end)
    return MidiTrack(
        track.program,
        track.drums,
        track.onset[keep],
        track.duration[keep],
        track.pitch[keep],
        track.velocity[keep],
    )


def _off_grid(onsets: Ticks, step: float) -> float:
    place = onsets / step
    return float(np.mean(np.abs(place - np.round(place)) > OFF_GRID))


def _tempo(tempi: list[tuple[int, float]], start: int, end: int) -> float:
    """Quarter notes a minute, averaged over the ticks of the passage; 120 where the file says nothing."""
    points = [(0, 120.0), *sorted(tempi)]
    ends = [t for t, _ in points[1:]] + [end]
    spans = [(max(0, min(e, end) - max(t, start)), qpm) for (t, qpm), e in zip(points, ends, strict=True)]
    total = sum(s for s, _ in spans)
    return sum(s * qpm for s, qpm in spans) / total if total else points[-1][1]


def _passage(tracks: list[MidiTrack], run: Run, step: float, empty: Passage) -> Passage:
    steps = empty.bars * empty.metre.steps_per_bar
    done = []
    for track in tracks:
        onset = np.minimum(np.round((track.onset - run.start_tick) / step), steps - 1).astype(int)
        duration = np.maximum(np.round(track.duration / step), 1).astype(int)
        duration = np.minimum(duration, steps - onset)
        velocity = np.clip(track.velocity, 1, 127)
        rows = zip(onset.tolist(), track.pitch.tolist(), duration.tolist(), velocity.tolist(), strict=True)
        done.append(Track(track.program, track.drums, tuple(sorted({Note(*row) for row in rows}))))
    return Passage(empty.metre, empty.tempo_bpm, empty.bars, tuple(done), empty.final)
