"""Stories: sentences apart, vectors that mean something, pinned weights, clear limits."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders import story
from encoders.errors import BadEncoderWeights, EmptyStory, MediaTooLarge
from encoders.story import encode_caption, encode_sentences, encode_story, load_reader, split_sentences


def test_a_story_is_split_into_sentences_in_order() -> None:
    text = 'The sea was calm. "Run!" she cried. Was it 3.5 km?\n\nA new day'
    assert split_sentences(text) == ["The sea was calm.", '"Run!" she cried.', "Was it 3.5 km?", "A new day"]


def test_sentences_without_spaces_between_are_split_too() -> None:
    assert split_sentences("夜が来た。星が出た。") == ["夜が来た。", "星が出た。"]


@settings(max_examples=60)
@given(st.text(max_size=300))
def test_splitting_loses_no_words(text: str) -> None:
    kept = "".join("".join(split_sentences(text)).split())
    words = [character for character in text if character.isalnum()]
    assert [character for character in kept if character.isalnum()] == words


def test_a_sentence_without_an_end_is_cut_at_a_space() -> None:
    pieces = split_sentences("word " * 400)
    assert max(map(len, pieces)) <= 600
    assert " ".join(pieces).split() == ["word"] * 400


def test_vectors_are_unit_float32_one_a_sentence() -> None:
    features = encode_story("The sea was calm. A storm came. They fought all night.")
    assert features.kind == "story"
    assert features.vectors.dtype == np.float32
    assert features.vectors.shape == (3, 384)
    assert features.times_s.tolist() == [0.0, 0.0, 0.0]
    assert np.allclose(np.linalg.norm(features.vectors, axis=1), 1.0, atol=1e-5)


def test_like_meanings_lie_closer_than_unlike_ones() -> None:
    calm, peaceful, angry = encode_sentences(
        ["a calm sunset by the sea", "peaceful waves at dusk", "an angry crowd fights in the street"]
    )
    assert calm @ peaceful > calm @ angry + 0.3


def test_a_vector_does_not_depend_on_its_neighbours() -> None:
    texts = ["Short.", "A rather longer sentence about the quiet harbour at night.", "Middle sized one here."]
    together = encode_sentences(texts)
    alone = np.concatenate([encode_sentences([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-5


def test_vectors_are_those_of_the_published_model() -> None:
    import torch
    from transformers import AutoTokenizer
    from transformers.models.bert.modeling_bert import BertModel

    folder = story._package_folder()
    texts = ["a calm sunset by the sea", "Rain.", "Naïve café crowds wander through neon-lit streets at 3 a.m.!"]
    tokens = AutoTokenizer.from_pretrained(folder, local_files_only=True)(texts, padding=True, return_tensors="pt")
    with torch.inference_mode():
        hidden = BertModel.from_pretrained(folder, local_files_only=True)(**tokens).last_hidden_state
    mask = tokens["attention_mask"][..., None].float()
    expected = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1).numpy()
    assert np.abs(encode_sentences(texts) - expected).max() < 1e-5


def test_a_caption_is_one_vector_however_many_sentences() -> None:
    features = encode_caption("Slow piano. Rain on glass.")
    assert (features.kind, features.vectors.shape) == ("caption", (1, 384))


def test_no_sentences_give_no_vectors() -> None:
    assert encode_sentences([]).shape == (0, 384)


@pytest.mark.parametrize("text", ["", "  \n ", "...!?", "—"])
def test_a_text_without_words_is_refused(text: str) -> None:
    for encode in (encode_story, encode_caption):
        with pytest.raises(EmptyStory, match="write at least one"):
            encode(text)


def test_a_text_over_the_limit_is_refused() -> None:
    with pytest.raises(MediaTooLarge, match=r"20,001 characters; at most 20,000"):
        encode_story("a" * 20_001)


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadEncoderWeights, match="cannot be read"):
        load_reader(tmp_path)


def test_weights_with_another_hash_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(BadEncoderWeights, match=r"has sha256 [0-9a-f]{64}, not"):
        load_reader(tmp_path)
