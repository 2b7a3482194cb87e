"""Laws of low-rank additions: they begin as nothing, fold into plain weights, and belong to one base."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from generators.errors import BadWeights
from generators.flow.checkpoint import load_module, parameters, save_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.lora import LoraConfig, adapted, load_lora, lora_state, merged, save_lora, sha256_of

NET = DiTConfig(channels=3, local=5, embedding=4, width=16, depth=2, heads=2, shared=True, reach=3)
LORA = LoraConfig(rank=2, alpha=4.0)


@pytest.fixture
def net() -> DiT:
    """Random, with nothing in it zero."""
    torch.manual_seed(0)
    made = DiT(NET).eval()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return made


def spoken(net: DiT) -> DiT:
    """The same additions with something to say."""
    torch.manual_seed(1)
    for value in lora_state(net).values():
        value.normal_(std=0.3)
    return net


def velocity(net: DiT) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    x_t, local, embedding = (torch.randn(2, 7, width, generator=generator) for width in (3, 5, 4))
    with torch.inference_mode():
        out: Tensor = net(x_t, torch.tensor([0.2, 0.7]), local, embedding, torch.ones(2, 7, dtype=torch.bool))
    return out


def test_additions_that_were_not_trained_change_nothing(net: DiT) -> None:
    assert torch.equal(velocity(adapted(net, LORA)), velocity(net))


def test_every_linear_layer_of_attention_and_mlp_is_adapted_and_nothing_else_is_trained(net: DiT) -> None:
    made = adapted(net, LORA)

    trained = {name for name, p in made.named_parameters() if p.requires_grad}

    layers = [f"blocks.{i}.{name}" for i in range(2) for name in ("qkv", "out", "expand", "shrink")]
    assert trained == set(lora_state(made)) == {f"{layer}.{part}" for layer in layers for part in ("down", "up")}
    ends = 2 * (16 + 48) + 2 * (16 + 16) + 4 * (16 + 64)  # rank x (in + out) of a block, its MLP twice
    assert sum(value.numel() for value in lora_state(made).values()) == 2 * ends
    assert parameters(made) - parameters(net) == 2 * ends


def test_the_net_that_is_adapted_is_left_as_it_is(net: DiT) -> None:
    before = {name: value.clone() for name, value in net.state_dict().items()}

    made = adapted(net, LORA).train()
    optimiser = torch.optim.SGD([p for p in made.parameters() if p.requires_grad], lr=0.1)
    for _ in range(2):  # the first step can move `up` only
        out = made(
            torch.ones(1, 4, 3), torch.tensor([0.5]), torch.ones(1, 4, 5), torch.ones(1, 4, 4), torch.ones(1, 4) > 0
        )
        optimiser.zero_grad()
        out.square().mean().backward()
        optimiser.step()

    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert all(torch.equal(made.state_dict()[name], value) for name, value in before.items())
    assert not torch.equal(velocity(made.eval()), velocity(net))


def test_merged_weights_say_the_same_as_additions(net: DiT) -> None:
    made = spoken(adapted(net, LORA))

    plain = merged(made)

    assert lora_state(plain) == {}
    assert set(plain.state_dict()) == set(net.state_dict())
    assert torch.allclose(velocity(plain), velocity(made), atol=1e-5)
    assert not torch.allclose(velocity(plain), velocity(net), atol=1e-2)


def test_alpha_scales_what_is_added(net: DiT) -> None:
    once, twice = (spoken(adapted(net, LoraConfig(2, alpha))) for alpha in (1.0, 2.0))

    weights = [dict(merged(n).named_parameters())["blocks.0.qkv.weight"] for n in (net, once, twice)]

    assert torch.allclose(weights[2] - weights[0], 2.0 * (weights[1] - weights[0]), atol=1e-6)


@pytest.mark.parametrize(("rank", "alpha"), [(0, 1.0), (-3, 1.0), (2, 0.0), (2, float("nan")), (2, float("inf"))])
def test_an_addition_of_nothing_is_refused(rank: int, alpha: float) -> None:
    with pytest.raises(BadWeights, match="rank of 1 or more"):
        LoraConfig(rank, alpha)


@pytest.fixture
def base(net: DiT, tmp_path: Path) -> Path:
    save_module(tmp_path / "flow.safetensors", net, NET)
    return tmp_path / "flow.safetensors"


def test_additions_come_back_over_their_base(base: Path, tmp_path: Path) -> None:
    made = spoken(adapted(load_module(base, DiT, DiTConfig), LORA))
    save_lora(tmp_path / "lora.safetensors", made, LORA, base=sha256_of(base))

    back = load_lora(tmp_path / "lora.safetensors", base)

    assert torch.equal(velocity(back), velocity(made))
    assert (tmp_path / "lora.safetensors").stat().st_size < base.stat().st_size
    assert not any(p.requires_grad for p in back.parameters())


def test_another_base_is_refused(net: DiT, base: Path, tmp_path: Path) -> None:
    save_lora(tmp_path / "lora.safetensors", adapted(net, LORA), LORA, base=sha256_of(base))
    with torch.no_grad():
        net.leave.bias.add_(1.0)
    save_module(tmp_path / "other.safetensors", net, NET)

    with pytest.raises(BadWeights, match=r"made for other weights .* than .*other\.safetensors"):
        load_lora(tmp_path / "lora.safetensors", tmp_path / "other.safetensors")


def test_what_is_no_addition_is_refused(net: DiT, base: Path, tmp_path: Path) -> None:
    with pytest.raises(BadWeights, match="cannot be read as additions"):
        load_lora(base, base)
    with pytest.raises(BadWeights, match=r"none\.safetensors"):
        load_lora(tmp_path / "none.safetensors", base)
    save_lora(tmp_path / "plain.safetensors", net, LORA, base=sha256_of(base))
    with pytest.raises(BadWeights, match="does not fit the layers"):
        load_lora(tmp_path / "plain.safetensors", base)
