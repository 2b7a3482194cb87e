import re

import pytest

from training.scenes.bank import build_bank, forbidden, mentions, plain
from training.scenes.family import load_families

BANK = build_bank()
FAMILIES = load_families()
SUBJECTS = """
funeral wedding chase lullaby battle beach city neon rain forest product office vlog chef football workout corridor
detective planet whale childhood goodbye champion robot pixel party love desert snow peak storm sunrise sunset train
wildlife scientist history
"""


def test_the_bank_is_large_and_no_sentence_comes_twice() -> None:
    assert sum(not s.held_out for s in BANK) >= 4000
    keys = [plain(s.text) for s in BANK]
    assert len(set(keys)) == len(keys)


def test_the_same_seed_builds_the_same_bank() -> None:
    assert build_bank(per_family=20, seed=3) == build_bank(per_family=20, seed=3)
    assert build_bank(per_family=20, seed=3) != build_bank(per_family=20, seed=4)


def test_no_training_sentence_holds_a_word_of_a_held_out_family() -> None:
    words = forbidden(FAMILIES)
    assert words
    for scene in BANK:
        if not scene.held_out:
            assert not mentions(scene.text, words), scene.text


def test_held_out_families_are_disjoint_from_training_families() -> None:
    train, test = ({s.family for s in BANK if s.held_out == flag} for flag in (False, True))
    assert not train & test
    assert len(test) >= 10
    assert len(train) >= 55


def test_most_held_out_scenes_hold_a_word_of_their_own() -> None:
    words = {f.name: f.words for f in FAMILIES}
    own = [mentions(s.text, words[s.family]) for s in BANK if s.held_out]
    assert sum(own) / len(own) > 0.75


def test_words_are_found_in_any_number_but_not_inside_others() -> None:
    words = frozenset({"doll", "strawberry", "nun"})
    assert mentions("Three Dolls.", words)
    assert mentions("strawberries!", words)
    assert mentions("a nun", words)
    assert not mentions("it was announced", words)


def test_every_hand_made_training_line_is_kept_but_for_held_out_words() -> None:
    texts = {plain(s.text) for s in BANK}
    words = forbidden(FAMILIES)
    for family in FAMILIES:
        for text, _ in family.lines:
            assert plain(text) in texts or mentions(text, words)


def test_sentences_are_short_and_long() -> None:
    lengths = [len(s.text.split()) for s in BANK]
    assert min(lengths) == 1
    assert max(lengths) >= 20


@pytest.mark.parametrize("subject", SUBJECTS.split())
def test_every_subject_that_editors_bring_is_covered(subject: str) -> None:
    hits = [s for s in BANK if not s.held_out and re.search(rf"\b{subject}", s.text.lower())]
    assert len(hits) >= 3
