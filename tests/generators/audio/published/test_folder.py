"""A model's folder: what is looked at before any weights are read, and how each fault is told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from generators.audio.published.folder import INDEX, open_folder
from generators.errors import BadWeights
from tests.generators.audio.published.conftest import Written

UNET, WEIGHTS = "unet", "diffusion_pytorch_model.safetensors"


def test_both_layouts_are_known_as_the_library_writes_them(musicldm: Written, audioldm2: Written) -> None:
    assert open_folder(musicldm.folder).layout == "MusicLDMPipeline"
    assert open_folder(audioldm2.folder).layout == "AudioLDM2Pipeline"
    assert open_folder(audioldm2.folder).name == "tiny-audioldm2"


def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadWeights, match=INDEX):
        open_folder(tmp_path)


@pytest.mark.parametrize("text", ["", "[]"])
def test_a_broken_index_is_refused(spoiled: Path, text: str) -> None:
    (spoiled / INDEX).write_text(text)
    with pytest.raises(BadWeights, match="fetch"):
        open_folder(spoiled)


def test_an_unknown_layout_is_named_with_those_that_are_known(spoiled: Path, rewrite: Callable[..., None]) -> None:
    rewrite(spoiled / INDEX, _class_name="StableAudioPipeline")
    with pytest.raises(BadWeights, match=r"StableAudioPipeline.*MusicLDMPipeline, AudioLDM2Pipeline"):
        open_folder(spoiled)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        (None, "names no vocoder"),
        ([None, None], "names no vocoder"),
        (["transformers", "UnivNetModel"], "UnivNetModel.*known with SpeechT5HifiGan"),
        (["somebody", "SpeechT5HifiGan"], "somebody"),
    ],
)
def test_a_part_of_another_class_is_refused(
    spoiled: Path, rewrite: Callable[..., None], named: object, words: str
) -> None:
    rewrite(spoiled / INDEX, vocoder=named)
    with pytest.raises(BadWeights, match=words):
        open_folder(spoiled)


@pytest.mark.parametrize("gone", ["tokenizer", "unet"])
def test_a_missing_part_is_named(spoiled: Path, gone: str) -> None:
    (spoiled / gone).rename(spoiled / "elsewhere")
    with pytest.raises(BadWeights, match=f"{gone} is missing"):
        open_folder(spoiled)


@pytest.mark.parametrize("gone", ["config.json", WEIGHTS])
def test_a_missing_file_of_a_part_is_named(spoiled: Path, gone: str) -> None:
    (spoiled / UNET / gone).unlink()
    with pytest.raises(BadWeights, match=f"{gone} is missing"):
        open_folder(spoiled)


def test_pickled_weights_are_never_opened_and_the_way_out_is_told(spoiled: Path) -> None:
    (spoiled / UNET / WEIGHTS).rename(spoiled / UNET / "diffusion_pytorch_model.bin")
    with pytest.raises(BadWeights, match=r"pickled.*safe_serialization=True"):
        open_folder(spoiled)


def test_weights_in_several_files_are_refused_and_the_way_out_is_told(spoiled: Path) -> None:
    (spoiled / UNET / WEIGHTS).rename(spoiled / UNET / "diffusion_pytorch_model-00001-of-00001.safetensors")
    (spoiled / UNET / f"{WEIGHTS}.index.json").write_text("{}")
    with pytest.raises(BadWeights, match="max_shard_size"):
        open_folder(spoiled)
