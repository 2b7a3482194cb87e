"""The score's stages keep what they work with on their device: two steps each on an accelerator that is not there."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.training.accelerator import accelerator, came_home
from training import clap, codec, distil, flow
from training.build import arranged_pieces
from training.pieces import load_pieces, save_pieces
from training.prepared import Prepared, load_prepared, prepare
from training.presets import CLAP, CODEC, DISTIL, FLOW, Preset

PIECES = 14
pytestmark = pytest.mark.filterwarnings("ignore:for .*no-op")  # said of the device's stand-in, wrongly


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pieces of the arranger with made-up clips; one in seven is held out."""
    folder = tmp_path_factory.mktemp("corpus")
    pieces = [
        replace(p, split="valid" if i % 7 == 6 else "train") for i, p in enumerate(arranged_pieces(PIECES, seed=0))
    ]
    save_pieces(folder, pieces)
    rng = np.random.default_rng(0)
    for split in ("train", "valid"):
        own = load_pieces(folder, splits=frozenset({split}))
        prepare(folder / split, own)
        np.save(folder / split / "mels.npy", rng.standard_normal((len(own), 64, 215)).astype(np.float16))
        np.save(folder / split / "chroma.npy", rng.dirichlet(np.ones(12), len(own)).astype(np.float32))
        np.save(folder / split / "mel_piece.npy", np.arange(len(own)))
        (folder / split / "clip_captions.json").write_text(json.dumps([f"Clip {i}." for i in range(len(own))]))
    return folder


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for stage in (clap, distil):
        monkeypatch.setattr(stage, "EVALUATE_EVERY", 2)
    with accelerator(monkeypatch) as name:
        yield name


def _two_steps(presets: dict[str, Preset], device: str) -> Preset:
    return replace(presets["tiny"], steps=2, batch=8, device=device, bfloat16=False)


def _prepared(corpus: Path) -> tuple[Prepared, Prepared]:
    return load_prepared(corpus / "train"), load_prepared(corpus / "valid")


def test_clap(device: str, corpus: Path, tmp_path: Path) -> None:
    data, held_out = (clap.load_data(corpus, [split]) for split in ("train", "valid"))

    net = clap.train(data, held_out, tmp_path, _two_steps(CLAP, device))

    assert came_home(net)
    assert "text_to_audio_r10" in json.loads((tmp_path / "metrics.json").read_text())


def test_codec_flow_and_distillation(device: str, corpus: Path, tmp_path: Path) -> None:
    data = _prepared(corpus)
    made = codec.train(*data, tmp_path, _two_steps(CODEC, device))
    made = codec.refine(made, *data, tmp_path / "refined", _two_steps(CODEC, device))
    sampler, tests = (
        flow.ExampleSampler(flow.build_data(corpus / s, made, 16), made.groups) for s in ("train", "valid")
    )
    net = flow.new_net(made, clap_dim=16, preset=FLOW["tiny"])

    teacher = flow.train(net, sampler, tests, run=tmp_path / "flow", preset=_two_steps(FLOW, device), transport=True)
    (path,) = distil.trajectories(teacher, sampler, tmp_path / "taught", count=1, size=4, device=device)
    taught = distil.read(path, device=device)
    material = distil.Material([taught], sampler, taught, tests)
    student = distil.train(distil.student_of(teacher), material, tmp_path / "distil", _two_steps(DISTIL, device))

    assert came_home(made)
    assert came_home(student)
    assert taught.states.isfinite().all()
