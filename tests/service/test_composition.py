"""Pictures go through the encoder that the bundle's adapters were trained on."""

from pathlib import Path

import numpy as np
import pytest
import torch

from encoders.adapter import AdapterConfig, FlowAdapter
from encoders.descriptors import DESCRIPTOR_NAMES
from encoders.errors import BadEncoderWeights
from encoders.events import analyse
from encoders.features import Frames
from encoders.feeling import FILE, Feeling, FeelingConfig
from encoders.story import DIMENSION
from encoders.story import ENCODER as SENTENCES
from encoders.video import MOVEMENT_NAMES
from encoders.vision import Eyes, VisionConfig
from generators.flow.checkpoint import save_module
from schemas.manifest import MANIFEST
from schemas.source import ImageSource, StorySource, VideoSource
from service.composition import BundleParts
from tests.encoders.films import shots
from training.manifest import manifest_of

EYES = VisionConfig(width=8, size=32, text=16, compact=4)
LOOKS, SEEN, MOVED = len(DESCRIPTOR_NAMES), EYES.compact + 2, len(MOVEMENT_NAMES)
PICTURE = ImageSource(path="examples/picture.jpg")


def bundle(folder: Path, *, encoder: str, seen: int, eyes: bool) -> Path:
    """A bundle with small random adapters for pictures and, if wanted, small random eyes."""
    torch.manual_seed(0)
    for kind, width in (("image", LOOKS + seen), ("video", LOOKS + seen + MOVED)):
        config = AdapterConfig(kind, encoder, width, 8, width=16, depth=1)
        net = FlowAdapter(config)
        torch.nn.init.normal_(net.head.leave.weight, std=0.5)
        save_module(folder / "adapters" / f"{kind}.safetensors", net, config)
    if eyes:
        save_module(folder / "vision.safetensors", Eyes(EYES), EYES)
    (folder / MANIFEST).write_text(manifest_of(folder, version="1", metrics={}).model_dump_json())
    return folder


def film() -> Frames:
    rgb = np.stack(shots([30, 30]))
    return Frames(rgb, np.arange(60) / 25.0, 160, 96, 25.0, 60, 2.4, False)


def test_adapters_of_descriptors_get_descriptors_with_or_without_eyes_beside_them(tmp_path: Path) -> None:
    with_eyes, without = (
        BundleParts(bundle(tmp_path / name, encoder="descriptors-v1", seen=0, eyes=name == "with"))
        for name in ("with", "without")
    )
    assert np.array_equal(with_eyes.track(PICTURE, None, seed=1).points, without.track(PICTURE, None, seed=1).points)


def test_adapters_of_eyes_get_what_the_eyes_of_their_bundle_see(tmp_path: Path) -> None:
    parts = BundleParts(bundle(tmp_path, encoder="mini-eyes-v1", seen=SEEN, eyes=True))
    frames = film()

    still = parts.track(PICTURE, None, seed=1)
    moving = parts.track(VideoSource(path="film.mp4"), (frames, analyse(frames)), seed=1)

    assert still.points.shape == (1, 8)
    assert moving.points.shape == (2, 8)
    assert np.allclose(np.linalg.norm(moving.points, axis=1), 1.0, atol=1e-4)


def test_adapters_of_eyes_in_a_bundle_without_eyes_are_refused(tmp_path: Path) -> None:
    parts = BundleParts(bundle(tmp_path, encoder="mini-eyes-v1", seen=SEEN, eyes=False))
    with pytest.raises(BadEncoderWeights, match=r"vision\.safetensors"):
        parts.track(PICTURE, None, seed=1)


def test_adapters_of_other_eyes_are_refused(tmp_path: Path) -> None:
    parts = BundleParts(bundle(tmp_path, encoder="other-eyes", seen=SEEN, eyes=True))
    with pytest.raises(BadEncoderWeights, match=r"trained on other-eyes.*cannot read mini-eyes-v1"):
        parts.track(PICTURE, None, seed=1)


@pytest.mark.parametrize("knows", [True, False])
def test_a_story_tells_its_moods_where_the_bundle_knows_how_sentences_feel(tmp_path: Path, *, knows: bool) -> None:
    config = AdapterConfig("story", SENTENCES, DIMENSION, 8, width=16, depth=1)
    save_module(tmp_path / "adapters" / "story.safetensors", FlowAdapter(config), config)
    if knows:
        felt = FeelingConfig(SENTENCES, DIMENSION, width=4)
        save_module(tmp_path / "adapters" / FILE, Feeling(felt), felt)
    (tmp_path / MANIFEST).write_text(manifest_of(tmp_path, version="1", metrics={}).model_dump_json())

    track = BundleParts(tmp_path).track(StorySource(text="It rained. Then the sun came out."), None, seed=0)

    assert (None if track.moods is None else track.moods.shape) == ((2, 2) if knows else None)
