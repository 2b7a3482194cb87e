"""What captions say outright."""

from itertools import pairwise

import pytest

from service.words import Wishes, wishes_in


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("calm piano, 92 bpm", Wishes(tempo_bpm=92.0, energy=0.22)),
        ("at 70.5 beats per minute in D minor", Wishes(tempo_bpm=70.5, key="D minor")),
        ("something in Bb major", Wishes(key="Bb major")),
        ("in C sharp minor", Wishes(key="C# minor")),
        ("in d minor at 92 bpm", Wishes(tempo_bpm=92.0, key="D minor")),
        ("D Minor, a 92-bpm groove", Wishes(tempo_bpm=92.0, key="D minor")),
        ("key: Dm, tempo: 92.", Wishes(tempo_bpm=92.0, key="D minor")),
        ("E-flat Major at a tempo of 110", Wishes(tempo_bpm=110.0, key="Eb major")),
        ("C-sharp minor, ♩ = 120", Wishes(tempo_bpm=120.0, key="C# minor")),
        ("bb minor, 92 b.p.m.", Wishes(tempo_bpm=92.0, key="Bb minor")),
        ("a tempo 20% higher, tempo 1200", Wishes()),
        ("F# minor waltz", Wishes(key="F# minor", metre="3/4")),
        ("jazz, not house", Wishes(style="jazz")),
        ("lo-fi beats", Wishes(style="lofi")),
        ("an epic trailer in 6/8", Wishes(style="epic", metre="6/8")),
        ("at 900 bpm", Wishes()),
        ("a minor quarrel in a major city", Wishes()),
        ("households of folksy people", Wishes()),
    ],
)
def test_a_caption_is_read(text: str, wishes: Wishes) -> None:
    assert wishes_in(text) == wishes


@pytest.mark.parametrize(
    ("text", "major"),
    [
        ("sad piano in a minor key", False),
        ("bright pop in major", True),
        ("a minor-key waltz", False),
        ("Mood: calm. Key: major. Energy: low.", True),
        ("a major city at night", None),
        ("minor changes in the office", None),
    ],
)
def test_a_mode_is_read_without_a_tonic(text: str, major: bool | None) -> None:
    assert wishes_in(text).major is major


PACES = ("very slow", "slow", "mid-tempo", "upbeat", "fast", "very fast")


@pytest.mark.parametrize(("slower", "faster"), pairwise(PACES))
def test_faster_words_ask_for_more_beats(slower: str, faster: str) -> None:
    asked = [wishes_in(f"jazz music, {word}").pace_bpm for word in (slower, faster)]

    assert asked[0] is not None
    assert asked[1] is not None
    assert asked[0] < asked[1]


def test_longer_phrases_hide_the_words_within_them() -> None:
    assert wishes_in("very intense").energy == 0.92
    assert wishes_in("a very slow piece").pace_bpm == 54


def test_words_that_are_denied_or_parts_of_others_ask_for_nothing() -> None:
    assert wishes_in("not too fast, softly spoken, breakfast").pace_bpm is None
    assert wishes_in("softly spoken").energy is None


def test_several_words_meet_in_the_middle() -> None:
    assert wishes_in("calm, then intense").energy == pytest.approx(0.51)
