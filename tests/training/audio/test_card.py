"""The model card's section on the audio engine's weights says what the manifest says."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from generators.errors import BadWeights
from generators.flow.parts import save_tensors
from schemas.manifest import Trained
from training.audio.card import LINE, numbers_in, section

PART = Trained(
    file="audio/flow.safetensors", licence="Apache-2.0", source="renders " * 20, data=("A", "B, its free part"),
    clips=1234, hours=2.56, held_out_clips=48, preset="gpu", device="NVIDIA H200", steps=60_000, minutes=11.6,
)  # fmt: skip


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    (tmp_path / "audio").mkdir()
    save_file({"a": torch.zeros(1000), "b": torch.zeros(234)}, tmp_path / "audio" / "flow.safetensors")
    return tmp_path


def test_every_figure_stands_in_the_table(bundle: Path) -> None:
    text = section([PART], bundle)

    assert "| `audio/flow.safetensors` | 1,234 | gpu | NVIDIA H200 | 1,234 | 2.6 | 48 | 60,000 | 12 |" in text
    assert "Collections: A; B, its free part." in text
    assert "Licence: Apache-2.0." in text
    assert "![How codec, vocoder and flow learned](../../docs/audio-learning.png)" in text
    assert all(len(line) <= LINE for line in text.splitlines())


def test_what_was_learned_from_recordings_names_no_collection(bundle: Path) -> None:
    own = PART.model_copy(update={"data": (), "source": "a folder of recordings", "licence": "as the recordings allow"})

    text = section([own], bundle)

    assert "Collections" not in text
    assert "Trained on a folder of recordings. Licence: as the recordings allow." in text


def test_without_weights_there_is_no_section(tmp_path: Path) -> None:
    assert section([], tmp_path) == ""


def test_numbers_are_counted_over_parts(tmp_path: Path) -> None:
    save_tensors(tmp_path / "x.safetensors", {f"{i}": torch.zeros(100) for i in range(5)}, {}, limit=900)

    assert numbers_in(tmp_path / "x.safetensors") == 500
    with pytest.raises(BadWeights, match="none"):
        numbers_in(tmp_path / "none.safetensors")
