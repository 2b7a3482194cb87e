"""Splits and the recognition of works."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from training.corpus.piece import Split, melody_hash, split_of


def test_the_split_of_a_work_is_decided_for_good() -> None:
    assert [split_of(f"lieder/{i}") for i in range(40)] == [split_of(f"lieder/{i}") for i in range(40)]
    assert split_of("lieder/0001") is Split.TRAIN
    assert split_of("lieder/0016") is split_of("lieder/0016")


def test_about_nine_works_in_ten_are_for_training() -> None:
    count = Counter(split_of(str(i)) for i in range(4000))

    assert 0.88 < count[Split.TRAIN] / 4000 < 0.92
    assert 0.04 < count[Split.VALID] / 4000 < 0.06
    assert 0.04 < count[Split.TEST] / 4000 < 0.06


@given(st.lists(st.integers(30, 90), min_size=13, max_size=60), st.integers(-12, 12))
def test_a_transposed_melody_has_the_same_hash(pitches: list[int], shift: int) -> None:
    assert melody_hash([p + shift for p in pitches]) == melody_hash(pitches)


def test_another_melody_has_another_hash_and_a_short_one_has_none() -> None:
    assert melody_hash([60, 62] * 10) != melody_hash([60, 64] * 10)
    assert melody_hash([60, 62, 64]) is None
