"""Events: cuts to the frame, flashes and pans told apart from cuts, and curves that follow the picture."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from encoders.events import analyse
from encoders.features import Events, Frames
from encoders.frames import read_frames
from tests.encoders.films import Rgb, shots, texture, write_film


def as_frames(pictures: list[Rgb], fps: float = 25.0) -> Frames:
    rgb = np.stack([picture[::2, ::2] for picture in pictures])
    times_s = np.arange(len(rgb)) / fps
    return Frames(rgb, times_s, 160, 96, fps, len(rgb), len(rgb) / fps, False)


def hard_cuts(events: Events) -> list[float]:
    return [cut.time_s for cut in events.cuts if cut.kind == "cut"]


@settings(max_examples=8)
@given(st.lists(st.integers(10, 40), min_size=1, max_size=6), st.floats(0.0, 2.0))
def test_every_hard_cut_is_found_to_the_frame_and_nothing_else(lengths: list[int], pan: float) -> None:
    found = hard_cuts(analyse(as_frames(shots(lengths, pan=pan))))
    assert found == [float(start) / 25 for start in np.cumsum(lengths)[:-1]]


@pytest.mark.parametrize(
    ("codec", "options"),
    [
        ("libx264", {}),
        ("libx264", {"bf": "3", "x264-params": "keyint=250:scenecut=0:b-adapt=0"}),
        ("libx264", {"x264-params": "keyint=12:open-gop=1"}),
        ("mpeg4", {"bf": "2"}),
    ],
)
def test_cuts_survive_an_encoder_to_the_frame(tmp_path: Path, codec: str, options: dict[str, str]) -> None:
    lengths = [30, 10, 23, 41, 12, 29]
    film = write_film(tmp_path / "film.mp4", shots(lengths, pan=1.0), codec=codec, options=options)
    found = hard_cuts(analyse(read_frames(film)))
    assert np.round(np.array(found) * 25).tolist() == np.cumsum(lengths)[:-1].tolist()


def test_a_stronger_change_weighs_more() -> None:
    grey = [np.full((96, 160, 3), level, np.uint8) for level in (60, 110, 250)]
    cuts = analyse(as_frames([grey[0]] * 20 + [grey[1]] * 20 + [grey[2]] * 20)).cuts
    assert [cut.kind for cut in cuts] == ["cut", "cut"]
    assert 0.0 < cuts[0].weight < cuts[1].weight <= 1.0


@pytest.mark.parametrize("length", [1, 2, 4])
def test_a_flash_is_one_flash_and_no_cut(length: int) -> None:
    film = shots([50], pan=0.3)
    film[20 : 20 + length] = [np.full_like(film[0], 255)] * length
    events = analyse(as_frames(film))
    assert [(cut.kind, cut.time_s) for cut in events.cuts] == [("flash", 20 / 25)]


def test_a_pan_is_no_cut_and_moves() -> None:
    events = analyse(as_frames(shots([80], pan=3.0)))
    assert events.cuts == ()
    assert events.motion.mean() > 0.3


def test_a_fade_through_black_is_one_fade() -> None:
    first, second = texture(1)[:, :160], texture(2)[:, :160]
    levels = np.concatenate([np.ones(20), np.linspace(1, 0, 20), np.zeros(5)])
    film = [np.asarray(first * level, np.uint8) for level in levels]
    film += [np.asarray(second * level, np.uint8) for level in levels[::-1]]
    cuts = analyse(as_frames(film)).cuts
    assert [cut.kind for cut in cuts] == ["fade"]
    assert 45 / 25 <= cuts[0].time_s <= 55 / 25


def test_a_still_does_not_move() -> None:
    events = analyse(as_frames(shots([30])))
    assert events.motion.max() < 0.02
    assert len(events.motion_onsets_s) == 0


def test_motion_starts_where_the_camera_starts_to_move() -> None:
    wide = texture(3, 96, 480)
    lefts = [0] * 50 + [4 * index for index in range(50)]
    events = analyse(as_frames([np.ascontiguousarray(wide[:, left : left + 160]) for left in lefts]))
    assert len(events.motion_onsets_s) == 1
    assert abs(events.motion_onsets_s[0] - 2.0) < 0.3


def test_a_faster_pan_moves_more() -> None:
    speeds = [float(analyse(as_frames(shots([40], pan=pan))).motion.mean()) for pan in (0.0, 1.0, 2.0, 4.0)]
    assert speeds == sorted(speeds)


@pytest.mark.parametrize(
    ("curve", "low", "high"),
    [
        ("brightness", (20, 20, 20), (230, 230, 230)),
        ("warmth", (40, 60, 200), (220, 120, 40)),
        ("saturation", (120, 120, 120), (200, 20, 20)),
    ],
)
def test_a_curve_jumps_with_its_cut(curve: str, low: tuple[int, ...], high: tuple[int, ...]) -> None:
    pictures = [np.tile(np.array(colour, np.uint8), (96, 160, 1)) for colour in (low, high)]
    events = analyse(as_frames([pictures[0]] * 50 + [pictures[1]] * 50))
    values: NDArray[np.float64] = getattr(events, curve)
    before, after = values[events.times_s < 1.9], values[events.times_s > 2.0]
    assert before.max() + 0.2 < after.min()


@settings(max_examples=10)
@given(st.integers(1, 30), st.sampled_from([10.0, 23.976, 60.0]))
def test_curves_lie_in_the_unit_range_on_one_grid_over_the_whole_film(n_frames: int, fps: float) -> None:
    source = np.random.default_rng(n_frames)
    noise = [source.integers(0, 256, (96, 160, 3)).astype(np.uint8) for _ in range(n_frames)]
    events = analyse(as_frames(noise, fps))
    assert events.times_s[0] == 0.0
    assert events.times_s[-1] >= n_frames / fps - 1e-9
    for curve in (events.motion, events.brightness, events.warmth, events.saturation):
        assert curve.shape == events.times_s.shape
        assert np.all((curve >= 0.0) & (curve <= 1.0))
