"""Adapting the flow: only additions are trained, the loss on recordings falls, and the folder is a whole engine."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from encoders.clap import ClapConfig, ClapNet
from generators.audio.engine import AudioEngine
from generators.audio.own import load_own
from generators.errors import BadWeights
from generators.flow.checkpoint import load_module, save_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.lora import load_lora, lora_state, sha256_of
from tests.generators.audio.worlds import CHANNELS, DIM, LevelCodec, tiny_net, write_tiny_audio
from tests.training.audio.recorded import CLIP_S, music, write
from tests.training.audio.told import told_clips
from training.audio import flow
from training.audio.__main__ import read
from training.audio.adapt import adapt, check_fits
from training.audio.flow import ClipSampler, held_out_loss
from training.presets import AUDIO_FLOW, Preset

TINY = AUDIO_FLOW["tiny"].limited(None, float32=True, rate=2e-2)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    net = tiny_net()
    save_module(tmp_path / "base" / "flow.safetensors", net, net.config)
    return tmp_path / "base" / "flow.safetensors"


@pytest.fixture
def clips() -> tuple[ClipSampler, ClipSampler]:
    both = (told_clips(), told_clips(seed=9))
    return ClipSampler(both[0], frames=16), ClipSampler(both[1], frames=16)


def steps(count: int, *, seed: int = 0) -> Preset:
    return Preset(count, TINY.batch, learning_rate=TINY.learning_rate, bfloat16=False, seed=seed)


def test_the_loss_falls_while_the_base_stays(
    base: Path, clips: tuple[ClipSampler, ClipSampler], tmp_path: Path
) -> None:
    before, net = sha256_of(base), load_module(base, DiT, DiTConfig)

    made = adapt(base, clips, run=tmp_path / "run", preset=TINY, rank=4)

    told = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert told["after"] < 0.95 * told["before"]
    assert held_out_loss(made, clips[1], batches=2, size=8) < held_out_loss(net, clips[1], batches=2, size=8)
    assert sha256_of(base) == before == (tmp_path / "run" / "start.sha256").read_text()
    moved = {n for n, value in made.state_dict().items() if not torch.equal(value, net.state_dict()[n])}
    assert moved == {f"blocks.{i}.{n}.weight" for i in range(2) for n in ("qkv", "out", "expand", "shrink")}


def test_what_is_written_is_small_alone_and_whole_in_one(
    base: Path, clips: tuple[ClipSampler, ClipSampler], tmp_path: Path
) -> None:
    made = adapt(base, clips, run=tmp_path / "run", preset=steps(5), rank=1)

    alone = load_lora(tmp_path / "run" / "lora.safetensors", base)
    whole = load_module(tmp_path / "run" / "flow.safetensors", DiT, DiTConfig)
    assert sum(value.numel() for value in lora_state(alone).values()) < sum(p.numel() for p in made.parameters()) / 5
    losses = [held_out_loss(net, clips[1], batches=1, size=8) for net in (made, alone, whole)]
    assert losses == pytest.approx([losses[0]] * 3, rel=1e-3)  # half precision


def test_a_training_that_was_stopped_goes_on(
    base: Path, clips: tuple[ClipSampler, ClipSampler], tmp_path: Path
) -> None:
    first, done, further = (
        adapt(base, clips, run=tmp_path / "run", preset=preset, rank=2)
        for preset in (steps(3), steps(3, seed=1), steps(6, seed=1))
    )

    weights = [net.state_dict()["blocks.0.qkv.weight"] for net in (first, done, further)]
    assert torch.equal(weights[0], weights[1])  # another seed would begin elsewhere
    assert not torch.equal(weights[0], weights[2])


def test_a_run_of_another_rank_or_base_is_not_gone_on_with(
    base: Path, clips: tuple[ClipSampler, ClipSampler], tmp_path: Path
) -> None:
    adapt(base, clips, run=tmp_path / "run", preset=steps(1), rank=2)

    with pytest.raises(BadWeights, match="another base or rank"):
        adapt(base, clips, run=tmp_path / "run", preset=steps(2), rank=3)
    net = tiny_net(strides=True)
    save_module(base, net, net.config)
    with pytest.raises(BadWeights, match="another base or rank"):
        adapt(base, clips, run=tmp_path / "run", preset=steps(2), rank=2)


def test_weights_for_another_codec_or_clap_are_refused_before_any_training(base: Path) -> None:
    check_fits(base, LevelCodec(), DIM)
    with pytest.raises(BadWeights, match=f"codec has {CHANNELS + 1}"):
        check_fits(base, LevelCodec(channels=CHANNELS + 1), DIM)
    with pytest.raises(BadWeights, match=f"CLAP points of {DIM} numbers"):
        check_fits(base, LevelCodec(), DIM + 1)


def test_one_command_makes_an_engine_of_a_folder_of_recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    bundle = write_tiny_audio(tmp_path / "audio", dim=8)
    config = ClapConfig(dim=8, width=4)
    torch.manual_seed(0)
    save_module(tmp_path / "clap.safetensors", ClapNet(config), config)
    for n in range(2):
        write(tmp_path / "mine" / f"{n}.wav", music(CLIP_S, seed=n))
    (tmp_path / "mine" / "0.txt").write_text("grey noise")
    words = (
        f"flow --audio mine --lora 2 --start {bundle}/flow.safetensors --clap clap.safetensors --preset tiny --float32"
    )

    flow.run(read([*words.split(), "--run", "adapted", "--pool", "runs/pool"]))

    engine = AudioEngine.load(tmp_path / "adapted")
    told = json.loads((tmp_path / "adapted" / "metrics.json").read_text())
    assert told["after"] < told["before"]
    (tmp_path / "adapted" / "flow.safetensors").unlink()  # the additions say the same over the bundle
    over = load_own(tmp_path / "adapted", bundle)
    assert all(
        np.allclose(value, over.net.state_dict()[name], atol=2e-3) for name, value in engine.net.state_dict().items()
    )
