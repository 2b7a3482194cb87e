"""Video features: the image's columns first, then movement, once a second over the whole film."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from encoders.descriptors import DESCRIPTOR_NAMES, describe
from encoders.events import analyse
from encoders.features import Features, Frames
from encoders.video import MOVEMENT_NAMES, VIDEO_NAMES, encode_video
from encoders.vision import Eyes, VisionConfig
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


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    torch.manual_seed(0)
    return Eyes(VisionConfig(width=8, size=32, text=16, compact=4)).eval()


def test_what_eyes_see_stands_between_looks_and_movement(eyes: Eyes) -> None:
    frames = film([60, 60])
    plain, seen = encode_video(frames), encode_video(frames, eyes=eyes)
    looks = len(DESCRIPTOR_NAMES)
    assert seen.encoder == "mini-eyes-v1"
    assert seen.vectors.shape == (len(plain.vectors), len(VIDEO_NAMES) + 6)
    assert np.array_equal(np.delete(seen.vectors, np.s_[looks : looks + 6], axis=1), plain.vectors)
    middle = frames.rgb[int(np.argmin(np.abs(frames.times_s - seen.times_s[0])))]
    assert np.allclose(seen.vectors[0, looks : looks + 6], eyes.columns([middle])[0], atol=1e-5)


def test_eyes_look_once_a_step_and_no_more(eyes: Eyes) -> None:
    looked: list[int] = []

    class Counted(Eyes):
        def columns(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
            looked.append(len(pictures))
            return eyes.columns(pictures)

    encode_video(film([130]), eyes=Counted(eyes.config))
    assert looked == [5]
