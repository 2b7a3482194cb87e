"""What more evaluations of the audio flow buy, and what they cost: guided, and by strides where it was distilled."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.audio_context import AudioContext
from benchmarks.audio_distance import CLAP, Ears, Music, beginning
from benchmarks.audio_score import Heard, heard
from benchmarks.audio_sung import Stage, played
from benchmarks.audio_words import margin
from benchmarks.studio import deranged
from benchmarks.table import Cell, Section, table
from generators.audio.conditions import FRAME_S
from generators.audio.engine import GUIDANCE, AudioEngine, sampling_for
from generators.audio.windows import WINDOW
from generators.errors import BadWeights
from generators.flow.checkpoint import load_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.solver import SolverName
from generators.score.sampling import Sampling
from generators.waveform import Waveform
from training.evaluation.intervals import Interval

GUIDED, STRIDES = (4, 8, 16, 32), (1, 2, 4, 8)
MINUTE_S = 60.0
THREADS = 2


@dataclass(frozen=True)
class Way:
    """An engine and how its flow is solved."""

    engine: AudioEngine
    sampling: Sampling
    usual: bool = False  # for the engine of the bundle

    @property
    def name(self) -> str:
        """As the table calls it."""
        steps = "1 step" if self.sampling.steps == 1 else f"{self.sampling.steps} steps"
        told = f"{'strides' if self.sampling.strides else 'guided'}, {steps}"
        return f"**{told}**" if self.usual else told

    @property
    def evaluations(self) -> int:
        """Calls of the net: guidance asks it twice a step."""
        return self.sampling.steps * (1 if self.sampling.guidance == 1.0 else 2)


@dataclass(frozen=True)
class Trial:
    """What every way is asked for, and what it is measured against: `clips` with their score, captions by `points`."""

    stage: Stage
    clips: int
    captions: int
    ears: Ears
    music: Music
    others: Sequence[int]

    @classmethod
    def of(cls, stage: Stage, ears: Ears, *, clips: int, captions: int, seed: int = 0) -> "Trial":
        """The first clips are asked for; the sound of all that come after the captions is the music."""
        rest = [beginning(played(c), WINDOW * FRAME_S) for c in stage.clips[captions:]]
        others = deranged(captions, np.random.default_rng(seed))
        return cls(stage, clips, captions, ears, Music.heard(ears.heard(rest)), others)

    @property
    def aims(self) -> NDArray[np.float32]:
        """The captions' points [N D]."""
        return np.stack(self.stage.captions[: self.captions])


@dataclass(frozen=True)
class Quality:
    """Of sounds made in one way: of whole scores, and of captions."""

    chroma: float
    f1: float
    cosine: float
    margin: Interval
    distances: dict[str, float]


def measure(context: AudioContext) -> tuple[Section, ...]:
    """Every way on the same clips, captions and noise, and the time that a minute takes."""
    captions = max(4, context.counts.clips)
    stage = Stage.of(context, clips=4 * captions)
    captions = min(captions, len(stage.clips) // 2)
    trial = Trial.of(
        stage, Ears.of(stage.clap, context.tagger), clips=max(2, captions // 2), captions=captions, seed=context.seed
    )
    judges = list(trial.ears.judges)
    rows: list[list[Cell]] = []
    tried = ways(stage.engine, teacher=context.teacher, strided=context.strided)
    for way in tried:
        found = quality(trial, *made(way, trial))
        minute_s = seconds(way, stage, runs=context.counts.runs)
        rows.append([way.name, way.evaluations, *_cells(found, judges), minute_s])
        print(rows[-1], flush=True)
    real = quality(trial, *_real(trial))
    rows.append(["held-out music itself", None, *_cells(real, judges), None])
    return (Section("audio-steps", "Audio engine: steps, quality and speed", told(rows, trial, tried)),)


def ways(engine: AudioEngine, *, teacher: Path | None = None, strided: Path | None = None) -> list[Way]:
    """Guided ways of `teacher`, or of the engine's own weights, and ways by strides of `strided`, or of the engine.

    Raises:
        BadWeights: a file is missing or damaged, was made for another codec, or has no strides.
    """
    usual = sampling_for(engine.net)
    guided = engine if teacher is None else _with(engine, teacher)
    settings = (Sampling(k, SolverName.EULER, guidance=GUIDANCE, temperature=1.0) for k in GUIDED)
    out = [Way(guided, s, usual=guided is engine and s == usual) for s in settings]
    quick = engine if strided is None else _with(engine, strided)
    if quick.net.config.strides:
        by_strides = (sampling_for(quick.net, steps=k) for k in STRIDES)
        return [Way(quick, s, usual=quick is engine and s == usual) for s in by_strides] + out
    if strided is not None:
        raise BadWeights(f"{strided} has no strides; name weights that the stage `distill` wrote")
    return out


def made(way: Way, trial: Trial) -> tuple[list[Waveform], list[Waveform]]:
    """The sounds of whole scores, and those of captions alone; the noise is the same for every way."""
    stage, engine, sampling = trial.stage, way.engine, way.sampling
    scores = [
        stage.performed(clip, seed=i, engine=engine, sampling=sampling)
        for i, clip in enumerate(stage.clips[: trial.clips])
    ]
    words = [
        stage.sung(stage.only_words(c, WINDOW), seed=i, engine=engine, sampling=sampling)
        for i, c in enumerate(stage.captions[: trial.captions])
    ]
    return scores, words


def quality(trial: Trial, scores: Sequence[Waveform], words: Sequence[Waveform]) -> Quality:
    """Judge sounds that answer to the clips' scores and captions."""
    clips = trial.stage.clips[: trial.clips]
    found: list[Heard] = [heard(s, c, played(c)) for s, c in zip(scores, clips, strict=True)]
    rows = trial.ears.heard(words)
    points = rows[CLAP]
    return Quality(
        chroma=mean(h.chroma for h in found),
        f1=mean(h.f1 for h in found),
        cosine=float((points * trial.aims).sum(axis=1).mean()),
        margin=margin(points, trial.aims, trial.others),
        distances=trial.music.distances(rows),
    )


def seconds(way: Way, stage: Stage, *, runs: int) -> float:
    """Median time of the sampler for a minute under a caption, on THREADS threads; a short piece warms it up."""
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    taken = []
    for seed, length_s in enumerate([1.0, *[MINUTE_S] * runs]):
        given = stage.only_words(stage.captions[0], round(length_s / FRAME_S))
        began = time.perf_counter()
        way.engine.latents(given, seed=seed, sampling=way.sampling)
        taken.append(time.perf_counter() - began)
    torch.set_num_threads(before)
    return median(taken[1:])


def told(rows: Sequence[Sequence[Cell]], trial: Trial, tried: Sequence[Way]) -> str:
    """The section's text."""
    strides = (
        "By strides: a net that was distilled is asked once a step for its mean velocity over it."
        if any(way.sampling.strides for way in tried)
        else "No distilled weights were at hand, so that no way by strides is told."
    )
    usual = " The default of the bundle is in bold." if any(way.usual for way in tried) else ""
    rest = len(trial.stage.clips) - trial.captions
    text = (
        f"Euler's steps; the same noise for every row. Guided ({GUIDANCE:g}): the net is asked twice a step, with and "
        f"without what it is told. {strides}{usual} Chroma and onset F1: of {trial.clips} held-out clips that are told "
        "their whole score, as in the part `score`. Cosine in the bundle's CLAP, its margin over another piece's "
        f"caption, and distances to {rest} other held-out clips: of {trial.captions} captions alone, "
        f"{WINDOW * FRAME_S:.1f} s each. {trial.ears.said} Time: the sampler alone, for a minute of music on {THREADS} "
        "threads of this machine as it was loaded.\n\n"
    )
    judges = [f"{name} distance" for name in trial.ears.judges]
    header = ["way", "evaluations", "chroma", "onset F1", "cosine", "margin", *judges, "s for a minute"]
    return text + table(header, rows)


def _cells(found: Quality, judges: Sequence[str]) -> list[Cell]:
    return [found.chroma, found.f1, found.cosine, str(found.margin), *(found.distances[name] for name in judges)]


def _real(trial: Trial) -> tuple[list[Waveform], list[Waveform]]:
    clips = trial.stage.clips
    words = [beginning(played(c), WINDOW * FRAME_S) for c in clips[: trial.captions]]
    return [played(c) for c in clips[: trial.clips]], words


def _with(engine: AudioEngine, flow: Path) -> AudioEngine:
    return AudioEngine(engine.codec, load_module(flow, DiT, DiTConfig), engine.timbres)
