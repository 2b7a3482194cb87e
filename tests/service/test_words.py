"""What captions say outright."""

import pytest

from service.words import Wishes, wishes_in


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("calm piano, 92 bpm", Wishes(tempo_bpm=92.0)),
        ("at 70.5 beats per minute in D minor", Wishes(tempo_bpm=70.5, key="D minor")),
        ("something in Bb major", Wishes(key="Bb major")),
        ("in C sharp minor", Wishes(key="C# minor")),
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
