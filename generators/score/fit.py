"""How far a score is from what its plan asks: by this the best of several drawn scores is chosen."""

import numpy as np
from numpy.typing import NDArray

from generators.score.controls import measure
from generators.score.key_finding import MAJOR, MINOR
from generators.score.plan.brief import Plan
from generators.score.score import PITCHED, Mode, Role, Score
from generators.score.theme import voiceless

WRONG_MODE = 1.6  # as bad as an energy that is off by this much everywhere
CLEAR = 0.25  # how much better the asked mode's profile should fit than the other's, in correlation
#: Semitones within the octave of the first, third and fifth partial, and how much of a note they are. Without them a
#: score in minor is thought clearer than its sound is: every note brings a faint major third.
PARTIALS = {0: 1.0, 7: 0.2, 4: 0.08}
#: As bad, where chords, themes or a tune were asked for, as a melody with every strong note beside its chord.
CLASH = 1.0
VOICELESS = 2.0  # the same for a theme that is stated without a note
#: Register varies least between what is asked; of roles, one that is missing everywhere is a seventh.
WEIGHTS = {"energy": 1.0, "density": 1.0, "roles": 3.0, "brightness": 3.0}


def misfit(score: Score, plan: Plan) -> float:
    """Distance from the plan's curves, bar by bar and as a whole, and a price for an unclear mode; 0 is perfect.

    Where chords, themes or a tune were asked for, also a price for a melody beside its chords and for a theme without
    notes.
    """
    found, asked = measure(score), plan.controls
    lead = majorness(score) if plan.key.mode is Mode.MAJOR else -majorness(score)
    total = WRONG_MODE * float(np.clip((CLEAR - lead) / (2.0 * CLEAR), 0.0, 1.0))
    if plan.harmony is not None or plan.themes or plan.melody is not None:
        total += CLASH * clash(score) + VOICELESS * voiceless(score, plan.themes)
    for name, weight in WEIGHTS.items():
        both = asked.mask(name) & found.mask(name)
        if both.any():
            error = (found.values[name] - asked.values[name])[both]
            total += weight * (float(np.abs(error).mean()) + abs(float(error.mean())))
    return total


def clash(score: Score) -> float:
    """The share of the lead's and counter's notes on beats that are not tones of the chord there; 0 without any."""
    half, beat = score.metre.steps_per_bar // 2, score.metre.steps_per_beat
    lines = [n for role in (Role.LEAD, Role.COUNTER) for n in score.parts.get(role, ()) if n.onset % beat == 0]
    beside = 0
    for note in lines:
        chord = score.chords[note.onset // half]
        beside += chord is not None and note.pitch % 12 not in chord.pitch_classes
    return beside / len(lines) if lines else 0.0


def majorness(score: Score) -> float:
    """How much better the best major profile fits the sounding pitch classes than the best minor one, in correlation.

    Krumhansl and Schmuckler's key finding on durations times velocities, with the partials that are heard as other
    pitch classes; negative in minor.
    """
    weights = np.zeros(12)
    for role in PITCHED:
        for note in score.parts.get(role, ()):
            for interval, share in PARTIALS.items():
                weights[(note.pitch + interval) % 12] += share * note.duration * note.velocity
    return _best(weights, MAJOR) - _best(weights, MINOR)


def _best(weights: NDArray[np.float64], profile: tuple[float, ...]) -> float:
    if weights.std() == 0.0:
        return 0.0
    return max(float(np.corrcoef(weights, np.roll(profile, tonic))[0, 1]) for tonic in range(12))
