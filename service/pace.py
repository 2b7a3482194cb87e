"""The pace of a video: how quickly it is cut and how much moves in it, as the arousal that music of that pace has."""

from itertools import pairwise

import numpy as np

from encoders.features import Events

#: Of a shot that makes music neither livelier nor calmer: the mean of films since 2000 (Cutting, DeLong and Nothelfer
#: 2010). Faster cutting is felt as more arousing (Lang et al. 1999).
USUAL_SHOT_S = 4.0
SHOT_OCTAVES = 3.0  # shots shorter or longer by more than so many octaves count no more
USUAL_MOTION = 0.25
MIDDLE = 0.53  # mean arousal of music, by the labels of the corpus
CUTTING, MOVING = 0.3, 0.17  # arousal either way; cutting is meant, movement may just be there
PULL = 0.5  # how far the pace draws a reading to its own arousal


def median_shot_s(events: Events, duration_s: float) -> float:
    """The median length of shots; a flash ends none, and a video without cuts is one shot."""
    cuts = [c.time_s for c in events.cuts if c.kind != "flash" and 0.0 < c.time_s < duration_s]
    return float(np.median([b - a for a, b in pairwise([0.0, *sorted(cuts), duration_s])]))


def arousal_of(events: Events, duration_s: float) -> float:
    """Arousal in 0..1: higher for shorter shots and for more motion."""
    octaves = np.log2(USUAL_SHOT_S / max(median_shot_s(events, duration_s), 1e-3))
    cutting = float(np.clip(octaves / SHOT_OCTAVES, -1.0, 1.0))
    moving = float(np.clip((events.motion.mean() - USUAL_MOTION) / USUAL_MOTION, -1.0, 1.0))
    return MIDDLE + CUTTING * cutting + MOVING * moving


def lift(events: Events, duration_s: float, *, arousal: float) -> float:
    """What to add to an arousal that was read in what a video shows."""
    return PULL * (arousal_of(events, duration_s) - arousal)
