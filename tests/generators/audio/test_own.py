"""What a folder of one's own lacks is the bundle's; what does not belong together is refused."""

import shutil
from pathlib import Path

import pytest
import torch

from generators.audio.own import load_own
from generators.errors import BadWeights
from generators.flow.checkpoint import load_module, save_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.lora import LoraConfig, adapted, lora_state, merged, save_lora, sha256_of
from tests.generators.audio.worlds import tiny_net, write_tiny_audio

LORA = LoraConfig(2, 4.0)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_tiny_audio(tmp_path / "bundle")


@pytest.fixture
def tuned(bundle: Path) -> DiT:
    """The bundle's flow with additions that say something."""
    net = adapted(load_module(bundle / "flow.safetensors", DiT, DiTConfig), LORA)
    torch.manual_seed(1)
    for value in lora_state(net).values():
        value.normal_()
    return net


def test_additions_alone_lie_over_the_bundle(bundle: Path, tuned: DiT, tmp_path: Path) -> None:
    save_lora(tmp_path / "mine" / "lora.safetensors", tuned, LORA, base=sha256_of(bundle / "flow.safetensors"))

    engine = load_own(tmp_path / "mine", bundle)

    made, wanted = engine.net.state_dict(), merged(tuned).state_dict()
    assert engine.codec.channels == 8
    assert engine.timbres
    assert engine.adapted
    assert all(torch.equal(made[name], value) for name, value in wanted.items())


def test_a_flow_is_taken_before_additions_and_with_its_own_codec(bundle: Path, tuned: DiT, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    save_lora(mine / "lora.safetensors", tuned, LORA, base="made for what nobody has any more")
    save_module(mine / "flow.safetensors", merged(tuned), tuned.config)
    for name in ("codec.safetensors", "vocoder.safetensors", "timbres.safetensors"):
        shutil.copy(bundle / name, mine / name)
        (bundle / name).unlink()

    engine = load_own(mine, bundle)

    assert engine.adapted
    name = "blocks.0.qkv.weight"
    assert torch.allclose(engine.net.state_dict()[name], merged(tuned).state_dict()[name], atol=1e-2)


def test_a_flow_for_another_codec_is_refused(bundle: Path, tmp_path: Path) -> None:
    other = tiny_net(channels=3)
    save_module(tmp_path / "mine" / "flow.safetensors", other, other.config)

    with pytest.raises(BadWeights, match="latents of 3 channels"):
        load_own(tmp_path / "mine", bundle)


def test_a_bundle_without_a_flow_says_which_file_is_missing(bundle: Path, tuned: DiT, tmp_path: Path) -> None:
    save_lora(tmp_path / "mine" / "lora.safetensors", tuned, LORA, base=sha256_of(bundle / "flow.safetensors"))
    (bundle / "flow.safetensors").unlink()

    with pytest.raises(BadWeights, match=r"bundle/flow\.safetensors"):
        load_own(tmp_path / "mine", bundle)
