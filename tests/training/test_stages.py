"""Every stage runs on its tiny preset, on real pieces of the arranger, through the code that trains what is shipped."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from generators.flow.checkpoint import load_module
from generators.score.codec import Codec, CodecConfig
from generators.score.controls import WIDTHS
from generators.score.engine import ScoreEngine
from generators.score.given import given_roles, repainted_bars
from generators.score.sampling import Sampling
from generators.score.score import Role
from generators.score.score_codec import ScoreCodec
from training.build import arranged_pieces
from training.clips import steady_plan
from training.codec import BarSampler, bar_loss
from training.codec import train as train_codec
from training.flow import ExampleSampler, build_data, new_net
from training.flow import train as train_flow
from training.pieces import load_pieces, save_pieces
from training.prepared import load_prepared, prepare
from training.presets import CODEC, FLOW


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small corpus, a codec and a flow, all tiny; one piece in seven is held out."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("runs")
    pieces = [replace(p, split="valid" if i % 7 == 6 else "train") for i, p in enumerate(arranged_pieces(14, seed=0))]
    save_pieces(folder / "corpus", pieces)
    for split in ("train", "valid"):
        prepare(folder / "corpus" / split, load_pieces(folder / "corpus", splits=frozenset({split})))
    data, held_out = (load_prepared(folder / "corpus" / split) for split in ("train", "valid"))
    codec = train_codec(data, held_out, folder / "codec", CODEC["tiny"])
    flow_data, flow_held_out = (build_data(folder / "corpus" / split, codec, 16) for split in ("train", "valid"))
    sampler, tests = (ExampleSampler(d, codec.groups) for d in (flow_data, flow_held_out))
    net = new_net(codec, clap_dim=16, preset=FLOW["tiny"])
    train_flow(net, sampler, tests, run=folder / "flow", preset=FLOW["tiny"])
    for stage in ("codec", "flow"):
        shutil.copy(folder / stage / f"{stage}.safetensors", folder)
    return folder


def test_training_the_codec_lowers_its_loss(runs: Path) -> None:
    data = load_prepared(runs / "corpus" / "train")
    sampler = BarSampler(data)
    trained = load_module(runs / "codec.safetensors", Codec, CodecConfig)
    torch.manual_seed(1)
    fresh = Codec(trained.config)
    batch = sampler.batch(*sampler.draw(64, np.random.default_rng(0)))

    losses = [float(bar_loss(c, batch, torch.Generator().manual_seed(0))[0].detach()) for c in (trained, fresh)]

    assert losses[0] < 0.6 * losses[1]


def test_latents_have_unit_variance_over_the_corpus(runs: Path) -> None:
    codec = load_module(runs / "codec.safetensors", Codec, CodecConfig)
    data = build_data(runs / "corpus" / "train", codec, 16)

    assert data.latents.shape[1] == codec.channels
    assert abs(float(data.latents.float().std()) - 1.0) < 0.1


def test_dropped_conditions_are_zero_and_given_latents_are_true(runs: Path) -> None:
    codec = load_module(runs / "codec.safetensors", Codec, CodecConfig)
    data = build_data(runs / "corpus" / "train", codec, 16)
    sampler = ExampleSampler(data, codec.groups)

    x_1, condition = sampler.draw(24, np.random.default_rng(0))

    wide = torch.repeat_interleave(condition.masks, torch.tensor(list(WIDTHS.values())), dim=-1)
    assert float((condition.controls * (1 - wide)).abs().max()) == 0.0
    given = torch.repeat_interleave(condition.given_groups, sampler.group_widths, dim=-1) > 0
    assert torch.equal(condition.given[given], x_1[given])
    assert bool(given.any())
    assert not bool(given.all())


def test_the_engine_composes_what_the_plan_asks_and_repeats_itself(runs: Path) -> None:
    engine = ScoreEngine.load(runs)
    piece = load_pieces(runs / "corpus")[0]
    plan = steady_plan(piece.score, piece.labels.style)
    clap = np.ones(16, np.float32) / 4.0

    first = engine.compose(plan, clap, seed=1, sampling=Sampling(steps=2))
    again = engine.compose(plan, clap, seed=1, sampling=Sampling(steps=2))

    assert first == again
    assert first.bars == len(plan.bars)


def test_given_roles_and_bars_come_back_exactly(runs: Path) -> None:
    engine = ScoreEngine.load(runs)
    piece = load_pieces(runs / "corpus")[1]
    plan = steady_plan(piece.score, piece.labels.style)
    clap = np.ones(16, np.float32) / 4.0

    keep = given_roles(piece.score, [Role.BASS])
    with_bass = engine.compose(plan, clap, seed=1, sampling=Sampling(steps=2), given=keep)
    repainted = engine.compose(plan, clap, seed=1, sampling=Sampling(steps=2), given=repainted_bars(piece.score, [3]))

    assert with_bass.parts[Role.BASS] == piece.score.parts.get(Role.BASS, ())
    per = plan.metre.steps_per_bar
    for role, notes in piece.score.parts.items():
        outside = [n for n in notes if n.onset // per != 3]
        assert [n for n in repainted.parts[role] if n.onset // per != 3] == outside


def test_encoding_a_score_alone_equals_encoding_it_in_the_corpus(runs: Path) -> None:
    codec = load_module(runs / "codec.safetensors", Codec, CodecConfig)
    data = build_data(runs / "corpus" / "train", codec, 16)
    piece = load_pieces(runs / "corpus", splits=frozenset({"train"}))[0]

    alone = torch.from_numpy(ScoreCodec(codec).encode(piece.score))

    assert torch.allclose(alone, data.latents[: piece.score.bars].float(), atol=0.05)
