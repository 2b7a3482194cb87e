"""A small world to judge: an untrained bundle, a corpus of a few pieces with clips, and a product that plays chords."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from encoders.clap import ClapConfig, ClapNet
from generators.flow.checkpoint import save_module
from generators.score.codec import Codec, CodecConfig
from generators.score.plan.brief import Plan
from generators.score.sampling import Sampling
from generators.score.score import Score
from generators.score.style import STYLES
from generators.waveform import Waveform
from schemas.request import MusicRequest
from training.build import arranged_pieces
from training.clips import steady_plan
from training.evaluation.material import Amounts, Material
from training.evaluation.product import Written
from training.flow import new_net
from training.pieces import Piece, load_pieces, save_pieces
from training.prepared import prepare
from training.presets import FLOW

RATE = 22050
SPLITS = ("train", "valid", "train", "test")
SMALL = Amounts(sentences=4, pictures=3, seconds=4.0, written=6, members=4, step_pieces=2)


def chords(*, major: bool, per_s: float, seconds: float = 6.0, sharp: float = 0.3) -> Waveform:
    """Struck triads of C with overtones: I, IV and V, so many a second."""
    n = int(seconds * RATE)
    out = np.zeros(n + RATE)
    t = np.arange(RATE) / RATE
    for i, start in enumerate(np.arange(0.0, seconds, 1.0 / per_s)):
        root = 261.63 * 2.0 ** ((0, 5, 7, 0)[i % 4] / 12)
        tones = (0, 4 if major or i % 4 == 2 else 3, 7)
        struck = sum(
            sharp**k * np.sin(2 * np.pi * (k + 1) * root * 2.0 ** (s / 12) * t) for s in tones for k in range(4)
        )
        at = int(start * RATE)
        out[at : at + RATE] += np.asarray(struck * np.exp(-6.0 * t))[: len(out) - at]
    samples: NDArray[np.float32] = (0.1 * out[:n]).astype(np.float32)
    return Waveform(samples[None], RATE)


class Chords:
    """Plays what the first words of a text ask for: `major` or not, `fast` or not; counts what it made."""

    label = "chords 1.0"

    def __init__(self) -> None:
        self.made = 0

    def make(self, request: MusicRequest) -> Waveform:
        self.made += 1
        text = str(getattr(request.sources[0], "text", ""))
        return chords(major="major" in text, per_s=4.0 if "fast" in text else 1.0, seconds=request.duration_s or 4.0)

    def write(self, pieces: Sequence[Piece], count: int, *, seed: int) -> list[Written]:
        found = []
        for i, piece in enumerate(pieces[:count]):
            plan = steady_plan(piece.score, piece.labels.style)
            points = np.ones((len(plan.bars), 16), np.float32) / 4.0
            found.append(Written(piece, piece.score, plan, points, seed + i, piece.score))
        return found

    def plan(self, request: MusicRequest, *, like: Written) -> Written:
        return replace(like, seed=request.seed)

    @property
    def sampling(self) -> Sampling:
        """As nets that were not distilled are solved."""
        return Sampling()

    def compose(self, written: Written, sampling: Sampling, *, best: bool) -> Score:
        """The real notes, the more of their first roles missing the fewer steps are taken."""
        roles = list(written.real.parts)
        keep = len(roles) if best else min(len(roles), sampling.steps)
        return replace(written.real, parts={r: written.real.parts[r] for r in roles[:keep]})

    def play(self, score: Score, plan: Plan, *, seed: int, seconds: float) -> Waveform:
        return chords(major=seed % 2 == 0, per_s=2.0, seconds=seconds)


def build(folder: Path) -> Material:
    """Everything small, in seconds."""
    torch.manual_seed(0)
    pieces = [replace(p, split=SPLITS[i % len(SPLITS)]) for i, p in enumerate(arranged_pieces(24, seed=2))]
    corpus, bundle = folder / "corpus", folder / "bundle"
    save_pieces(corpus, pieces)
    rng = np.random.default_rng(0)
    for split in set(SPLITS):
        mine = load_pieces(corpus, splits=frozenset({split}))
        prepare(corpus / split, mine)
        np.save(corpus / split / "mels.npy", rng.standard_normal((len(mine), 64, 60)).astype(np.float16))
        np.save(corpus / split / "chroma.npy", rng.dirichlet(np.ones(12), len(mine)).astype(np.float32))
        np.save(corpus / split / "mel_piece.npy", np.arange(len(mine)))
        (corpus / split / "clip_captions.json").write_text(json.dumps([p.captions[0] for p in mine]))
    clap, codec = ClapConfig(dim=16, width=8, styles=len(STYLES)), CodecConfig(channels=8, harmony=4, width=32)
    save_module(bundle / "clap.safetensors", ClapNet(clap), clap)
    net = Codec(codec)
    save_module(bundle / "codec.safetensors", net, codec)
    flow = new_net(net, clap_dim=16, preset=FLOW["tiny"])
    save_module(bundle / "flow.safetensors", flow, flow.config)
    return Material(bundle, corpus, folder / "cache", Chords(), SMALL)


def letters(texts: Sequence[str]) -> NDArray[np.float32]:
    """Vectors [S 384] that tell texts apart, without a sentence encoder."""
    rows = [
        np.random.default_rng(int(hashlib.sha256(t.encode()).hexdigest()[:8], 16)).standard_normal(384) for t in texts
    ]
    return np.stack(rows).astype(np.float32)
