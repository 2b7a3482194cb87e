"""A pool of rendered clips on disk, so that no step waits for the renderer: `python -m training.audio pool`."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from tqdm import tqdm

from generators.render.bank import NoteBank
from generators.render.feel import feel_of
from generators.render.palette import Palette
from generators.render.palettes import palette_for
from generators.render.render import load_bank, render_mix
from generators.score.perform import perform
from generators.score.performance import Performance
from generators.score.score import Role
from training.audio.crew import Crew
from training.clips import excerpt, steady_plan
from training.pieces import Piece, load_pieces

RATE = 44_100
CLIP_SAMPLES = 176 * 2048  # 8.17 s: whole latents
FULL = 32_767.0
INDEX, CLIPS = "index.json", "clips.npy"
NOTE_EVERY = 10  # clips, after which a reader may see them
CACHE_BYTES = 2_500_000_000
HELD_OUT_SHARE = 25


@dataclass(frozen=True, slots=True)
class Rendered:
    """Where a clip comes from: the piece's place in its split, the seed of its performance, where it starts."""

    piece: int
    seed: int
    start_s: float


@dataclass(frozen=True)
class Pool:
    """Clips int16 [M 2 CLIP_SAMPLES] at RATE, mapped from disk, and where each comes from."""

    clips: NDArray[np.int16]
    origins: tuple[Rendered, ...]


def stretch(piece: Piece, origin: Rendered) -> tuple[Performance, Palette]:
    """What is played in a clip, and by whom: the same whenever it is asked for."""
    score, style = piece.score, piece.labels.style
    palette = palette_for(style, origin.seed)
    performance = perform(score, steady_plan(score, style), feel_of(palette), seed=origin.seed)
    return excerpt(performance, origin.start_s, CLIP_SAMPLES / RATE), palette


@dataclass(frozen=True)
class _Clip:
    """A clip that is to be rendered."""

    piece: Piece
    origin: Rendered
    samples: int


def render_pool(
    pieces: Sequence[Piece],
    crew: Crew[NoteBank],
    folder: Path,
    *,
    clips: int,
    seed: int,
    clip_samples: int = CLIP_SAMPLES,
) -> Pool:
    """Render clips of pieces drawn without replacement (again once all are drawn); one that is there goes on.

    Silent stretches are skipped. `clip_samples` is shorter in tests only.
    """
    folder.mkdir(parents=True, exist_ok=True)
    store = _store(folder, clips, clip_samples)
    origins = list(load_pool(folder).origins) if (folder / INDEX).exists() else []
    order = _order(len(pieces), clips, seed)
    at = origins[-1].seed - seed + 1 if origins else 0
    asked = (
        [_asked(pieces, order, n, seed, clip_samples) for n in range(at, len(order))] if len(origins) < clips else []
    )
    for clip, sound in zip(tqdm(asked, desc=str(folder), mininterval=20.0), crew.map(_sound, asked), strict=False):
        if sound is None:
            continue
        store[len(origins)] = sound
        origins.append(clip.origin)
        if len(origins) % NOTE_EVERY == 0:
            _note(folder, store, origins)
        if len(origins) == clips:
            break
    _note(folder, store, origins)
    return load_pool(folder)


def _asked(pieces: Sequence[Piece], order: NDArray[np.int64], n: int, seed: int, samples: int) -> _Clip:
    """The n-th clip that is tried."""
    piece = pieces[order[n]]
    latest = max(0.1, piece.score.duration_s - 0.6 * CLIP_SAMPLES / RATE)
    start_s = round(float(np.random.default_rng((seed, n)).uniform(0.0, latest)), 3)
    return _Clip(piece, Rendered(int(order[n]), seed + n, start_s), samples)


def _sound(bank: NoteBank, clip: _Clip) -> NDArray[np.int16] | None:
    """The sound of a clip [2 samples]; None where only effects sound, or nothing."""
    performance, palette = stretch(clip.piece, clip.origin)
    if not any(role is not Role.EFFECTS for role in performance.parts):
        return None
    mix = render_mix(performance, palette, bank, seed=clip.origin.seed, sample_rate=RATE).mix.samples
    sound: NDArray[np.int16] = np.round(np.clip(mix[:, : clip.samples], -1.0, 1.0) * FULL).astype(np.int16)
    return sound


def bank_of(instruments: Path, cache_bytes: int) -> NoteBank:
    """The instruments of a folder, which keep so much of what they played."""
    return NoteBank(load_bank(instruments).instruments, cache_bytes=cache_bytes)


def load_pool(folder: Path) -> Pool:
    """What has been rendered so far; a pool that is being filled may be read."""
    origins = tuple(Rendered(**row) for row in json.loads((folder / INDEX).read_text(encoding="utf-8")))
    return Pool(np.load(folder / CLIPS, mmap_mode="r")[: len(origins)], origins)


def _order(pieces: int, clips: int, seed: int) -> NDArray[np.int64]:
    """Which pieces are tried: all of them before any comes again, and a third more than needed, for silent ones."""
    rng = np.random.default_rng(seed)
    rounds = -(-(clips + clips // 3 + 8) // pieces)
    return np.concatenate([rng.permutation(pieces) for _ in range(rounds)])


def _store(folder: Path, clips: int, clip_samples: int) -> NDArray[np.int16]:
    """The array on disk, made or, where it exists, opened for writing; one that must grow is copied."""
    path = folder / CLIPS
    if not path.exists():
        return open_memmap(path, mode="w+", dtype=np.int16, shape=(clips, 2, clip_samples))
    old: NDArray[np.int16] = np.load(path, mmap_mode="r+")
    if len(old) >= clips:
        return old
    grown = open_memmap(folder / "grown.npy", mode="w+", dtype=np.int16, shape=(clips, *old.shape[1:]))
    grown[: len(old)] = old
    (folder / "grown.npy").replace(path)
    return grown


def _note(folder: Path, store: NDArray[np.int16], origins: Sequence[Rendered]) -> None:
    if isinstance(store, np.memmap):
        store.flush()
    unfinished = folder / "index.partial"
    unfinished.write_text(json.dumps([asdict(o) for o in origins]), encoding="utf-8")
    unfinished.replace(folder / INDEX)


def run(args: argparse.Namespace) -> None:
    """Render the pools of held-out and of training pieces as the command line asks."""
    crew = Crew(partial(bank_of, args.instruments, CACHE_BYTES // args.workers), args.workers)
    for split, clips, seed in (("valid", max(1, args.clips // HELD_OUT_SHARE), 500_000), ("train", args.clips, 0)):
        pieces = load_pieces(args.data, splits=frozenset({split}))
        render_pool(pieces, crew, args.pool / split, clips=clips, seed=seed + args.seed)
