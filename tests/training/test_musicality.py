"""The statistics of musicality."""

from dataclasses import astuple, replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.score.score import Chord, Key, Mode, Note, Quality, Role, Score
from tests.training.corpus.tiny import scale_score
from training.musicality import (
    NAMES,
    Envelope,
    groove_consistency,
    measured_mode,
    pitch_entropy,
    repetition,
    statistics,
)


def noise(seed: int) -> Score:
    rng = Random(seed)
    notes = {Note(rng.randrange(127), rng.randrange(48, 84), 1, 80) for _ in range(200)}
    return replace(scale_score(), parts={Role.LEAD: tuple(sorted(notes))})


@settings(max_examples=20)
@given(st.integers(0, 1000), st.integers(-12, 12))
def test_statistics_do_not_change_when_a_piece_is_transposed(seed: int, shift: int) -> None:
    for score in (noise(seed), scale_score()):
        assert astuple(statistics(score.transposed(shift))) == pytest.approx(astuple(statistics(score)))


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_shares_lie_between_zero_and_one(seed: int) -> None:
    m = statistics(noise(seed))

    for name in ("in_key", "chord_tones", "groove", "repetition", "empty_bars", "resolved"):
        assert 0.0 <= getattr(m, name) <= 1.0


def test_a_scale_in_its_key_is_wholly_in_key_and_regular() -> None:
    m = statistics(scale_score())

    assert m.in_key == 1.0
    assert m.groove == 1.0
    assert m.repetition == 1.0
    assert m.empty_bars == 0.0
    assert m.resolved == 1.0


def test_noise_is_less_in_key_and_less_regular_than_a_scale() -> None:
    m, tune = statistics(noise(1)), statistics(scale_score())

    assert m.in_key < tune.in_key
    assert m.groove < tune.groove
    assert m.repetition < tune.repetition
    assert m.pitch_entropy > tune.pitch_entropy


def test_chord_tones_are_counted_on_felt_beats_only() -> None:
    on = scale_score()
    lead = tuple(Note(16 * b + 2, 61, 2, 80) for b in range(8))  # between the beats
    off = replace(on, parts={**on.parts, Role.LEAD: lead})

    assert statistics(off).chord_tones == 1.0
    assert statistics(replace(off, chords=(Chord(6, Quality.MAJ),) * 16)).chord_tones == 0.0


def test_two_bars_that_share_no_onset_place_lose_their_hamming_distance() -> None:
    notes = (Note(0, 60, 1, 80), Note(17, 60, 1, 80))
    score = replace(scale_score(2), parts={Role.LEAD: notes})

    assert groove_consistency(score) == pytest.approx(1 - 2 / 16)


def test_entropy_of_four_equal_pitch_classes_is_two_bits() -> None:
    notes = tuple(Note(4 * i, 60 + 3 * i, 4, 80) for i in range(4))
    score = replace(scale_score(1), parts={Role.LEAD: notes})

    assert pitch_entropy(score) == pytest.approx(2.0)


def test_a_bar_that_comes_back_counts_as_repetition_and_a_lone_bar_does_not() -> None:
    a = [Note(4 * i, 60 + i, 4, 80) for i in range(4)]
    b = [Note(16 + 4 * i, 66 + i, 4, 80) for i in range(4)]
    again = [replace(n, onset=n.onset + 32) for n in a]
    score = replace(scale_score(3), parts={Role.LEAD: (*a, *b, *again)})

    assert repetition(score) == pytest.approx(2 / 3)


def test_polyphony_counts_only_while_something_sounds() -> None:
    notes = (Note(0, 60, 4, 80), Note(0, 64, 4, 80))
    m = statistics(replace(scale_score(2), parts={Role.CHORDS: notes}))

    assert m.polyphony == 2.0
    assert m.chords_polyphony == 2.0
    assert m.empty_bars == 0.5


def test_an_empty_score_has_statistics_too() -> None:
    m = statistics(replace(scale_score(), parts={}))

    assert m.empty_bars == 1.0
    assert m.density == 0.0


def test_a_piece_that_ends_on_the_dominant_is_not_resolved() -> None:
    score = scale_score()
    bass = (*score.parts[Role.BASS][:-1], Note(112, 43, 16, 70))
    open_end = replace(score, parts={**score.parts, Role.BASS: bass}, chords=(Chord(7, Quality.MAJ),) * 16)

    assert statistics(open_end).resolved == 0.0


@pytest.mark.parametrize("mode", list(Mode))
def test_the_mode_is_heard_from_the_notes_whatever_the_key_says(mode: Mode) -> None:
    score = replace(scale_score(mode=mode), key=Key(0, Mode.MAJOR))

    assert measured_mode(score) is mode


def test_the_envelope_holds_most_of_what_it_was_made_from_and_not_the_extremes() -> None:
    real = [statistics(noise(s)) for s in range(40)]
    whole, most = Envelope.of(real, 0.0, 100.0), Envelope.of(real)

    assert all(whole.inside(m) for m in real)
    assert 0 < sum(most.inside(m) for m in real) < 40
    assert set(most.share_inside(real)) == set(NAMES)
    assert all(share >= 0.85 for share in most.share_inside(real).values())


def test_what_lies_outside_is_named() -> None:
    envelope = Envelope.of([statistics(noise(s)) for s in range(40)])

    assert "groove" in envelope.outside(statistics(scale_score()))


def test_an_envelope_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Envelope.of([])
