from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from generators.score.score import QUALITIES, Chord, Quality
from training.arranger.voicing import voice

CHORDS = st.builds(Chord, st.integers(0, 11), st.sampled_from(QUALITIES))


@given(CHORDS, st.integers(52, 76), st.sampled_from((3, 4)))
def test_a_voicing_holds_chord_tones_near_its_centre(chord: Chord, centre: int, voices: int) -> None:
    shape = voice(chord, centre, voices)
    assert {p % 12 for p in shape} <= chord.pitch_classes
    assert len({p % 12 for p in shape}) >= 3
    assert len(set(shape)) == len(shape) == voices
    assert list(shape) == sorted(shape)
    assert abs(sum(shape) / len(shape) - centre) <= 8


@given(CHORDS, CHORDS, st.integers(52, 70))
def test_the_next_voicing_is_near_the_one_before(first: Chord, second: Chord, centre: int) -> None:
    before = voice(first, centre, 4)
    after = voice(second, centre, 4, before)
    moved = [min(abs(p - q) for q in before) for p in after]
    assert sum(moved) / len(moved) <= 3.0


def test_a_cadence_keeps_its_common_tone() -> None:
    tonic = voice(Chord(0, Quality.MAJ), 60, 3)
    dominant = voice(Chord(7, Quality.MAJ), 60, 3, tonic)
    assert set(tonic) & set(dominant)
    assert all(abs(a - b) <= 4 for a, b in zip(tonic, dominant, strict=True))


def test_low_voicings_keep_their_distance() -> None:
    for root in range(12):
        shape = voice(Chord(root, Quality.MIN), 49, 4)
        assert all(high - low >= 3 for low, high in pairwise(shape) if low < 48)


def test_a_ninth_takes_the_place_of_the_root() -> None:
    assert {p % 12 for p in voice(Chord(0, Quality.MIN7), 60, 4, (), True)} == {2, 3, 7, 10}
