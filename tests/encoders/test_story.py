"""Stories: sentences apart, vectors that mean something, pinned weights, clear limits."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders import story
from encoders.errors import BadEncoderWeights, EmptyStory, MediaTooLarge
from encoders.story import (
    NEUTRAL,
    encode_caption,
    encode_sentences,
    encode_story,
    load_reader,
    passages_of,
    split_clauses,
    split_sentences,
)


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


def test_a_caption_is_read_whole_and_clause_by_clause() -> None:
    features = encode_caption("Slow piano. Rain on glass.")

    assert (features.kind, features.vectors.shape) == ("caption", (3, 384))
    assert np.allclose(features.vectors[0], encode_sentences(["Slow piano. Rain on glass."])[0], atol=1e-5)


def test_no_sentences_give_no_vectors() -> None:
    assert encode_sentences([]).shape == (0, 384)


@pytest.mark.parametrize("text", ["", "  \n ", "...!?", "—"])
def test_a_text_without_words_is_refused(text: str) -> None:
    for encode in (encode_story, encode_caption):
        with pytest.raises(EmptyStory, match="write at least one"):
            encode(text)


def test_a_text_over_the_limit_is_refused() -> None:
    with pytest.raises(MediaTooLarge, match=r"200,001 characters; at most 200,000 are read: shorten it or score"):
        encode_story("a" * 200_001)


def test_a_short_story_is_read_sentence_by_sentence_with_the_numbers_of_its_paragraphs() -> None:
    passages = passages_of("The sea was calm. A storm came.\n\n...\n\nThey 😂 all night.")
    assert [(p.text, p.paragraph) for p in passages] == [
        ("The sea was calm.", 0),
        ("A storm came.", 0),
        ("They face with tears of joy, all night.", 1),
    ]


@settings(max_examples=40)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=60), st.integers(1, 20))
def test_long_stories_are_joined_into_passages_that_lose_no_word(lengths: list[int], most: int) -> None:
    sentences = [" ".join(f"W{i}x{k}" for k in range(n)) + "." for i, n in enumerate(lengths)]
    passages = passages_of("\n\n".join(sentences), most=most)
    assert len(passages) <= max(most, 1)
    assert " ".join(p.text for p in passages).split() == " ".join(sentences).split()
    assert [p.paragraph for p in passages] == sorted({p.paragraph for p in passages})


def test_a_novella_of_20000_words_is_divided_evenly() -> None:
    passages = passages_of(
        "\n\n".join("The sea was calm and the old boat lay still. Then a storm." for _ in range(1600))
    )
    *lengths, _rest = (len(p.text) for p in passages)
    assert 256 <= len(passages) <= 512
    assert max(lengths) <= 2 * min(lengths)


@pytest.mark.parametrize("text", ["夜が来た。星が出た。", "Ночь пришла.", "مرحبا بالعالم"])
def test_letters_that_the_encoder_does_not_know_are_read_as_neutral(text: str) -> None:
    neutral = encode_caption(NEUTRAL).vectors
    assert np.allclose(encode_story(text).vectors, neutral[0], atol=1e-5)
    assert np.allclose(encode_caption(text).vectors, neutral, atol=1e-5)


def test_of_a_mixed_story_only_the_foreign_sentences_are_neutral() -> None:
    mixed = encode_story("The sea was calm. Ночь пришла.").vectors
    assert np.allclose(mixed, encode_sentences(["The sea was calm.", NEUTRAL]), atol=1e-5)


def test_emoji_alone_say_what_they_show() -> None:
    party, grief = encode_caption("🎉🎉😂").vectors[0], encode_caption("💔😭").vectors[0]
    happy, sad = encode_sentences(["a happy celebration, everyone laughs", "a sad person is crying"])
    assert party @ happy > party @ sad
    assert grief @ sad > grief @ happy


def test_clauses_are_what_signs_divide_and_numbers_stay_whole() -> None:
    text = "calm piano, 92.5 bpm - in D minor: rain (softly)\nno drums"
    assert split_clauses(text) == ["calm piano", "92.5 bpm", "in D minor", "rain (softly", "no drums"]
    assert len(split_clauses("word, " * 100)) == 24
    assert split_clauses("... !") == []


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadEncoderWeights, match="cannot be read"):
        load_reader(tmp_path)


def test_weights_with_another_hash_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(BadEncoderWeights, match=r"has sha256 [0-9a-f]{64}, not"):
        load_reader(tmp_path)
