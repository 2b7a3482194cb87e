"""A story in time: long sentences take longer, paragraphs and turns of mood divide it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.clap import Attributes
from service.sight import Point, Track, unit
from service.telling import LABEL, SHORTEST_S, Telling, sections_of, telling_of, turns

CALM, WILD = np.array([1.0, 0.0]), np.array([0.0, 1.0])
SENTENCE = "A sentence of thirty-six letters here."


def describe(point: Point) -> Attributes:
    """Read a point: its second number is how wild it is."""
    wild = float(abs(point[1]))
    return Attributes(100.0, wild, 0.5, 1.0 - wild, wild, 0.5, {})


def told(*moods: float, paragraphs: tuple[int, ...] | None = None) -> tuple[Telling, Track]:
    """Sentences of one length, each between calm (0) and wild (1)."""
    points = np.stack([unit((1 - m) * CALM + m * WILD) for m in moods])
    telling = Telling((SENTENCE,) * len(moods), paragraphs or (0,) * len(moods))
    return telling, Track(np.zeros(len(moods)), points, telling.shares)


def test_a_story_is_its_sentences_with_their_paragraphs() -> None:
    telling = telling_of("Night fell. Stars rose.\n\nMorning came.")
    assert telling.sentences == ("Night fell.", "Stars rose.", "Morning came.")
    assert telling.paragraphs == (0, 0, 1)


@given(st.lists(st.integers(1, 300), min_size=1, max_size=30), st.floats(5.0, 600.0))
def test_shares_are_all_of_the_time_and_longer_sentences_take_longer(lengths: list[int], duration_s: float) -> None:
    telling = Telling(tuple("x" * n for n in lengths), (0,) * len(lengths))
    assert telling.shares.sum() == pytest.approx(1.0)
    assert (np.argsort(telling.shares, kind="stable") == np.argsort(lengths, kind="stable")).all()
    edges = telling.edges(duration_s)
    assert (edges[0], edges[-1], len(edges)) == (0.0, duration_s, len(lengths) + 1)
    assert np.diff(edges) == pytest.approx(telling.shares * duration_s)


def test_paragraphs_are_sections_whatever_their_mood() -> None:
    telling, track = told(0, 0, 0, 0, paragraphs=(0, 0, 1, 1))
    found = sections_of(telling, track, describe, 40.0)
    assert [(s.start_s, s.end_s) for s in found] == [(0.0, 20.0), (20.0, 40.0)]


def test_a_single_paragraph_turns_where_its_mood_does() -> None:
    telling, track = told(0, 0, 0, 1, 1, 1)
    found = sections_of(telling, track, describe, 60.0)
    assert [(s.start_s, s.end_s) for s in found] == [(0.0, 30.0), (30.0, 60.0)]


@pytest.mark.parametrize("moods", [(0, 0, 0, 0), (0.5,), (0.1, 0.12, 0.1, 0.12)])
def test_a_story_of_one_mood_has_no_sections(moods: tuple[float, ...]) -> None:
    assert sections_of(*told(*moods), describe, 60.0) == ()


def test_sections_are_never_shorter_than_music_can_turn_and_cover_all() -> None:
    telling, track = told(*([0.0] * 50), paragraphs=tuple(range(50)))
    found = sections_of(telling, track, describe, 30.0)
    assert (found[0].start_s, found[-1].end_s) == (0.0, 30.0)
    assert all(a.end_s == b.start_s for a, b in pairwise(found))
    assert min(s.end_s - s.start_s for s in found) >= SHORTEST_S - 0.002


def test_labels_are_the_beginnings_of_what_is_told() -> None:
    telling, track = told(0, 0, 0, 0, paragraphs=(0, 0, 0, 1))
    first, second = sections_of(telling, track, describe, 40.0)
    assert first.label == " ".join([SENTENCE] * 3)[:LABEL]
    assert second.label == SENTENCE


def test_the_greatest_turn_comes_first() -> None:
    telling, track = told(*[0.0] * 4, *[0.5] * 4, *[0.0] * 4, *[1.0] * 4)
    assert turns(track, describe, telling.edges(160.0))[0] == 12


def test_a_last_word_alone_turns_less_than_half_a_story() -> None:
    for moods, turning in (((*[0.0] * 9, 0.22), []), ((*[0.0] * 5, *[0.22] * 5), [5])):
        telling, track = told(*moods)
        assert turns(track, describe, telling.edges(20.0)) == turning


def test_a_track_that_is_not_the_storys_has_no_turns() -> None:
    telling, _ = told(0, 1, 1)
    _, other = told(0, 1)
    assert turns(other, describe, telling.edges(30.0)) == []
