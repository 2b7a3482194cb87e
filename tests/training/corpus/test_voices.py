"""Measures and thinning of voices."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from generators.score.score import Note
from training.corpus.voices import doubling, features, skyline, split_bass, thinned

NOTES = st.lists(
    st.builds(Note, st.integers(0, 60), st.integers(40, 80), st.integers(1, 16), st.integers(1, 127)), max_size=60
)


@settings(max_examples=60)
@given(NOTES, st.integers(1, 6))
def test_thinned_voices_never_sound_more_than_the_limit_nor_a_pitch_twice(notes: list[Note], limit: int) -> None:
    out = thinned(notes, limit)

    sounding = Counter(step for n in out for step in range(n.onset, n.onset + n.duration))
    pitches = Counter((n.pitch, step) for n in out for step in range(n.onset, n.onset + n.duration))
    assert max(sounding.values(), default=0) <= limit
    assert max(pitches.values(), default=0) <= 1
    assert all(n.duration >= 1 for n in out)


@settings(max_examples=40)
@given(NOTES)
def test_thinning_keeps_every_onset_and_its_highest_note(notes: list[Note]) -> None:
    assert [(n.onset, n.pitch) for n in skyline(thinned(notes, 2))] == [(n.onset, n.pitch) for n in skyline(notes)]


def test_a_big_chord_keeps_its_outer_notes() -> None:
    chord = [Note(0, p, 4, 80) for p in (40, 47, 52, 56, 59, 64, 71)]

    kept = [n.pitch for n in thinned(chord, 3)]

    assert kept == [40, 47, 71]


def test_features_of_a_scale_in_half_of_the_bars() -> None:
    like = features(tuple(Note(4 * i, 60 + 2 * i, 4, 70) for i in range(4)), 2, 16)

    assert like.pitch == 63
    assert like.duration == 4
    assert like.polyphony == 1
    assert like.coverage == 0.5
    assert like.melodic == 1


def test_octaves_count_as_doubling() -> None:
    low, high = (tuple(Note(4 * i, p + i, 4, 80) for i in range(4)) for p in (48, 60))

    assert doubling(low, high, octaves=True) == 1.0
    assert doubling(low, high[:2], octaves=True) == 0.5
    assert doubling(low, high, octaves=False) == 0.0


def test_a_broken_chord_leaves_its_lowest_note_as_held_bass() -> None:
    left = (Note(0, 40, 1, 80), Note(1, 52, 1, 80), Note(2, 56, 1, 80), Note(3, 52, 1, 80))

    bass, rest = split_bass(left, 4)

    assert bass == [Note(0, 40, 4, 80)]
    assert rest == list(left[1:])


def test_an_octave_above_the_bass_is_left_out() -> None:
    bass, rest = split_bass((Note(0, 40, 4, 80), Note(0, 52, 4, 80), Note(0, 56, 4, 80)), 4)

    assert [n.pitch for n in bass] == [40]
    assert [n.pitch for n in rest] == [56]


def test_notes_above_middle_c_are_no_bass() -> None:
    bass, rest = split_bass((Note(0, 72, 4, 80),), 4)

    assert bass == []
    assert len(rest) == 1
