import pytest

from generators.score.style import Style
from training.moods import Mood
from training.scenes.bank import build_bank
from training.scenes.census import SUBJECTS, coverage, duplicates, lengths, quarters, summary, wording
from training.scenes.family import Family, Scene, load_families

MOOD = Mood(0.9, 0.2, styles={Style.JAZZ: 1.0})


def scene(text: str, mood: Mood = MOOD) -> Scene:
    """A sentence to count."""
    return Scene(text, "some", mood, held_out=False)


def family(name: str, *lines: str, acts: tuple[str, ...] = ()) -> Family:
    """A family of some lines."""
    return Family(name, MOOD, (), acts, tuple((x, MOOD) for x in lines), frozenset(), False, False, False)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("fear", "word"),
        ("dog on beach lol", "typed"),
        ("He left. She stayed.", "story"),
        ("The moon hangs like a lantern.", "poetic"),
        ("Night: one lamp.", "poetic"),
        ("He ties his shoes.", "plain"),
    ],
)
def test_wordings_are_told_apart(text: str, kind: str) -> None:
    assert wording(scene(text)) == kind


def test_every_sentence_falls_into_one_length_and_one_quarter() -> None:
    scenes = [scene(" ".join(["word"] * n), Mood(n % 2, (n // 2) % 2)) for n in range(1, 41)]
    assert lengths(scenes) == {"1": 1, "2 to 4": 3, "5 to 9": 5, "10 to 19": 10, "20 and more": 21}
    assert quarters(scenes) == {"high high": 10, "high low": 10, "low high": 10, "low low": 10}


def test_subjects_are_counted_by_the_beginnings_of_words() -> None:
    found = coverage([scene("Dancing in the rain at night."), scene("A brain train.")])
    assert (found["actions"]["danc"], found["weather"]["rain"], found["times of day"]["night"]) == (1, 1, 1)
    assert found["places"].total() == 0


def test_what_is_there_twice_is_told_with_its_families() -> None:
    found = duplicates([family("a", "Rain."), family("b", "rain", acts=("it pours",)), family("c", "Snow.")])
    assert found == ["'rain' in a, b"]


def test_the_bank_covers_every_subject_wording_length_and_quarter(bank: tuple[Scene, ...]) -> None:
    for subject, counts in coverage(bank).items():
        assert counts.total() >= 200, subject
        assert sum(n > 0 for n in counts.values()) >= 0.75 * len(SUBJECTS[subject].split()), subject
    for table in (lengths(bank), quarters(bank)):
        assert min(table.values()) >= 40, table
    assert {wording(s) for s in bank} == {"word", "typed", "story", "poetic", "plain"}


def test_the_summary_counts_all_sentences() -> None:
    bank, families = build_bank(per_family=10, per_held_out=10), load_families()
    lines = summary(bank, families)
    assert lines[0].startswith(f"{len(bank):,} sentences: ")
    assert len(lines) == 7 + len(SUBJECTS)
