"""A story in time: how long each of its sentences is told, where it turns, and the sections that follow from it."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from encoders.story import passages_of
from schemas.cue_sheet import CueSection
from service.sight import Point, Track

if TYPE_CHECKING:
    from encoders.clap import Attributes

PAUSE = 12  # characters that the silence after a sentence counts as
SHORTEST_S = 4.0  # two bars or so: music cannot turn more often
MOST_SECTIONS = 400
WINDOW_S = 16.0  # of the story before and after a turn
#: What valence, arousal and energy must change by together. Of stories made of two held-out scenes with moods far apart
#: half have such a turn, of those that stay in one scene one in seven.
TURN = 0.28
LABEL = 80
Describe = Callable[[Point], "Attributes"]


@dataclass(frozen=True)
class Telling:
    """The sentences of a story in order, and the number of the paragraph that each is in."""

    sentences: tuple[str, ...]
    paragraphs: tuple[int, ...]

    @property
    def shares(self) -> NDArray[np.float64]:
        """Shares of the duration [S]: long sentences take longer to tell."""
        lengths = np.array([len(sentence) + PAUSE for sentence in self.sentences], np.float64)
        return np.asarray(lengths / lengths.sum())

    def edges(self, duration_s: float) -> NDArray[np.float64]:
        """When sentences begin, and the end [S + 1]."""
        return np.concatenate([[0.0], np.cumsum(self.shares)[:-1], [1.0]]) * duration_s


def telling_of(text: str) -> Telling:
    """The sentences of a story, just the passages of `encoders.story`."""
    passages = passages_of(text)
    return Telling(tuple(p.text for p in passages), tuple(p.paragraph for p in passages))


def sections_of(telling: Telling, track: Track, describe: Describe, duration_s: float) -> tuple[CueSection, ...]:
    """Sections at the paragraphs of a story; where it has one only, where it turns to another mood; () for none."""
    edges = telling.edges(duration_s)
    new = [i for i, (a, b) in enumerate(pairwise(telling.paragraphs), 1) if a != b]
    heaviest = new or turns(track, describe, edges)
    least_s = max(SHORTEST_S, duration_s / MOST_SECTIONS)
    borders = [0, len(telling.sentences)]
    for i in heaviest:
        if min(abs(edges[i] - edges[b]) for b in borders) >= least_s:
            borders.append(i)
    borders.sort()
    if len(borders) == 2:
        return ()
    return tuple(
        CueSection(
            start_s=_round(edges[a], duration_s), end_s=_round(edges[b], duration_s), label=_label(telling, a, b)
        )
        for a, b in pairwise(borders)
    )


def turns(track: Track, describe: Describe, edges: NDArray[np.float64]) -> list[int]:
    """Sentences that begin another mood, the greatest change first.

    A change is the distance in valence, arousal and energy between what is told before and after, each as the mean of
    WINDOW_S (novelty by comparing two sides, as in Foote 2000); only its peaks are turns.
    """
    if len(track.points) != len(edges) - 1 or len(track.points) < 2:
        return []
    moods = np.array([(r.valence, r.arousal, r.energy) for r in map(describe, track.points)])
    changes = np.array([_change(moods, edges, at) for at in edges[1:-1]])
    around = np.concatenate([[-1.0], changes, [-1.0]])
    peaks = [i for i in range(1, len(around) - 1) if around[i] >= max(TURN, around[i - 1], around[i + 1])]
    return sorted(peaks, key=lambda i: -around[i])


def _change(moods: NDArray[np.float64], edges: NDArray[np.float64], at_s: float) -> float:
    """The change at a time; a side shorter than the window is known less well and counts by the root of its length."""
    sides_s = np.minimum([at_s, edges[-1] - at_s], WINDOW_S)
    before, after = (_overlap(edges, start_s, start_s + WINDOW_S) @ moods for start_s in (at_s - WINDOW_S, at_s))
    trust = np.sqrt(2.0 / (1.0 / sides_s).sum() / WINDOW_S)
    return float(trust * np.linalg.norm(after - before))


def _overlap(edges: NDArray[np.float64], start_s: float, end_s: float) -> NDArray[np.float64]:
    shared = np.clip(np.minimum(edges[1:], end_s) - np.maximum(edges[:-1], start_s), 0.0, None)
    return np.asarray(shared / shared.sum())


def _round(time_s: float, duration_s: float) -> float:
    return duration_s if time_s == duration_s else round(float(time_s), 3)


def _label(telling: Telling, start: int, end: int) -> str:
    return " ".join(telling.sentences[start:end])[:LABEL]
