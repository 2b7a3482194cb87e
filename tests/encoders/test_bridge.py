"""The scene bridge: on a small space made by hand, and on a small random open_clip model."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import open_clip
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.torch import save_file

from encoders.adapter import AdapterConfig, Adapters, FlowAdapter
from encoders.bridge import SceneBridge, scene_sentences
from encoders.clip import OpenClipConfig, OpenClipEncoder
from encoders.errors import BadEncoderWeights
from encoders.features import Features
from encoders.story import DIMENSION, ENCODER
from tests.encoders.films import shots

if TYPE_CHECKING:
    from open_clip.model import CLIP

MODEL = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 8},
    "text_cfg": {"context_length": 24, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 2},
}
BANK = tuple(f"scene number {n}" for n in range(40))


class KnownSpace:
    """Texts at known places, for which a picture is a vector that the test chooses; it counts its readings."""

    name = "known"

    def __init__(self) -> None:
        self.texts = unit(np.random.default_rng(1).standard_normal((len(BANK), 24)))
        self.readings = 0

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.readings += 1
        return self.texts[[BANK.index(text) for text in texts]]


def unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def bridge(space: KnownSpace | None = None, top: int = 5) -> SceneBridge:
    return SceneBridge(cast(OpenClipEncoder, space or KnownSpace()), BANK, top=top)


def pictures(rows: NDArray[np.float32]) -> Features:
    return Features("video", "known", rows, np.arange(len(rows), dtype=np.float64) + 0.5)


def adapters() -> Adapters:
    torch.manual_seed(0)
    net = FlowAdapter(AdapterConfig("story", ENCODER, features=DIMENSION, channels=12, width=16, depth=2))
    for parameter in net.parameters():  # zero-initialised layers would hide the condition
        torch.nn.init.normal_(parameter, std=0.3)
    return Adapters({"story": net.eval()})


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> OpenClipEncoder:
    path = tmp_path_factory.mktemp("bridge") / "tiny.safetensors"
    torch.manual_seed(5)
    save_file(open_clip.CLIP(**MODEL).state_dict(), path)
    config = path.with_suffix(".json")
    config.write_text(
        f'{{"embed_dim": 24, "vision_cfg": {_json(MODEL, "vision")}, "text_cfg": {_json(MODEL, "text")}}}'
    )
    return OpenClipEncoder(OpenClipConfig("tiny", path, config_file=config))


def _json(model: dict[str, object], tower: str) -> str:
    return str(model[f"{tower}_cfg"]).replace("'", '"')


@given(st.integers(0, len(BANK) - 1))
def test_a_picture_where_a_sentence_lies_is_told_by_that_sentence(n: int) -> None:
    space = KnownSpace()
    scenes = bridge(space).describe(pictures(space.texts[n : n + 1]))
    assert scenes.sentences[int(scenes.weights[0].argmax())] == BANK[n]
    assert scenes.weights.max() > 0.99


@settings(max_examples=30)
@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 50))
def test_weights_add_up_to_one_and_fall_with_the_distance(seed: int, count: int, top: int) -> None:
    space = KnownSpace()
    seen = unit(np.random.default_rng(seed).standard_normal((count, 24)))
    scenes = bridge(space, top).describe(pictures(seen))
    np.testing.assert_allclose(scenes.weights.sum(axis=1), 1.0)
    assert ((scenes.weights > 0).sum(axis=1) <= min(top, len(BANK))).all()
    cosines = seen @ space.encode_texts(scenes.sentences).T
    for row, near in zip(scenes.weights, cosines, strict=True):
        in_order = row[np.argsort(-near, kind="stable")]
        assert (np.diff(in_order) <= 1e-12).all()


def test_two_equal_sentences_share_a_picture_equally() -> None:
    space = KnownSpace()
    space.texts[7] = space.texts[3]
    scenes = bridge(space, 2).describe(pictures(space.texts[3:4]))
    assert scenes.sentences == (BANK[3], BANK[7])
    np.testing.assert_allclose(scenes.weights, [[0.5, 0.5]])


def test_the_bank_is_read_once_however_much_is_seen() -> None:
    space = KnownSpace()
    made = bridge(space)
    for n in range(4):
        made.describe(pictures(space.texts[n : n + 2]))
    assert space.readings == 1


def test_a_picture_told_by_one_sentence_lies_where_the_story_adapter_puts_it() -> None:
    space, story = KnownSpace(), adapters()
    scenes = bridge(space, 1).describe(pictures(space.texts[[4, 9, 4]]))
    points = scenes.to_clap(story, seed=3)
    alone = story.to_clap(scenes.to_story(), seed=3)
    np.testing.assert_allclose(points, alone[[0, 1, 0]], atol=1e-6)
    assert scenes.times_s.tolist() == [0.5, 1.5, 2.5]


def test_several_sentences_meet_between_their_points() -> None:
    space, story = KnownSpace(), adapters()
    middle = unit((space.texts[4:5] + space.texts[9:10]).astype(np.float64))
    scenes = bridge(space, 2).describe(pictures(middle))
    (point,) = scenes.to_clap(story, seed=3)
    ends = story.to_clap(scenes.to_story(), seed=3)
    assert np.linalg.norm(point) == pytest.approx(1.0, abs=1e-5)
    assert (ends @ point > ends[0] @ ends[1] - 1e-6).all()


def test_a_picture_without_numbers_is_refused() -> None:
    with pytest.raises(BadEncoderWeights, match="no numbers"):
        bridge().describe(pictures(np.full((1, 24), np.nan, np.float32)))


def test_the_same_frames_give_the_same_points(clip: OpenClipEncoder) -> None:
    seen = Features("video", clip.name, clip.embed(np.stack(shots([2, 2]))), np.arange(4.0))
    story = adapters()
    first, again = (SceneBridge(clip, BANK).describe(seen).to_clap(story, seed=1) for _ in range(2))
    assert first.shape == (4, 12)
    assert first.tobytes() == again.tobytes()


def test_short_texts_are_read_as_they_would_be_in_full(clip: OpenClipEncoder) -> None:
    texts = [*scene_sentences()[:70], "one", "a long sentence " * 20]
    tokens = open_clip.tokenizer.SimpleTokenizer(context_length=24)(texts)
    model: CLIP = clip._model
    with torch.inference_mode():
        full = model.encode_text(tokens, normalize=True).numpy()
    np.testing.assert_allclose(clip.encode_texts(texts), full, atol=1e-5)


def test_the_bank_is_a_few_hundred_plain_sentences_each_once() -> None:
    sentences = scene_sentences()
    assert 250 <= len(sentences) <= 400
    assert len({s.lower() for s in sentences}) == len(sentences)
    assert all(s[0].isupper() and s.endswith(".") and 2 < len(s.split()) < 16 for s in sentences)


@pytest.mark.parametrize(
    ("text", "said"), [(None, "cannot be read"), ("{", "is not JSON"), ("[]", "does not describe"), ("{}", "knows no")]
)
def test_a_config_file_that_is_none_is_refused(clip: OpenClipEncoder, tmp_path: Path, text: str, said: str) -> None:
    torch.manual_seed(5)
    save_file(open_clip.CLIP(**MODEL).state_dict(), tmp_path / "tiny.safetensors")
    if text is not None:
        (tmp_path / "tiny.json").write_text(text)
    with pytest.raises(BadEncoderWeights, match=said):
        OpenClipEncoder(OpenClipConfig("x", tmp_path / "tiny.safetensors", config_file=tmp_path / "tiny.json"))
