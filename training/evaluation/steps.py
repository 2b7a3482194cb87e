"""What more evaluations of the flow buy, and what they cost."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Cell, Section, table, verdict
from generators.flow.solver import SolverName
from generators.score.fit import misfit
from generators.score.sampling import Sampling
from generators.score.score import Score
from generators.score.score_codec import ScoreCodec
from schemas.request import MusicRequest
from schemas.source import CaptionSource
from training.evaluation.material import Material
from training.evaluation.product import Product, Written
from training.evaluation.report import Report
from training.evaluation.sounds import Stage
from training.frechet import Gaussian, frechet
from training.musicality import NAMES, Envelope, statistics

EVALUATIONS = (1, 2, 4, 8, 16, 32)
A_STEP = {SolverName.EULER: 1, SolverName.MIDPOINT: 2, SolverName.HEUN: 2}
SECONDS = 60.0
BAR_S = 1.0
RUNS = 3


@dataclass(frozen=True)
class Setting:
    """One way to solve the flow: guided, which costs two calls of the net an evaluation, or by strides, one call."""

    solver: SolverName
    evaluations: int
    strides: bool = False

    @property
    def name(self) -> str:
        """As the table calls it."""
        return f"{'strides' if self.strides else 'guided ' + self.solver.value} {self.evaluations}"

    @property
    def sampling(self) -> Sampling:
        """The product's sampling with this solver and as many evaluations."""
        guided = replace(Sampling(), solver=self.solver, steps=self.evaluations // A_STEP[self.solver])
        return replace(guided, guidance=1.0, strides=True) if self.strides else guided


STRIDES = tuple(Setting(SolverName.EULER, k, strides=True) for k in EVALUATIONS[:4])
SETTINGS = tuple(
    Setting(solver, k) for solver in (SolverName.EULER, SolverName.MIDPOINT) for k in EVALUATIONS if k >= A_STEP[solver]
)


@dataclass(frozen=True)
class Quality:
    """Of pieces solved in one way: misfit to their plans, statistics inside the envelope, distance of bar latents."""

    misfit: float
    inside: float
    distance: float


def measure(material: Material, stage: Stage) -> Report:
    """Quality over captions of held-out pieces, and the time that a piece of a minute takes."""
    chosen = stage.written[: material.amounts.step_pieces]
    codec = ScoreCodec.load(material.bundle / "codec.safetensors")
    envelope = Envelope.of([statistics(w.real) for w in stage.written], 10.0, 90.0)
    reference = latents_of(codec, [w.real for w in stage.written])
    minute = a_minute(material.product, stage.written)
    rows: list[list[Cell]] = []
    series: dict[str, list[float]] = {}
    figures: dict[str, float] = {}
    usual = material.product.sampling
    for setting in (*(STRIDES if usual.strides else ()), *SETTINGS):
        scores = [material.product.compose(w, setting.sampling, best=False) for w in chosen]
        q = quality(scores, chosen, envelope, codec, reference)
        one, ten = (seconds(material.product, minute, setting, best=best) for best in (False, True))
        default, name = setting.sampling == usual, setting.name
        way = name.rsplit(" ", 1)[0]
        rows.append([f"**{name}**" if default else name, q.misfit, q.inside, q.distance, one, ten])
        for key, value in (("misfit", q.misfit), ("inside", q.inside), ("latents", q.distance), ("seconds", one)):
            series.setdefault(f"{way} {key}", []).append(value)
        series.setdefault(f"{way} evaluations", []).append(float(setting.evaluations))
        if default:
            figures |= {"default steps: seconds for a minute, all draws": ten, "default steps: misfit": q.misfit}
    real = quality([w.real for w in chosen], chosen, envelope, codec, reference)
    rows.append(["held-out pieces themselves", real.misfit, real.inside, real.distance, None, None])
    header = ["evaluations", "misfit", "inside 10th-90th", "latents", "one draw of 60 s, s", "all draws, s"]
    spent = figures.get("default steps: seconds for a minute, all draws", float("inf"))
    return Report(
        Section("steps", "Evaluations of the flow", _said(len(chosen), spent) + table(header, rows)), figures, series
    )


def quality(
    scores: Sequence[Score], asked: Sequence[Written], envelope: Envelope, codec: ScoreCodec, reference: Gaussian
) -> Quality:
    """Judge scores that answer what was asked."""
    found = [statistics(s) for s in scores]
    return Quality(
        misfit=float(np.mean([misfit(s, w.plan) for s, w in zip(scores, asked, strict=True)])),
        inside=float(np.mean([1.0 - len(envelope.outside(m)) / len(NAMES) for m in found])),
        distance=frechet(latents_of(codec, scores), reference),
    )


def latents_of(codec: ScoreCodec, scores: Sequence[Score]) -> Gaussian:
    """The distribution of bar latents of scores."""
    rows: list[NDArray[np.float32]] = [codec.encode(s) for s in scores]
    return Gaussian.of(np.concatenate(rows))


def a_minute(product: Product, written: Sequence[Written]) -> Written:
    """A plan of SECONDS, for a plain caption."""
    request = MusicRequest(sources=(CaptionSource(text="cinematic music at 100 bpm"),), duration_s=SECONDS, seed=1)
    return product.plan(request, like=written[0])


def seconds(product: Product, minute: Written, setting: Setting, *, best: bool) -> float:
    """Median wall time of composing it: one draw, or all that the product takes."""
    found = []
    for _ in range(1 if best else RUNS):
        began = time.perf_counter()
        product.compose(minute, setting.sampling, best=best)
        found.append(time.perf_counter() - began)
    return float(np.median(found))


def _said(pieces: int, spent: float) -> str:
    return (
        f"{pieces} pieces for captions of held-out pieces, one draw each, the same noise for every row. A guided "
        "evaluation calls the net twice, with and without its condition; one of strides once. Misfit: "
        "distance from the plan (`generators.score.fit`; lower is better). Inside: share of the statistics of "
        "`training.musicality` between the 10th and 90th percentile of held-out pieces. Latents: squared Frechet "
        "distance of bar latents to those of held-out pieces. Time: notes of a minute, with decoding, on this machine "
        f"as it was loaded; the product takes the best of several draws. The default is in bold. Bar: at most "
        f"{BAR_S:g} s for 60 s at the default, all draws; {verdict(met=spent <= BAR_S)} ({spent:.2f} s).\n\n"
    )
