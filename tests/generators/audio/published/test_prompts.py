"""Captions into conditions: those of the libraries, one caption as in company, and what does not fit."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from generators.audio.published.folder import open_folder
from generators.audio.published.prompts import AudioLdm2, Backbone, MusicLdm
from generators.errors import BadWeights
from tests.generators.audio.published.conftest import Written
from tests.generators.audio.published.tiny import CAPTION, CHANNELS, WINDOW

X, K = torch.randn(1, CHANNELS, 12, 4, generator=torch.Generator().manual_seed(3)), torch.tensor([400.0])


@pytest.fixture(scope="module", params=["musicldm", "audioldm2"])
def backbone(request: pytest.FixtureRequest) -> Backbone:
    written: Written = request.getfixturevalue(request.param)
    kind = MusicLdm if request.param == "musicldm" else AudioLdm2
    return kind(open_folder(written.folder))


def test_sizes_come_from_the_nets_config(backbone: Backbone) -> None:
    assert (backbone.channels, backbone.sample_size) == (CHANNELS, WINDOW)


@torch.inference_mode()
def test_a_caption_is_told_next_to_an_empty_one_as_it_is_alone(backbone: Backbone) -> None:
    both = backbone.told([CAPTION, ""])(torch.cat([X, X]), torch.cat([K, K]))

    assert (both[0] - both[1]).abs().max() > 1e-4
    torch.testing.assert_close(both[:1], backbone.told([CAPTION])(X, K), rtol=1e-4, atol=1e-5)


@torch.inference_mode()
def test_a_caption_of_any_length_is_taken(backbone: Backbone) -> None:
    long = backbone.told([" ".join([CAPTION] * 100)])(X, K)
    assert bool(torch.isfinite(long).all())


def test_clap_of_another_width_is_refused(spoiled: Path, rewrite: Callable[..., None]) -> None:
    rewrite(spoiled / "unet" / "config.json", projection_class_embeddings_input_dim=20)
    path = spoiled / "unet" / "diffusion_pytorch_model.safetensors"
    weights = load_file(path)
    weights["class_embedding.weight"] = torch.zeros(len(weights["class_embedding.weight"]), 20)
    save_file(weights, path)
    with pytest.raises(BadWeights, match="takes points of 20 numbers, CLAP's are 16"):
        MusicLdm(open_folder(spoiled))
