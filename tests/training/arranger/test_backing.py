import pytest

from generators.score.score import Role
from generators.score.style import STYLES, Style
from tests.training.arranger.sketches import sketch_of
from training.arranger.backing import bass_line, comping, pads, root_near, voicings


def test_bass_roots_are_near_and_low() -> None:
    for root in range(12):
        assert root_near(root, 36) % 12 == root
        assert 28 <= root_near(root, 36) <= 44


@pytest.mark.parametrize("style", STYLES)
def test_the_bass_says_the_root_where_a_chord_begins(style: Style) -> None:
    sketch = sketch_of(style)
    starts = {n.onset: n.pitch % 12 for n in bass_line(sketch) if n.onset % 16 == 0}
    told = [starts[b * 16] == sketch.chord_at(b * 16).root for b in range(4, 32) if b * 16 in starts]
    assert not told or sum(told) / len(told) >= 0.8  # a pedal under a build may stay on the tonic


def test_jazz_walks_in_quarters() -> None:
    onsets = {n.onset for n in bass_line(sketch_of(Style.JAZZ, density=0.9)) if 64 <= n.onset < 192}
    assert onsets == set(range(64, 192, 4))


@pytest.mark.parametrize("style", STYLES)
def test_pads_hold_and_belong_to_their_chords(style: Style) -> None:
    sketch = sketch_of(style, 1.0)
    for n in pads(sketch):
        assert n.duration >= 8
        assert n.pitch % 12 in sketch.chord_at(n.onset).pitch_classes | {(sketch.chord_at(n.onset).root + 2) % 12}


@pytest.mark.parametrize("style", STYLES)
def test_density_makes_accompaniment_busier(style: Style) -> None:
    counts = [sum(len(comping(sketch_of(style, 0.8, d, seed))) for seed in range(5)) for d in (0.0, 0.5, 1.0)]
    assert counts[0] < counts[1] <= counts[2] * 1.1
    assert counts[0] < counts[2]


def test_brightness_lifts_the_chords() -> None:
    low, high = (voicings(sketch_of(Style.FOLK, brightness=b), Role.CHORDS) for b in (0.0, 1.0))
    assert sum(map(sum, low)) / sum(map(len, low)) + 10 < sum(map(sum, high)) / sum(map(len, high))
