"""Clips whose every note is known, with one stem apart: `python -m training.audio aligned --clips 3000`."""

import argparse
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from encoders.clap import Clap
from generators.errors import InvalidAudio
from generators.render.bank import NoteBank
from generators.render.feel import feel_of
from generators.render.palette import Palette
from generators.render.palettes import palette_for
from generators.render.render import render
from generators.score.perform import perform
from generators.score.performance import Performance, TimedNote
from generators.score.plan.brief import GridBar, Plan
from generators.score.score import ROLES, Role
from generators.score.style import STYLES, Style
from training.audio.crew import Crew
from training.audio.pool import Pool, bank_of, stretch
from training.clips import CACHE_BYTES, excerpt, steady_plan
from training.pieces import Piece, load_heads, load_pieces

SAMPLE_RATE = 44_100
CLIP_SAMPLES = 256 * 2048  # 256 latents
LEAD_IN_S = 3.0  # rendered before the clip and cut away: what rings over its end lands there
CHUNK = 200  # pieces read at a time
FULL = 32767.0


@dataclass(frozen=True)
class Aligned:
    """A clip: `mix` and `stem` int16 [2 N] (the rest of the mix is their difference), and what was played.

    notes float32 [K 5] (role, onset in s from the start of the clip, duration in s, pitch, velocity); bars float64
    [B 3] (start, end in s, steps); controls float32 [B WIDTH] of these bars; clap float32 [D]. A clip without a stem
    of its own has the role -1; in one that loops, what lasts over the end goes on at the start. Style and seed tell who
    plays.
    """

    mix: NDArray[np.int16]
    stem: NDArray[np.int16]
    stem_role: int
    notes: NDArray[np.float32]
    bars: NDArray[np.float64]
    controls: NDArray[np.float32]
    metre: str
    clap: NDArray[np.float32]
    caption: str
    style: str
    seed: int
    loop: bool = False

    def performance(self) -> Performance:
        """The notes as a performance as long as the clip; some begin before it."""
        parts: dict[Role, list[TimedNote]] = {}
        for role, onset_s, duration_s, pitch, velocity in self.notes.tolist():
            parts.setdefault(ROLES[int(role)], []).append(TimedNote(onset_s, duration_s, int(pitch), int(velocity)))
        length_s = self.mix.shape[1] / SAMPLE_RATE
        return Performance(length_s, {role: tuple(notes) for role, notes in parts.items()}, self.loop)

    def palette(self) -> Palette:
        """Who plays."""
        return palette_for(Style(self.style), self.seed)

    def grid(self) -> tuple[GridBar, ...]:
        """The bars in seconds of the clip; the first may begin before it."""
        return tuple(GridBar(start, end, int(steps)) for start, end, steps in self.bars.tolist())


def render_aligned(piece: Piece, bank: NoteBank, clap: Clap, *, seed: int) -> Aligned | None:
    """A clip from anywhere in a piece, in a key nearby; None where nothing sounds in it."""
    rng = np.random.default_rng(seed)
    score, style = piece.score.transposed(int(rng.integers(-3, 4))), piece.labels.style
    palette, plan = palette_for(style, seed), steady_plan(score, style)
    performance = perform(score, plan, feel_of(palette), seed=seed)
    length_s = CLIP_SAMPLES / SAMPLE_RATE
    start_s = float(rng.uniform(-0.3, max(0.0, score.duration_s - 0.7 * length_s)))
    played = excerpt(performance, start_s - LEAD_IN_S, LEAD_IN_S + length_s)
    made = render(played, palette, bank, seed=seed)
    first = round(LEAD_IN_S * SAMPLE_RATE)
    mix = _whole_numbers(made.mix.samples[:, first : first + CLIP_SAMPLES])
    if not made.stems or int(np.abs(mix).max()) < 0.001 * FULL:
        return None
    role = sorted(made.stems)[int(rng.integers(len(made.stems)))]
    stem = _whole_numbers(made.stems[role].samples[:, first : first + CLIP_SAMPLES])
    sounding = mix.astype(np.float32) / FULL
    return Aligned(
        mix,
        stem,
        ROLES.index(role),
        _rows(played, LEAD_IN_S),
        *_bars(plan, start_s, start_s + length_s),
        score.metre.value,
        clap.embed_audio(sounding, SAMPLE_RATE),
        piece.captions[int(rng.integers(len(piece.captions)))],
        style.value,
        seed,
    )


def save_aligned(path: Path, clip: Aligned) -> None:
    """Write a clip as arrays, at once or not at all."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        arrays: dict[str, Any] = {name: np.asarray(value) for name, value in vars(clip).items()}
        np.savez(file, **arrays)
    partial.replace(path)


def load_aligned(path: Path) -> Aligned:
    """Read what `save_aligned` wrote.

    Raises:
        InvalidAudio: an earlier version wrote it, which told less of a clip.
    """
    with np.load(path) as held:
        fields = {name: held[name] for name in held.files}
    if missing := [f.name for f in dataclasses.fields(Aligned) if f.name not in fields]:
        raise InvalidAudio(f"{path} does not tell its {' and '.join(missing)}; delete its folder and render it again")
    words = {name: str(fields.pop(name)) for name in ("metre", "caption", "style")}
    numbers = {name: int(fields.pop(name)) for name in ("stem_role", "seed")}
    return Aligned(**fields | words | numbers | {"loop": bool(fields["loop"])})


@dataclass(frozen=True)
class Kit:
    """What clips are rendered with."""

    bank: NoteBank
    clap: Clap


def kit_of(instruments: Path, clap: Path, cache_bytes: int) -> Kit:
    """Instruments of a folder and a tower from its file."""
    return Kit(bank_of(instruments, cache_bytes), Clap.load(clap, [s.value for s in STYLES]))


@dataclass(frozen=True)
class _Clip:
    """A clip that is to be rendered, and where to."""

    piece: Piece
    seed: int
    path: Path


def make_aligned(corpus: Path, out: Path, split: str, *, count: int, crew: Crew[Kit]) -> int:
    """Render the first `count` clips of a split that are not there yet, each of another piece; returns how many are."""
    out.mkdir(parents=True, exist_ok=True)
    order = np.random.default_rng(0).permutation(len(load_heads(corpus, splits=frozenset({split}))))[:count]
    missing = [i for i in range(len(order)) if not (out / f"{i:05}.npz").exists()]
    asked = _asked(missing, order, corpus, out, split)
    for _ in tqdm(crew.map(_make, asked), total=len(missing), desc=split, mininterval=30.0):
        pass
    return len(list(out.glob("*.npz")))


def _asked(missing: list[int], order: NDArray[np.int64], corpus: Path, out: Path, split: str) -> Iterator[_Clip]:
    for some in (missing[a : a + CHUNK] for a in range(0, len(missing), CHUNK)):
        pieces = load_pieces(corpus, splits=frozenset({split}), rows=[int(order[i]) for i in some])
        for i, piece in zip(some, pieces, strict=True):
            yield _Clip(piece, int(order[i]), out / f"{i:05}.npz")


def _make(kit: Kit, asked: _Clip) -> None:
    clip = render_aligned(asked.piece, kit.bank, kit.clap, seed=asked.seed)
    if clip is not None:
        save_aligned(asked.path, clip)


def from_pool(pool: Pool, number: int, piece: Piece, clap: Clap) -> Aligned:
    """A clip of the codec's pool: the same sound, without a stem, and what was played in it."""
    origin, mix = pool.origins[number], np.asarray(pool.clips[number])
    length_s = mix.shape[1] / SAMPLE_RATE
    performance, _ = stretch(piece, origin)
    return Aligned(
        mix,
        np.zeros_like(mix),
        -1,
        _rows(performance, 0.0),
        *_bars(steady_plan(piece.score, piece.labels.style), origin.start_s, origin.start_s + length_s),
        piece.score.metre.value,
        clap.embed_audio(mix.astype(np.float32) / FULL, SAMPLE_RATE),
        piece.captions[0],
        piece.labels.style.value,
        origin.seed,
        loop=True,
    )


def run(args: argparse.Namespace) -> None:
    """Render as the command line asks; what is there already stays."""
    crew = Crew(partial(kit_of, args.instruments, args.clap, CACHE_BYTES // args.workers), args.workers)
    for split, count in (("valid", max(1, args.clips // 20)), ("train", args.clips)):
        print(split, make_aligned(args.data, args.aligned / split, split, count=count, crew=crew))


def _whole_numbers(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    limited: NDArray[np.int16] = np.clip(np.round(samples * FULL), -FULL, FULL).astype(np.int16)
    return limited


def _rows(played: Performance, start_s: float) -> NDArray[np.float32]:
    rows = [
        (ROLES.index(role), n.onset_s - start_s, n.duration_s, n.pitch, n.velocity)
        for role, notes in played.parts.items()
        for n in notes
    ]
    return np.asarray(rows, np.float32).reshape(-1, 5)


def _bars(plan: Plan, start_s: float, end_s: float) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """The bars that touch a stretch, in its own seconds, and their controls."""
    values, _ = plan.controls.stacked()
    touched = [i for i, bar in enumerate(plan.bars) if bar.end_s > start_s and bar.start_s < end_s]
    bars = [plan.bars[i] for i in touched]
    rows = [(bar.start_s - start_s, bar.end_s - start_s, bar.steps) for bar in bars]
    return np.asarray(rows, np.float64).reshape(-1, 3), values[touched]
