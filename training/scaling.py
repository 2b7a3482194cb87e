"""What more data, a larger net, more time and minibatch transport buy: `python -m training.scaling`.

Every row is a flow trained from nothing for the same minutes, so that a table of them tells what to spend next on.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from benchmarks.machine import setting
from benchmarks.product import StudioProduct
from benchmarks.table import Cell, Section, table
from generators.flow.checkpoint import load_module, parameters
from generators.flow.dit import DiT, DiTConfig
from generators.score.codec import Codec, CodecConfig
from generators.score.engine import ScoreEngine
from generators.score.score_codec import ScoreCodec
from training.bundle import read_manifest
from training.evaluate import write
from training.evaluation.product import Written
from training.evaluation.steps import Quality, latents_of, quality
from training.flow import ExampleSampler, FlowData, build_data, held_out_loss, new_net, train
from training.frechet import Gaussian
from training.musicality import Envelope, statistics
from training.pieces import load_pieces
from training.presets import FLOW, Preset

HEADER = ["pieces seen", "minutes", "size", "held-out loss", "misfit", "inside 10th-90th", "latents"]
SAID = (
    "Each row is a flow trained from nothing, all on one thread of the same processor. Held-out loss: squared error of "
    "the velocity on windows of held-out pieces, the same noise for every row. Misfit, inside and latents as in "
    "*Evaluations of the flow*, one draw for each of the same held-out captions.\n\n"
)


@dataclass(frozen=True)
class Trial:
    """One flow: its size, the share of the training pieces that it sees, for how long, and how noise is dealt out."""

    width: int
    depth: int
    share: float = 1.0
    times: float = 1.0
    transport: bool = False

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.width}x{self.depth}-{self.share:g}-{self.times:g}{'-transport' if self.transport else ''}"

    def preset(self, minutes: float) -> Preset:
        """The `cpu` preset in this size for so many minutes, times its own."""
        small = FLOW["cpu"].limited(self.times * minutes, float32=True)
        return replace(small, sizes={"width": self.width, "depth": self.depth, "heads": 4})


TRIALS = (
    Trial(128, 4, share=0.1),
    Trial(128, 4, share=0.3),
    Trial(128, 4),
    Trial(128, 4, times=2.0),
    Trial(64, 3),
    Trial(256, 6),
    Trial(128, 4, transport=True),
)


@dataclass(frozen=True)
class Ground:
    """What all trials share: data of both splits, the codec, and captions of held-out pieces to compose for."""

    train: FlowData
    tests: ExampleSampler
    codec: Codec
    score_codec: ScoreCodec
    written: Sequence[Written]
    envelope: Envelope
    reference: Gaussian


def trained(trial: Trial, ground: Ground, run: Path, minutes: float) -> DiT:
    """The trial's flow; one that was trained before is read."""
    torch.manual_seed(0)
    preset = trial.preset(minutes)
    sampler = ExampleSampler(ground.train, ground.codec.groups, share=trial.share)
    net = new_net(ground.codec, clap_dim=ground.train.clap_dim, preset=preset)
    return train(net, sampler, ground.tests, run=run / trial.name, preset=preset, transport=trial.transport)


def judged(net: DiT, ground: Ground) -> Quality:
    """How its music for held-out captions is, one draw each."""
    engine = ScoreEngine(ground.score_codec, net)
    scores = [engine.compose(w.plan, w.points, seed=w.seed) for w in ground.written]
    return quality(scores, ground.written, ground.envelope, ground.score_codec, ground.reference)


def row(seen: str, minutes: float | None, net: DiT, ground: Ground) -> list[Cell]:
    """What the table says of a flow that has seen some pieces for so many minutes."""
    found = judged(net, ground)
    loss = held_out_loss(net, ground.tests, batches=8, size=32)
    return [seen, minutes, f"{parameters(net) / 1e6:.1f} M", loss, found.misfit, found.inside, found.distance]


def ground_of(data: Path, bundle: Path, pieces: int) -> Ground:
    """Read and encode the corpus; plan `pieces` captions of held-out pieces with a bundle's towers."""
    codec = load_module(bundle / "codec.safetensors", Codec, CodecConfig)
    product = StudioProduct(bundle)
    dim = load_module(bundle / "flow.safetensors", DiT, DiTConfig).config.embedding - 1
    train_data, test_data = (build_data(data / split, codec, dim) for split in ("train", "valid"))
    written = product.write(load_pieces(data, splits=frozenset({"valid", "test"})), pieces, seed=0)
    score_codec = ScoreCodec(codec)
    return Ground(
        train_data,
        ExampleSampler(test_data, codec.groups),
        codec,
        score_codec,
        written,
        Envelope.of([statistics(w.real) for w in written], 10.0, 90.0),
        latents_of(score_codec, [w.real for w in written]),
    )


def main() -> None:
    """The command line; trials that were trained before are not trained again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--bundle", type=Path, default=Path("weights/tonereel-mini"))
    parser.add_argument("--run", type=Path, default=Path("runs/scaling"))
    parser.add_argument("--minutes", type=float, default=4.0, help="of each trial")
    parser.add_argument("--pieces", type=int, default=12, help="to compose for captions with each")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/RESULTS.md"))
    args = parser.parse_args()
    began, at = time.perf_counter(), setting(read_manifest(args.bundle).label)
    ground = ground_of(args.data, args.bundle, args.pieces)
    rows = []
    for trial in TRIALS:
        seen = f"{trial.share * len(ground.train.prepared):,.0f}{', transport' if trial.transport else ''}"
        net = trained(trial, ground, args.run, args.minutes)
        rows.append(row(seen, trial.times * args.minutes, net, ground))
    rows.append(row("the bundle's", None, load_module(args.bundle / "flow.safetensors", DiT, DiTConfig), ground))
    line = at.line(f"python -m training.scaling --minutes {args.minutes:g}", time.perf_counter() - began)
    write(args.out, Section("scaling", "What data, size and time buy the flow", f"{line}\n{SAID}{table(HEADER, rows)}"))


if __name__ == "__main__":
    main()
