"""How sentences feel: in range, in order, spread as labels are, and never of another encoder's vectors."""

from pathlib import Path

import numpy as np
import pytest
import torch

from encoders.errors import BadEncoderWeights
from encoders.features import Features
from encoders.feeling import FILE, Feeling, FeelingConfig
from generators.flow.checkpoint import save_module

CONFIG = FeelingConfig("words-v1", features=8, width=4)


def rows(count: int, *, encoder: str = "words-v1", width: int = 8) -> Features:
    vectors = np.random.default_rng(0).standard_normal((count, width)).astype(np.float32)
    return Features("story", encoder, vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.zeros(count))


@pytest.fixture
def feeling() -> Feeling:
    torch.manual_seed(0)
    return Feeling(CONFIG).eval()


def test_moods_have_the_spread_of_labels_and_the_order_of_levels(feeling: Feeling) -> None:
    told = rows(400)
    with torch.inference_mode():
        levels = feeling(torch.from_numpy(told.vectors))
    feeling.spread(levels)
    feeling.label_mean.copy_(torch.tensor([0.5, 0.4]))
    feeling.label_std.copy_(torch.tensor([0.1, 0.05]))

    moods = feeling.moods(told)

    np.testing.assert_allclose(moods.mean(axis=0), (0.5, 0.4), atol=0.01)
    np.testing.assert_allclose(moods.std(axis=0), (0.1, 0.05), atol=0.01)
    assert (np.argsort(moods[:, 0]) == np.argsort(levels[:, 0].numpy())).mean() > 0.98


def test_moods_stay_between_0_and_1_however_wide_they_are_spread(feeling: Feeling) -> None:
    feeling.label_std.fill_(50.0)
    feeling.read_mean.fill_(0.5)

    moods = feeling.moods(rows(50))

    assert moods.min() >= 0.0
    assert moods.max() <= 1.0


def test_a_sentence_feels_the_same_alone_and_among_others(feeling: Feeling) -> None:
    told = rows(6)
    alone = Features(told.kind, told.encoder, told.vectors[2:3], told.times_s[2:3])

    np.testing.assert_allclose(feeling.moods(alone)[0], feeling.moods(told)[2], atol=1e-6)


@pytest.mark.parametrize("told", [rows(2, encoder="words-v2"), rows(2, width=5)])
def test_vectors_of_another_encoder_are_refused(feeling: Feeling, told: Features) -> None:
    with pytest.raises(BadEncoderWeights, match="words-v1"):
        feeling.moods(told)


def test_it_is_saved_and_loaded_with_its_spread(feeling: Feeling, tmp_path: Path) -> None:
    feeling.label_mean.fill_(0.25)
    save_module(tmp_path / FILE, feeling, CONFIG, half=False)

    again = Feeling.load(tmp_path / FILE)

    np.testing.assert_allclose(again.moods(rows(3)), feeling.moods(rows(3)), atol=1e-6)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadEncoderWeights, match="fetch the bundle again"):
        Feeling.load(tmp_path / FILE)
