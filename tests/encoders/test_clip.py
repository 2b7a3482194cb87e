"""open_clip: a small random model saved in the public format, loaded and run as a large one would be."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from encoders.clip import OpenClipConfig, OpenClipEncoder
from encoders.errors import BadEncoderWeights
from encoders.features import Frames
from tests.encoders.films import shots, texture

MODEL = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8},
    "text_cfg": {"context_length": 12, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(3)
    save_file(open_clip.CLIP(**MODEL).state_dict(), folder / "open_clip_model.safetensors")
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": MODEL}))
    return folder


@pytest.fixture(scope="module")
def encoder(folder: Path) -> OpenClipEncoder:
    return OpenClipEncoder(OpenClipConfig("tiny", folder))


def test_frames_become_unit_vectors_at_their_times(encoder: OpenClipEncoder) -> None:
    rgb = np.stack(shots([10, 9]))
    frames = Frames(rgb, np.arange(19.0), 160, 96, 1.0, 19, 19.0, False)
    features = encoder.encode_video(frames)
    assert (features.kind, features.encoder) == ("video", "open_clip:tiny")
    assert features.vectors.shape == (19, 24)
    assert np.array_equal(features.times_s, frames.times_s)
    assert np.allclose(np.linalg.norm(features.vectors, axis=1), 1.0, atol=1e-5)


def test_an_image_gives_what_its_pixels_give(encoder: OpenClipEncoder, tmp_path: Path) -> None:
    picture = texture(6, 36, 36)
    Image.fromarray(picture).save(tmp_path / "still.png")
    still = np.asarray(Image.fromarray(picture).resize((32, 32), Image.Resampling.BOX))
    vectors = encoder.encode_image(tmp_path / "still.png").vectors
    assert np.allclose(vectors, encoder.embed(still[None]), atol=1e-5)


def test_preparing_pictures_agrees_with_open_clip(encoder: OpenClipEncoder) -> None:
    picture = np.ascontiguousarray(texture(7, 96, 132))
    theirs = open_clip.image_transform(32, is_train=False)(Image.fromarray(picture))
    ours = encoder._prepared(torch.from_numpy(picture[None]))[0]
    assert ours.shape == theirs.shape
    assert float((ours - theirs).abs().mean()) < 0.03


def test_texts_become_unit_vectors_in_the_same_space(encoder: OpenClipEncoder) -> None:
    vectors = encoder.encode_texts(["a sunset", "a street at night"])
    assert vectors.shape == (2, 24)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert not np.allclose(vectors[0], vectors[1])


def test_a_right_hash_passes_and_a_wrong_one_is_refused(folder: Path) -> None:
    found = hashlib.sha256((folder / "open_clip_model.safetensors").read_bytes()).hexdigest()
    config = OpenClipConfig("tiny", folder, sha256=found)
    assert OpenClipEncoder(config).sha256 == found
    with pytest.raises(BadEncoderWeights, match="has sha256"):
        OpenClipEncoder(replace(config, sha256="0" * 64))


def test_a_checkpoint_that_could_carry_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadEncoderWeights, match=r"not a \.safetensors file"):
        OpenClipEncoder(OpenClipConfig("ViT-B-32", tmp_path / "model.pt"))


def test_a_missing_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadEncoderWeights, match="cannot be read"):
        OpenClipEncoder(OpenClipConfig("ViT-B-32", tmp_path))


def test_an_unknown_model_is_refused(folder: Path) -> None:
    with pytest.raises(BadEncoderWeights, match="knows no model"):
        OpenClipEncoder(OpenClipConfig("no-such-model", folder / "open_clip_model.safetensors"))


def test_a_model_with_parts_from_elsewhere_is_refused(folder: Path, tmp_path: Path) -> None:
    elsewhere = {**MODEL, "text_cfg": {"hf_model_name": "someone/something"}}
    (tmp_path / "open_clip_config.json").write_text(json.dumps({"model_cfg": elsewhere}))
    (tmp_path / "open_clip_model.safetensors").write_bytes((folder / "open_clip_model.safetensors").read_bytes())
    with pytest.raises(BadEncoderWeights, match="parts from elsewhere"):
        OpenClipEncoder(OpenClipConfig("mixed", tmp_path))


@pytest.mark.parametrize("change", [{"width": 48}, {"layers": 3}])
def test_tensors_that_do_not_fit_the_config_are_refused(folder: Path, tmp_path: Path, change: dict[str, int]) -> None:
    other = {**MODEL, "vision_cfg": {**dict(MODEL["vision_cfg"]), **change}}  # type: ignore[call-overload]
    (tmp_path / "open_clip_config.json").write_text(json.dumps({"model_cfg": other}))
    (tmp_path / "open_clip_model.safetensors").write_bytes((folder / "open_clip_model.safetensors").read_bytes())
    with pytest.raises(BadEncoderWeights, match="does not fit tiny"):
        OpenClipEncoder(OpenClipConfig("tiny", tmp_path))
