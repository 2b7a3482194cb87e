"""Weights on disk come back, and damage is named."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from generators.errors import BadWeights
from generators.flow.checkpoint import load_module, save_module
from generators.flow.eight_bits import STEP, in_eight_bits
from generators.flow.head import FlowHead, FlowHeadConfig
from generators.flow.parts import save_tensors

CONFIG = FlowHeadConfig(channels=3, condition=2, width=16, depth=1)


def test_a_module_comes_back_with_its_config_in_half_precision(tmp_path: Path) -> None:
    torch.manual_seed(0)
    head = FlowHead(CONFIG)
    save_module(tmp_path / "head.safetensors", head, CONFIG)

    back = load_module(tmp_path / "head.safetensors", FlowHead, FlowHeadConfig)

    assert back.config == CONFIG
    for name, value in head.state_dict().items():
        assert torch.allclose(back.state_dict()[name], value, atol=1e-3)


def test_a_module_comes_back_from_parts(tmp_path: Path) -> None:
    torch.manual_seed(0)
    head = FlowHead(CONFIG)
    save_module(tmp_path / "head.safetensors", head, CONFIG, limit=2000)

    back = load_module(tmp_path / "head.safetensors", FlowHead, FlowHeadConfig)

    assert not (tmp_path / "head.safetensors").exists()
    assert back.config == CONFIG
    for name, value in head.state_dict().items():
        assert torch.allclose(back.state_dict()[name], value, atol=1e-3)
    next(tmp_path.glob("head-00001-of-*")).unlink()
    with pytest.raises(BadWeights, match="is missing, one of"):
        load_module(tmp_path / "head.safetensors", FlowHead, FlowHeadConfig)


def test_a_missing_or_damaged_file_is_bad_weights(tmp_path: Path) -> None:
    with pytest.raises(BadWeights, match=r"none\.safetensors"):
        load_module(tmp_path / "none.safetensors", FlowHead, FlowHeadConfig)
    (tmp_path / "text.safetensors").write_text("not weights")
    with pytest.raises(BadWeights, match="fetch the bundle again"):
        load_module(tmp_path / "text.safetensors", FlowHead, FlowHeadConfig)


def test_eight_bits_without_their_steps_are_bad_weights_that_are_named(tmp_path: Path) -> None:
    config = FlowHeadConfig(channels=3, condition=2, width=64, depth=1)
    packed = in_eight_bits(FlowHead(config).state_dict())
    told = {"config": json.dumps(asdict(config))}
    save_tensors(tmp_path / "head.safetensors", packed, told)
    whole = load_module(tmp_path / "head.safetensors", FlowHead, FlowHeadConfig)
    step = next(name for name in packed if name.endswith(STEP))
    save_tensors(tmp_path / "head.safetensors", packed | {step: packed[step][1:]}, told)

    assert whole.config == config
    with pytest.raises(BadWeights, match=r"head\.safetensors cannot be read .* in eight bits .*fetch the bundle again"):
        load_module(tmp_path / "head.safetensors", FlowHead, FlowHeadConfig)


def test_weights_of_another_shape_do_not_fit(tmp_path: Path) -> None:
    other = FlowHeadConfig(channels=4, condition=2, width=16, depth=1)
    save_module(tmp_path / "head.safetensors", FlowHead(other), CONFIG)

    with pytest.raises(BadWeights, match="does not fit"):
        load_module(tmp_path / "head.safetensors", FlowHead, FlowHeadConfig)
