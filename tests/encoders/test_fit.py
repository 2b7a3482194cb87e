"""The fit on sentences: on two spaces with a known rotation and gap between them, and on a small random open_clip."""

import json
from collections.abc import Sequence
from typing import cast

import numpy as np
import open_clip
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.torch import save_file

from benchmarks.gap import CLIP, cosine, pictures, world
from encoders.adapter import AdapterConfig, Adapters, FlowAdapter
from encoders.clip import OpenClipConfig, OpenClipEncoder
from encoders.errors import BadEncoderWeights
from encoders.features import Features
from encoders.fit import fit_clip, fit_texts
from encoders.story import DIMENSION, ENCODER
from tests.encoders.films import shots

MODEL = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 8},
    "text_cfg": {"context_length": 24, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
}
SENTENCES = ("a storm at sea", "a quiet lake", "children play", "a funeral in the rain", "a fast chase at night")


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.floats(0.3, 3.0))
def test_across_a_known_rotation_and_gap_pictures_land_near_their_true_points(seed: int, gap: float) -> None:
    known = world(seed, gap=gap)
    treated = fit_texts(known.texts, known.points, picture_mean=known.calibration.mean(axis=0))
    plain = fit_texts(known.texts, known.points, noise=0.0)
    assert cosine(treated, known) >= 0.9
    assert cosine(treated, known) > cosine(plain, known) + 0.05


def test_each_treatment_of_the_gap_helps_by_itself() -> None:
    known = world(3, noise=0.8)
    mean = known.calibration.mean(axis=0)
    plain = cosine(fit_texts(known.texts, known.points, noise=0.0), known)
    noisy = cosine(fit_texts(known.texts, known.points), known)
    centred = cosine(fit_texts(known.texts, known.points, picture_mean=mean, noise=0.0), known)
    both = cosine(fit_texts(known.texts, known.points, picture_mean=mean), known)
    assert plain < min(noisy, centred)
    assert both > max(noisy, centred)


def test_texts_themselves_land_on_their_points() -> None:
    known = world(1)
    points = fit_texts(known.texts, known.points).to_clap(pictures(known.texts))
    assert np.mean(np.sum(points * known.points, axis=1)) > 0.95


def test_noise_in_closed_form_is_what_many_noisy_copies_give() -> None:
    known = world(2)
    rng = np.random.default_rng(0)
    x = known.texts - known.texts.mean(axis=0)
    std = 1.5 * np.sqrt((x**2).sum(axis=1).mean() / CLIP)
    copies = np.concatenate([known.texts + std * rng.standard_normal(x.shape) for _ in range(200)])
    sampled = fit_texts(np.asarray(copies, np.float32), np.tile(known.points, (200, 1)), noise=0.0)
    closed = fit_texts(known.texts, known.points)
    np.testing.assert_allclose(sampled.weights, closed.weights, atol=0.03 * float(np.abs(closed.weights).max()))


def test_points_are_spread_as_wide_as_those_fitted_on_however_strong_the_noise() -> None:
    known = world(4)
    wanted = float(known.points.var(axis=0).sum())
    for noise in (0.5, 1.5, 3.0):
        fit = fit_texts(known.texts, known.points, noise=noise)
        grain = noise * np.sqrt((known.texts.var(axis=0).sum()) / CLIP)
        noisy = known.texts + grain * np.random.default_rng(1).standard_normal(known.texts.shape)
        assert float(((noisy - fit.picture_mean) @ fit.weights).var(axis=0).sum()) == pytest.approx(wanted, rel=0.15)


def test_a_path_of_pictures_is_a_path_of_points_of_unit_length() -> None:
    known = world(5)
    share = np.linspace(0, 1, 30, dtype=np.float32)[:, None]
    moving = (1 - share) * known.pictures[0] + share * known.pictures[1]
    points = fit_texts(known.texts, known.points, picture_mean=known.calibration.mean(axis=0)).to_clap(pictures(moving))
    assert points.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1.0, atol=1e-5)
    assert np.linalg.norm(np.diff(points, axis=0), axis=1).max() < 0.3


def test_equal_texts_and_a_single_one_give_the_mean_and_no_error() -> None:
    known = world(6)
    for count in (1, 3):
        fit = fit_texts(np.repeat(known.texts[:1], count, axis=0), np.repeat(known.points[:1], count, axis=0))
        np.testing.assert_allclose(fit.to_clap(pictures(known.pictures[:1])), known.points[:1], atol=1e-3)


def test_a_picture_without_numbers_is_refused() -> None:
    known = world(7)
    with pytest.raises(BadEncoderWeights, match="no numbers"):
        fit_texts(known.texts, known.points).to_clap(pictures(np.full((1, CLIP), np.nan, np.float32)))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> OpenClipEncoder:
    folder = tmp_path_factory.mktemp("fit")
    torch.manual_seed(5)
    save_file(open_clip.CLIP(**MODEL).state_dict(), folder / "tiny.safetensors")
    (folder / "tiny.json").write_text(json.dumps(MODEL))
    return OpenClipEncoder(OpenClipConfig("tiny", folder / "tiny.safetensors", config_file=folder / "tiny.json"))


def adapters() -> Adapters:
    torch.manual_seed(0)
    net = FlowAdapter(AdapterConfig("story", ENCODER, features=DIMENSION, channels=12, width=16, depth=2))
    for parameter in net.parameters():  # zero-initialised layers would hide the condition
        torch.nn.init.normal_(parameter, std=0.3)
    return Adapters({"story": net.eval()})


def test_an_open_clip_model_is_fitted_the_same_each_time(clip: OpenClipEncoder) -> None:
    first, again = (fit_clip(clip, adapters(), SENTENCES) for _ in range(2))
    assert (first.picture_mean.shape, first.weights.shape, first.point_mean.shape) == ((24,), (24, 12), (12,))
    assert first.weights.tobytes() == again.weights.tobytes()
    seen = Features("video", clip.name, clip.embed(np.stack(shots([2, 2]))), np.arange(4.0))
    assert first.to_clap(seen).shape == (4, 12)
    assert np.isfinite(first.to_clap(seen)).all()


class Broken:
    """A model whose weights hold no numbers."""

    name, image_size = "broken", 32

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.full((len(texts), 24), np.nan, np.float32)

    def embed(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.zeros((len(rgb), 24), np.float32)


def test_a_model_without_numbers_is_not_fitted() -> None:
    with pytest.raises(BadEncoderWeights, match="broken gives no numbers"):
        fit_clip(cast(OpenClipEncoder, Broken()), adapters(), SENTENCES)


def test_a_bundle_without_a_story_adapter_cannot_be_fitted_to(clip: OpenClipEncoder) -> None:
    with pytest.raises(BadEncoderWeights, match="no adapter for story"):
        fit_clip(clip, Adapters({}), SENTENCES)
