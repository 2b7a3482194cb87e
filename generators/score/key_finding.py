"""The key of a melody: from how long each degree of the scale sounds, and on which ones it begins and ends."""

from collections.abc import Sequence

import numpy as np

from generators.score.score import Key, Mode, Note

#: Probe-tone ratings of pitch classes in a major and a minor key (Krumhansl 1990, tonic first).
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
#: Shares of the sounding time of each degree above the tonic, and how often a melody begins and ends on it: counted on
#: the leads of 2,592 songs and lead sheets of the training corpus. On 345 held-out ones this finds the key of 0.84 of
#: whole leads and 0.58 of their first eight bars; correlation with Krumhansl's profiles 0.55 and 0.34.
_DEGREES = {
    Mode.MAJOR: (0.207, 0.008, 0.128, 0.014, 0.165, 0.072, 0.014, 0.177, 0.015, 0.118, 0.013, 0.070),
    Mode.MINOR: (0.190, 0.021, 0.103, 0.120, 0.034, 0.097, 0.026, 0.205, 0.071, 0.030, 0.056, 0.046),
}
_FIRST = {
    Mode.MAJOR: (0.19, 0.01, 0.04, 0.02, 0.24, 0.03, 0.01, 0.38, 0.01, 0.05, 0.01, 0.03),
    Mode.MINOR: (0.27, 0.01, 0.05, 0.10, 0.02, 0.06, 0.01, 0.36, 0.03, 0.02, 0.05, 0.02),
}
_LAST = {
    Mode.MAJOR: (0.81, 0.01, 0.02, 0.01, 0.04, 0.02, 0.01, 0.06, 0.01, 0.02, 0.01, 0.02),
    Mode.MINOR: (0.50, 0.01, 0.06, 0.05, 0.04, 0.05, 0.02, 0.16, 0.05, 0.02, 0.03, 0.02),
}
_SAMPLE = 20.0  # notes that a melody is worth, however long: those of one phrase depend on each other


KEYS = tuple(Key(tonic, mode) for mode in Mode for tonic in range(12))


def key_of_melody(notes: Sequence[Note], among: Sequence[Key] = KEYS) -> Key:
    """The key in which a melody, its notes in order, is likeliest; the first one without notes."""
    if not notes:
        return among[0]
    weights = np.zeros(12)
    for note in notes:
        weights[note.pitch % 12] += note.duration
    weights *= _SAMPLE / weights.sum()

    def likelihood(key: Key) -> float:
        first, last = ((notes[i].pitch - key.tonic) % 12 for i in (0, -1))
        ends = np.log(_FIRST[key.mode][first]) + np.log(_LAST[key.mode][last])
        return float(weights @ np.roll(np.log(_DEGREES[key.mode]), key.tonic) + ends)

    return max(among, key=likelihood)
