"""Video features: the image's columns first, then movement, once a second over the whole film."""

import numpy as np
import pytest

from encoders.descriptors import DESCRIPTOR_NAMES, describe
from encoders.events import analyse
from encoders.features import Features, Frames
from encoders.video import MOVEMENT_NAMES, VIDEO_NAMES, encode_video
from tests.encoders.films import shots


def film(lengths: list[int], *, pan: float = 0.0) -> Frames:
    rgb = np.stack(shots(lengths, pan=pan))[:, ::2, ::2]
    return Frames(rgb, np.arange(len(rgb)) / 25.0, 160, 96, 25.0, len(rgb), len(rgb) / 25.0, False)


def column(features: Features, name: str) -> list[float]:
    return [float(value) for value in features.vectors[:, VIDEO_NAMES.index(name)]]


def test_a_vector_a_second_over_the_whole_film() -> None:
    features = encode_video(film([130]))
    assert features.kind == "video"
    assert features.vectors.shape == (5, len(DESCRIPTOR_NAMES) + len(MOVEMENT_NAMES))
    assert np.allclose(features.times_s, 0.52 + 1.04 * np.arange(5))


def test_the_leading_columns_of_a_still_film_are_those_of_its_image() -> None:
    still = film([50])
    leading = encode_video(still).vectors[:, : len(DESCRIPTOR_NAMES)]
    assert np.allclose(leading, describe(still.rgb[0]), atol=1e-6)


def test_one_frame_is_enough() -> None:
    assert encode_video(film([1])).vectors.shape[0] == 1


def test_given_events_change_nothing() -> None:
    frames = film([40, 40])
    assert np.array_equal(encode_video(frames).vectors, encode_video(frames, analyse(frames)).vectors)


def test_more_cuts_give_a_higher_rate() -> None:
    rates = [np.mean(column(encode_video(film(lengths)), "cut_rate")) for lengths in ([120], [60, 60], [20] * 6)]
    assert rates[0] == 0.0
    assert rates[0] < rates[1] < rates[2]


@pytest.mark.parametrize("name", ["motion_mean", "motion_max"])
def test_a_pan_moves_and_a_still_does_not(name: str) -> None:
    assert max(column(encode_video(film([60])), name)) < 0.02
    assert min(column(encode_video(film([60], pan=3.0)), name)) > 0.2
