"""What the harness needs of the product, as one port: requests in, notes and sound out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from generators.score.plan.brief import Plan
from generators.score.sampling import Sampling
from generators.score.score import Score
from generators.waveform import Waveform
from schemas.request import MusicRequest
from training.pieces import Piece


@dataclass(frozen=True)
class Written:
    """Notes made for a caption of a held-out piece; `real` is that piece, cut to the bars that were asked for."""

    piece: Piece
    real: Score
    plan: Plan
    points: NDArray[np.float32]
    seed: int
    score: Score


class Product(Protocol):
    """The real thing is built by the command; tests have a small one."""

    @property
    def label(self) -> str:
        """Name and version of the bundle."""

    @property
    def sampling(self) -> Sampling:
        """How it solves the flow unless it is told otherwise."""

    def make(self, request: MusicRequest) -> Waveform:
        """The finished music of a request, as a user would get it."""

    def write(self, pieces: Sequence[Piece], count: int, *, seed: int) -> list[Written]:
        """Notes for captions of `count` pieces at their own tempo, metre, key and length: one draw each."""

    def plan(self, request: MusicRequest, *, like: Written) -> Written:
        """What a request asks of the flow; the rest is as in `like`."""

    def compose(self, written: Written, sampling: Sampling, *, best: bool) -> Score:
        """The notes of the same plan, solved in another way; `best` takes the best of the product's draws."""

    def play(self, score: Score, plan: Plan, *, seed: int, seconds: float) -> Waveform:
        """How a stretch of notes from the middle of a piece sounds."""
