import numpy as np
import pytest
import torch

from generators.flow.checkpoint import load_module
from generators.flow.dit import DiT, DiTConfig
from generators.score.codec import Codec, CodecConfig
from training.evaluation.material import Material
from training.evaluation.membership import Windows, attack, losses_of, measure, windows_of


def windows(material: Material, splits: tuple[str, ...], like: tuple[str, ...] = ()) -> Windows:
    codec = load_module(material.bundle / "codec.safetensors", Codec, CodecConfig)
    return windows_of(material, splits, codec, count=5, like=like)


def test_sets_with_the_same_losses_are_not_told_apart() -> None:
    losses = np.random.default_rng(0).uniform(0.5, 1.0, 200)

    gap, area = attack(losses, losses)

    assert gap.low < 0.0 < gap.high
    assert area.value == pytest.approx(0.5)


def test_members_learned_by_heart_are_given_away() -> None:
    losses = np.random.default_rng(1).uniform(0.5, 1.0, 100)

    gap, area = attack(losses - 1.0, losses)

    assert gap.value == pytest.approx(1.0)
    assert area.figures == (1.0, 1.0, 1.0)


def test_the_loss_of_a_piece_does_not_depend_on_the_others(material: Material) -> None:
    net = load_module(material.bundle / "flow.safetensors", DiT, DiTConfig)
    all_of = windows(material, ("train",))
    one = Windows(all_of.latents[2:3], all_of.controls[2:3], all_of.masks[2:3], all_of.valid[2:3], all_of.sources[2:3])

    together, alone = losses_of(net, all_of), losses_of(net, one)

    assert alone[0] == pytest.approx(together[2], rel=1e-4)


def test_what_lies_beyond_a_piece_does_not_count(material: Material) -> None:
    net = load_module(material.bundle / "flow.safetensors", DiT, DiTConfig)
    w = windows(material, ("train",))
    latents = torch.where(w.valid[..., None], w.latents, torch.full_like(w.latents, 9.0))

    spoiled = Windows(latents, w.controls, w.masks, w.valid, w.sources)

    assert losses_of(net, spoiled) == pytest.approx(losses_of(net, w), rel=1e-4)


def test_members_come_from_the_sources_of_the_others(material: Material) -> None:
    others = windows(material, ("valid", "test"))
    members = windows(material, ("train",), like=others.sources)

    assert sorted(members.sources) == sorted(others.sources)
    assert not torch.equal(members.latents, others.latents)


def test_an_untrained_flow_knows_no_members(material: Material) -> None:
    report = measure(material)

    assert 0.0 <= report.figures["membership AUC"] <= 1.0
    assert "| all |" in report.section.body
