"""The product as the evaluation harness sees it: `Studio` behind its port."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.made import make
from benchmarks.studio import LUFS, Studio
from generators.score.plan.brief import Plan
from generators.score.sampling import Sampling, sampling_for
from generators.score.score import Score
from generators.waveform import Waveform
from schemas.options import MusicOptions
from schemas.request import MusicRequest
from service.parts import Sounding
from training.clips import excerpt
from training.evaluation.product import Written
from training.pieces import Piece


class StudioProduct:
    """The parts of a bundle, step by step as the pipeline takes them."""

    def __init__(self, folder: Path) -> None:
        self._studio = Studio(folder)

    @property
    def label(self) -> str:
        """Name and version of the bundle."""
        return self._studio.parts.bundle

    @property
    def sampling(self) -> Sampling:
        """How it solves the flow unless it is told otherwise."""
        return sampling_for(self._studio.engine.net, steps=MusicOptions.model_fields["steps"].default)

    def make(self, request: MusicRequest) -> Waveform:
        """Look, plan, compose the best of several draws, play."""
        asked = self._studio.ask(request)
        return self._studio.play(self._studio.choose(asked), asked).mix

    def write(self, pieces: Sequence[Piece], count: int, *, seed: int) -> list[Written]:
        """Notes for captions of held-out pieces."""
        made = make(self._studio, list(pieces), count, seed=seed)
        return [Written(m.piece, m.real, m.asked.plan, m.asked.points, m.asked.seed, m.score) for m in made]

    def plan(self, request: MusicRequest, *, like: Written) -> Written:
        """What a request asks of the flow; the rest is as in `like`."""
        asked = self._studio.ask(request)
        return replace(like, plan=asked.plan, points=asked.points, seed=asked.seed)

    def compose(self, written: Written, sampling: Sampling, *, best: bool) -> Score:
        """The notes of the same plan, solved in another way."""
        engine = self._studio.engine
        compose = engine.compose_best if best else engine.compose
        return compose(written.plan, written.points, seed=written.seed, sampling=sampling)

    def play(self, score: Score, plan: Plan, *, seed: int, seconds: float) -> Waveform:
        """Closed, marked and performed as the pipeline does; what begins in a stretch of the middle is rendered."""
        parts = self._studio.parts
        performance = parts.perform(score, plan, seed=seed)
        start_s = max(0.0, 0.5 * (performance.duration_s - seconds))
        stretch = excerpt(performance, start_s, min(seconds, performance.duration_s))
        return parts.render(stretch, plan, Sounding(LUFS, stems=False), seed=seed).mix
