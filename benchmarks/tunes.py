"""Tunes of real songs, as they could be sung, and as MIDI files."""

from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO

import mido
import numpy as np

from benchmarks.hummed import Sung
from generators.score.beat_fit import FASTEST, SLOWEST
from generators.score.midi import MAJOR_NAMES, MINOR_NAMES, TICKS_PER_BEAT, TICKS_PER_STEP
from generators.score.score import Mode, Role, Score
from generators.score.tune import Tune, one_at_a_time
from training.pieces import Piece

BARS, FEWEST = 8, 12
SONGS = ("openewld", "lieder")


def songs(pieces: Iterable[Piece], count: int, *, seed: int) -> list[Tune]:
    """The first bars of songs with a lead of their own, drawn without replacement."""
    rng = np.random.default_rng(seed)
    found = [tune for p in pieces if p.source in SONGS and (tune := opening(p.score)) is not None]
    return [found[i] for i in rng.permutation(len(found))[:count]]


def opening(score: Score) -> Tune | None:
    """The lead's first bars; None where it is short, slow, fast, or has notes under 90 ms."""
    per, lead = score.metre.steps_per_bar, score.parts.get(Role.LEAD, ())
    if not lead or not SLOWEST <= score.tempo_bpm <= FASTEST:
        return None
    first = lead[0].onset // per
    line = one_at_a_time(replace(n, onset=n.onset - first * per) for n in lead if n.onset < (first + BARS) * per)
    step_s = 60.0 / score.tempo_bpm / score.metre.steps_per_beat
    if len(line) < FEWEST or min(n.duration for n in line) * step_s < 0.09:
        return None
    return Tune(score.metre, score.tempo_bpm, score.key, line).validate()


def sung_of(tune: Tune, octave: int) -> tuple[Sung, ...]:
    """A tune in seconds, a moment after the recording begins."""
    step_s = 60.0 / tune.tempo_bpm / tune.metre.steps_per_beat
    start = 0.4 - tune.notes[0].onset * step_s
    return tuple(
        Sung(start + n.onset * step_s, start + (n.onset + n.duration) * step_s, n.pitch + octave) for n in tune.notes
    )


def midi_of(tune: Tune) -> bytes:
    """A MIDI file of a tune alone, its pickup in a bar of its own."""
    file = mido.MidiFile(type=0, ticks_per_beat=TICKS_PER_BEAT)
    above, below = map(int, tune.metre.value.split("/"))
    names = MAJOR_NAMES if tune.key.mode is Mode.MAJOR else MINOR_NAMES
    track = mido.MidiTrack(
        [
            mido.MetaMessage("time_signature", numerator=above, denominator=below),
            mido.MetaMessage("set_tempo", tempo=round(60e6 / tune.tempo_bpm / (tune.metre.steps_per_beat / 4))),
            mido.MetaMessage("key_signature", key=names[tune.key.tonic]),
        ]
    )
    start = tune.metre.steps_per_bar if tune.pickup else 0
    now = 0
    for n in tune.notes:
        onset, length = (start + n.onset) * TICKS_PER_STEP, n.duration * TICKS_PER_STEP
        track.append(mido.Message("note_on", note=n.pitch, velocity=n.velocity, time=onset - now))
        track.append(mido.Message("note_off", note=n.pitch, velocity=0, time=length))
        now = onset + length
    file.tracks.append(track)
    out = BytesIO()
    file.save(file=out)
    return out.getvalue()
