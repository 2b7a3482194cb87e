"""The parts: exact seams of the vocoder, the library's own decoder, and weights that do not fit."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from generators.audio.published.engine import PublishedAudio
from generators.audio.published.folder import open_folder
from generators.audio.published.parts import MelDecoder, Vocoder, load_tokenizer
from generators.errors import BadWeights
from tests.generators.audio.published.conftest import Written
from tests.generators.audio.published.tiny import BANDS, HOP, SAMPLE_RATE


@torch.inference_mode()
def test_sound_made_in_chunks_is_that_made_in_one(musicldm: Written) -> None:
    vocoder = Vocoder(open_folder(musicldm.folder))
    mel = torch.randn(1, 150, BANDS)

    whole = musicldm.pipeline.vocoder(mel)[:, : 150 * HOP]  # kernels of even width over odd steps add a few samples

    assert whole.std() > 0.01
    for chunk in (7, 40, 150):
        torch.testing.assert_close(vocoder(mel, chunk=chunk), whole, rtol=0, atol=1e-5)


@torch.inference_mode()
def test_latents_are_decoded_as_the_library_does(musicldm: Written) -> None:
    decoder, latents = MelDecoder(open_folder(musicldm.folder)), torch.randn(1, 4, 10, 4)

    theirs = musicldm.pipeline.vae.decode(latents / 0.9).sample

    assert (decoder.channels, decoder.scale) == (4, 2)
    torch.testing.assert_close(decoder(latents), theirs)


def test_rate_hop_and_bands_come_from_the_vocoders_config(musicldm: Written) -> None:
    vocoder = Vocoder(open_folder(musicldm.folder))
    assert (vocoder.sample_rate, vocoder.hop_length, vocoder.bands) == (SAMPLE_RATE, HOP, BANDS)


@pytest.mark.parametrize("rate", [0, 16, 1_000_000])
def test_a_rate_that_is_not_one_of_music_is_refused(spoiled: Path, rewrite: Callable[..., None], rate: int) -> None:
    rewrite(spoiled / "vocoder" / "config.json", sampling_rate=rate)
    with pytest.raises(BadWeights, match=f"sampling_rate of {rate} Hz"):
        Vocoder(open_folder(spoiled))


def test_a_rate_that_does_not_go_with_the_frames_is_refused(spoiled: Path, rewrite: Callable[..., None]) -> None:
    rewrite(spoiled / "vocoder" / "config.json", sampling_rate=96_000)
    with pytest.raises(BadWeights, match="2400 frames a second"):
        Vocoder(open_folder(spoiled))


def test_weights_that_lack_a_tensor_are_refused(spoiled: Path) -> None:
    path = spoiled / "vocoder" / "model.safetensors"
    save_file({name: t for name, t in load_file(path).items() if name != "conv_pre.weight"}, path, {"format": "pt"})
    with pytest.raises(BadWeights, match=r"conv_pre\.weight is missing"):
        Vocoder(open_folder(spoiled))


def test_weights_of_other_shapes_are_refused(spoiled: Path, rewrite: Callable[..., None]) -> None:
    rewrite(spoiled / "vae" / "config.json", latent_channels=6)
    with pytest.raises(BadWeights, match="vae"):
        MelDecoder(open_folder(spoiled))


@pytest.mark.parametrize("part", ["unet", "text_encoder", "tokenizer", "scheduler", "vae", "vocoder"])
def test_a_damaged_part_is_named(spoiled: Path, part: str) -> None:
    for path in (spoiled / part).iterdir():
        path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(BadWeights, match=part):
        PublishedAudio.load(spoiled)


def test_a_tokenizer_without_a_vocabulary_is_refused(spoiled: Path) -> None:
    for path in (spoiled / "tokenizer").iterdir():
        path.unlink()
    with pytest.raises(BadWeights, match="tokenizer"):
        load_tokenizer(open_folder(spoiled), "tokenizer")


def test_without_the_optional_package_the_way_to_install_it_is_told(
    musicldm: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(BadWeights, match=r"tonereel\[published\]"):
        PublishedAudio.load(musicldm.folder)
