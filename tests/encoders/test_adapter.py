from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from encoders.adapter import AdapterConfig, Adapters, FlowAdapter, MlpAdapter, mix, sample
from encoders.errors import BadEncoderWeights
from encoders.features import Features
from generators.flow.checkpoint import save_module

CONFIG = AdapterConfig("story", "words-v1", features=6, channels=12, width=16, depth=2)


def adapter(seed: int = 0, config: AdapterConfig = CONFIG) -> FlowAdapter:
    torch.manual_seed(seed)
    net = FlowAdapter(config)
    for parameter in net.parameters():  # zero-initialised layers would hide the condition
        torch.nn.init.normal_(parameter, std=0.3)
    return net.eval()


def story(rows: int, seed: int = 0, *, encoder: str = "words-v1", width: int = 6) -> Features:
    vectors = np.random.default_rng(seed).standard_normal((rows, width)).astype(np.float32)
    return Features("story", encoder, vectors, np.zeros(rows))


def point(*values: float) -> NDArray[np.float32]:
    vector = np.asarray(values, np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def test_points_have_unit_length_one_for_each_row() -> None:
    points = Adapters({"story": adapter()}).to_clap(story(5), seed=1)
    assert points.shape == (5, 12)
    assert points.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1.0, atol=1e-5)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_take() -> None:
    adapters = Adapters({"story": adapter()})
    first, again, other = (adapters.to_clap(story(3), seed=s) for s in (4, 4, 5))
    assert first.tobytes() == again.tobytes()
    assert not np.allclose(first, other)


def test_equal_rows_get_equal_points_so_that_a_still_shot_does_not_jitter() -> None:
    one = story(1)
    still = Features("story", one.encoder, np.repeat(one.vectors, 4, axis=0), np.zeros(4))
    points = Adapters({"story": adapter()}).to_clap(still, seed=2)
    np.testing.assert_allclose(points, np.repeat(points[:1], 4, axis=0), atol=1e-5)


def test_a_small_change_of_a_row_moves_its_point_a_little() -> None:
    vectors = story(1).vectors
    near = Features("story", "words-v1", np.concatenate([vectors, vectors + 1e-3]), np.zeros(2))
    a, b = Adapters({"story": adapter()}).to_clap(near, seed=2)
    assert 0 < np.linalg.norm(a - b) < 0.05


def test_rows_beyond_all_training_ones_still_give_finite_points() -> None:
    wild = Features("story", "words-v1", np.full((1, 6), 1e6, np.float32), np.zeros(1))
    assert np.isfinite(Adapters({"story": adapter()}).to_clap(wild, seed=0)).all()


def test_the_pooled_point_of_one_row_is_that_rows_point() -> None:
    adapters = Adapters({"story": adapter()})
    np.testing.assert_allclose(adapters.pooled(story(1), seed=3), adapters.to_clap(story(1), seed=3)[0], atol=1e-6)


def test_a_caption_is_read_by_the_story_adapter() -> None:
    adapters = Adapters({"story": adapter()})
    told = story(1)
    caption = Features("caption", told.encoder, told.vectors, told.times_s)
    np.testing.assert_array_equal(adapters.to_clap(caption, seed=0), adapters.to_clap(told, seed=0))


def test_guidance_one_needs_no_second_evaluation_and_ignores_the_free_velocity() -> None:
    net = adapter()
    noise = torch.randn(2, 12, generator=torch.Generator().manual_seed(0))
    rows = torch.from_numpy(story(2).vectors)
    plain = sample(net, rows, noise, guidance=1.0)
    assert not torch.allclose(plain, sample(net, rows, noise, guidance=3.0))


def test_adapters_come_back_from_their_folder(tmp_path: Path) -> None:
    net = adapter()
    save_module(tmp_path / "story.safetensors", net, CONFIG, half=False)
    loaded = Adapters.load(tmp_path)
    expected = Adapters({"story": net}).to_clap(story(2), seed=0)
    np.testing.assert_allclose(loaded.to_clap(story(2), seed=0), expected, atol=1e-6)


def test_an_empty_folder_and_a_damaged_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadEncoderWeights, match="no adapter"):
        Adapters.load(tmp_path)
    (tmp_path / "image.safetensors").write_bytes(b"not weights")
    with pytest.raises(BadEncoderWeights, match=r"image\.safetensors"):
        Adapters.load(tmp_path)


def test_vectors_of_another_encoder_are_refused_by_name() -> None:
    adapters = Adapters({"story": adapter()})
    with pytest.raises(BadEncoderWeights, match="open_clip:ViT-B-32"):
        adapters.to_clap(story(1, encoder="open_clip:ViT-B-32"), seed=0)
    with pytest.raises(BadEncoderWeights, match=r"cannot read words-v1 \[7\]"):
        adapters.to_clap(story(1, width=7), seed=0)


def test_a_kind_without_adapter_is_refused() -> None:
    picture = Features("image", "descriptors-v1", np.zeros((1, 6), np.float32), np.zeros(1))
    with pytest.raises(BadEncoderWeights, match="no adapter for image"):
        Adapters({"story": adapter()}).to_clap(picture, seed=0)


def test_measured_buffers_standardise_what_they_were_measured_on() -> None:
    net = MlpAdapter(CONFIG)
    generator = torch.Generator().manual_seed(0)
    features = 5 + 3 * torch.randn(400, 6, generator=generator)
    features[:, 2] = 7.0
    net.measure(features, torch.randn(400, 12, generator=generator))
    standard = net.read(features)
    np.testing.assert_allclose(standard.mean(0), 0.0, atol=1e-4)
    np.testing.assert_allclose(standard.std(0)[[0, 1, 3, 4, 5]], 1.0, atol=1e-4)
    np.testing.assert_allclose(standard[:, 2], 0.0, atol=1e-5)


def test_leaving_undoes_placing() -> None:
    net = adapter()
    net.measure(torch.randn(50, 6), torch.randn(50, 12))
    points = torch.nn.functional.normalize(torch.randn(4, 12), dim=-1)
    torch.testing.assert_close(net.leave(net.place(points)), points)


weight = st.floats(0.01, 10.0)


@settings(max_examples=40)
@given(a=weight, b=weight, c=weight, scale=weight)
def test_a_mix_has_unit_length_and_knows_no_order_and_no_scale_of_weights(
    a: float, b: float, c: float, scale: float
) -> None:
    x, y, z = point(1, 0, 0.2), point(0.3, 1, 0), point(0, 0.4, 1)
    mixed = mix([(x, a), (y, b), (z, c)])
    assert np.linalg.norm(mixed) == pytest.approx(1.0, abs=1e-5)
    np.testing.assert_allclose(mixed, mix([(z, c), (x, a), (y, b)]), atol=1e-6)
    np.testing.assert_allclose(mixed, mix([(x, a * scale), (y, b * scale), (z, c * scale)]), atol=1e-5)


@settings(max_examples=40)
@given(low=weight, more=weight)
def test_more_weight_brings_the_mix_nearer(low: float, more: float) -> None:
    x, y = point(1, 0.1, 0), point(0, 1, 0.5)
    assert mix([(x, low + more), (y, 1.0)]) @ x >= mix([(x, low), (y, 1.0)]) @ x - 1e-6


def test_weight_zero_takes_no_part() -> None:
    x, y = point(1, 0, 0), point(0, 1, 0)
    np.testing.assert_allclose(mix([(x, 1.0), (y, 0.0)]), x, atol=1e-7)


@pytest.mark.parametrize("weights", [(), (0.0, 0.0), (1.0, -0.5)])
def test_impossible_weights_are_refused(weights: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="weights"):
        mix([(point(1, 0), w) for w in weights])


def test_points_that_cancel_out_are_refused() -> None:
    with pytest.raises(ValueError, match="cancel"):
        mix([(point(1, 0), 1.0), (point(-1, 0), 1.0)])
