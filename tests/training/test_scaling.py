"""Trials of the flow: each is its own, sees its share, is trained once and judged on what was held out."""

from pathlib import Path

import numpy as np
import pytest
import torch

from generators.flow.checkpoint import load_module
from generators.flow.parts import load_tensors
from generators.score.codec import Codec, CodecConfig
from generators.score.score_codec import ScoreCodec
from tests.training.evaluation.world import build
from training.evaluation.sounds import Stage
from training.evaluation.steps import latents_of
from training.flow import ExampleSampler, build_data
from training.musicality import Envelope, statistics
from training.scaling import HEADER, TRIALS, Ground, Trial, row, trained

SMALL = Trial(32, 2)
MINUTE = 1 / 60


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A small corpus with its codec, and captions of its held-out pieces."""
    material = build(tmp_path_factory.mktemp("world"))
    codec = load_module(material.bundle / "codec.safetensors", Codec, CodecConfig)
    train, tests = (build_data(material.corpus / split, codec, 16) for split in ("train", "valid"))
    written, score_codec = Stage(material).written[:2], ScoreCodec(codec)
    real = [w.real for w in written]
    envelope = Envelope.of([statistics(r) for r in real], 10.0, 90.0)
    return Ground(
        train, ExampleSampler(tests, codec.groups), codec, score_codec, written, envelope, latents_of(score_codec, real)
    )


def test_every_trial_has_a_folder_of_its_own() -> None:
    assert len({t.name for t in TRIALS}) == len(TRIALS)
    assert Trial(64, 3, transport=True).name != Trial(64, 3).name


def test_a_trial_has_its_size_and_its_time() -> None:
    preset = Trial(64, 3, times=2.0).preset(4.0)

    assert (preset.sizes["width"], preset.sizes["depth"], preset.minutes) == (64, 3, 8.0)


def test_a_share_of_the_pieces_is_all_that_is_drawn(ground: Ground) -> None:
    whole, third = (ExampleSampler(ground.train, ground.codec.groups, share=s) for s in (1.0, 1 / 3))

    assert len(whole.pieces) == len(ground.train.prepared)
    assert len(third.pieces) == round(len(whole.pieces) / 3)
    assert set(third.pieces) < set(whole.pieces)


def test_a_trained_trial_is_judged_and_not_trained_again(ground: Ground, tmp_path: Path) -> None:
    net = trained(SMALL, ground, tmp_path, MINUTE)
    steps = _steps(tmp_path / SMALL.name)

    again = trained(SMALL, ground, tmp_path, MINUTE)

    cells = row("all", MINUTE, net, ground)
    assert len(cells) == len(HEADER)
    assert np.isfinite([float(c) for c in cells[3:] if c is not None]).all()
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), again.parameters(), strict=True))
    assert _steps(tmp_path / SMALL.name) == steps > 0


def _steps(run: Path) -> int:
    (state,) = run.glob("state-?.safetensors")
    return int(load_tensors(state)[1]["step"])
