import json
import re
from pathlib import Path

import pytest

from training.scenes.bank import build_bank, forbidden, mentions, plain, write_bank
from training.scenes.family import Scene, load_families

FAMILIES = load_families()
SUBJECTS = """
funeral wedding chase lullaby battle beach city neon rain forest product office vlog chef football workout corridor
detective planet whale childhood goodbye champion robot pixel party love desert snow peak storm sunrise sunset train
wildlife scientist history
"""


def test_the_bank_is_large_and_no_sentence_comes_twice(bank: tuple[Scene, ...]) -> None:
    assert sum(not s.held_out for s in bank) >= 4000
    keys = [plain(s.text) for s in bank]
    assert len(set(keys)) == len(keys)


def test_the_same_seed_builds_the_same_bank() -> None:
    assert build_bank(per_family=20, seed=3) == build_bank(per_family=20, seed=3)
    assert build_bank(per_family=20, seed=3) != build_bank(per_family=20, seed=4)


def test_no_training_sentence_holds_a_word_of_a_held_out_family(bank: tuple[Scene, ...]) -> None:
    words = forbidden(FAMILIES)
    assert words
    for scene in bank:
        if not scene.held_out:
            assert not mentions(scene.text, words), scene.text


def test_held_out_families_are_disjoint_from_training_families(bank: tuple[Scene, ...]) -> None:
    train, test = ({s.family for s in bank if s.held_out == flag} for flag in (False, True))
    assert not train & test
    assert len(test) >= 10
    assert len(train) >= 55


def test_most_held_out_scenes_hold_a_word_of_their_own(bank: tuple[Scene, ...]) -> None:
    words = {f.name: f.words for f in FAMILIES}
    own = [mentions(s.text, words[s.family]) for s in bank if s.held_out]
    assert sum(own) / len(own) > 0.75


def test_words_are_found_in_any_number_but_not_inside_others() -> None:
    words = frozenset({"doll", "strawberry", "nun"})
    assert mentions("Three Dolls.", words)
    assert mentions("strawberries!", words)
    assert mentions("a nun", words)
    assert not mentions("it was announced", words)


def test_every_hand_made_training_line_is_kept_but_for_held_out_words(bank: tuple[Scene, ...]) -> None:
    texts = {plain(s.text) for s in bank}
    words = forbidden(FAMILIES)
    for family in FAMILIES:
        for text, _ in family.lines:
            assert plain(text) in texts or mentions(text, words)


def test_sentences_are_short_and_long(bank: tuple[Scene, ...]) -> None:
    lengths = [len(s.text.split()) for s in bank]
    assert min(lengths) == 1
    assert max(lengths) >= 20


@pytest.mark.parametrize("subject", SUBJECTS.split())
def test_every_subject_that_editors_bring_is_covered(subject: str, bank: tuple[Scene, ...]) -> None:
    hits = [s for s in bank if not s.held_out and re.search(rf"\b{subject}", s.text.lower())]
    assert len(hits) >= 3


def test_the_written_bank_holds_every_entry_with_all_that_it_wants(tmp_path: Path) -> None:
    scenes = build_bank(per_family=1, per_held_out=1)[::40]
    write_bank(scenes, tmp_path / "bank.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "bank.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["text"] for row in rows] == [s.text for s in scenes]
    wants = {"valence", "arousal", "tension", "density", "styles", "tempo_bpm", "mode", "palette"}
    assert all(set(row["mood"]) == wants for row in rows)
