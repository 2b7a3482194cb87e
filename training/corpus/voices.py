"""What can be done with the notes of one voice: measure, merge, thin out, split off a bass line."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from generators.score.score import Note


@dataclass(frozen=True, slots=True)
class Features:
    """What a voice is like: means over its notes; `coverage` is the share of bars in which it sounds."""

    pitch: float
    velocity: float
    duration: float  # steps
    polyphony: float  # mean number of notes while any sounds
    coverage: float
    melodic: float  # share of moves by one to seven semitones


def features(notes: tuple[Note, ...], bars: int, steps_per_bar: int) -> Features:
    """Features of a voice that has at least one note."""
    sounding = np.zeros(bars * steps_per_bar)
    for n in notes:
        sounding[n.onset : n.onset + n.duration] += 1
    top = skyline(notes)
    moves = np.abs(np.diff([n.pitch for n in top])) if len(top) > 1 else np.zeros(1)
    return Features(
        pitch=float(np.mean([n.pitch for n in notes])),
        velocity=float(np.mean([n.velocity for n in notes])),
        duration=float(np.mean([n.duration for n in notes])),
        polyphony=float(sounding.sum() / max(np.count_nonzero(sounding), 1)),
        coverage=float((sounding.reshape(bars, -1).max(axis=1) > 0).mean()),
        melodic=float(np.mean((moves >= 1) & (moves <= 7))),
    )


def skyline(notes: Iterable[Note]) -> list[Note]:
    """The highest note of every onset."""
    top: dict[int, Note] = {}
    for n in notes:
        if n.onset not in top or n.pitch > top[n.onset].pitch:
            top[n.onset] = n
    return [top[k] for k in sorted(top)]


def doubling(voice: tuple[Note, ...], other: tuple[Note, ...], *, octaves: bool) -> float:
    """Share of a voice's notes that the other plays too, in any octave or only in the same."""
    fold = 12 if octaves else 128
    there = {(n.onset, n.pitch % fold) for n in other}
    return sum((n.onset, n.pitch % fold) in there for n in voice) / len(voice)


def thinned(notes: Iterable[Note], limit: int) -> tuple[Note, ...]:
    """At most `limit` notes sounding at once, none twice: outer notes stay, the longest sounding give way."""
    out: list[Note] = []
    active: list[int] = []
    by_onset: dict[int, dict[int, Note]] = {}
    for n in notes:
        group = by_onset.setdefault(n.onset, {})
        if n.pitch not in group or n.duration > group[n.pitch].duration:
            group[n.pitch] = n
    for onset in sorted(by_onset):
        group = by_onset[onset]
        chosen = _outer(sorted(group), limit)
        active = [i for i in active if out[i].onset + out[i].duration > onset]
        leaving = [i for i in active if out[i].pitch in chosen]
        excess = len(active) - len(leaving) + len(chosen) - limit
        leaving += [i for i in active if i not in leaving][: max(excess, 0)]
        for i in leaving:
            out[i] = replace(out[i], duration=onset - out[i].onset)
        active = [i for i in active if i not in leaving]
        active += range(len(out), len(out) + len(chosen))
        out += [group[p] for p in chosen]
    return tuple(sorted(out))


def _outer(pitches: list[int], limit: int) -> list[int]:
    """The top, then the lowest notes of a chord; inner ones go first when there are too many."""
    if len(pitches) <= limit:
        return pitches
    return pitches[: limit - 1] + pitches[-1:]


def split_bass(notes: tuple[Note, ...], steps_per_beat: int) -> tuple[list[Note], list[Note]]:
    """A piano's left hand as (bass line, rest): the lowest onset of each beat when it lies below middle C.

    The bass of a broken chord is held to the end of its beat; its octave above is left out.
    """
    groups: dict[int, list[Note]] = {}
    for n in notes:
        groups.setdefault(n.onset // steps_per_beat, []).append(n)
    bass: list[Note] = []
    rest: list[Note] = []
    for beat, group in groups.items():
        low = min(group, key=lambda n: (n.pitch, n.onset))
        broken = any(n.onset != low.onset for n in group)
        if low.pitch >= 60 or (bass and low.pitch - bass[-1].pitch > 12):
            rest += group
            continue
        end = (beat + 1) * steps_per_beat
        held = max(low.duration, end - low.onset) if broken and low.onset % steps_per_beat == 0 else low.duration
        bass.append(replace(low, duration=held))
        rest += [n for n in group if n is not low and not (n.onset == low.onset and n.pitch == low.pitch + 12)]
    return bass, rest
