"""Render clips for the CLAP audio tower: `python -m training.clips --data runs/corpus --clips 7000`."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from encoders.chroma import chroma, chroma_filters
from encoders.clap import CLIP_S
from encoders.mel import SAMPLE_RATE, log_mel, mel_filters, mono
from generators.render.bank import NoteBank
from generators.render.feel import feel_of
from generators.render.palettes import palette_for
from generators.render.render import load_bank, render_dry
from generators.score.controls import measure
from generators.score.perform import perform
from generators.score.performance import Performance, TimedNote
from generators.score.plan.brief import GridBar, Plan
from generators.score.score import Role, Score
from generators.score.style import Style
from training.degrade import degraded
from training.descriptions import Heard, description
from training.pieces import Piece, load_pieces

CACHE_BYTES = 3_000_000_000  # thousands of clips use the same notes: keep them all
SAVE_EVERY = 500


def steady_plan(score: Score, style: Style) -> Plan:
    """The plan of a score played at its own steady tempo."""
    bar_s = score.duration_s / score.bars
    bars = tuple(GridBar(i * bar_s, (i + 1) * bar_s, score.metre.steps_per_bar) for i in range(score.bars))
    return Plan(
        score.duration_s, score.tempo_bpm, score.metre, score.key, style, bars, score.sections, (), measure(score)
    )


def excerpt(performance: Performance, start_s: float, length_s: float) -> Performance:
    """What begins within a stretch, moved to zero."""
    parts = {
        role: tuple(_moved(n, start_s) for n in notes if start_s <= n.onset_s < start_s + length_s)
        for role, notes in performance.parts.items()
    }
    return Performance(length_s, {role: notes for role, notes in parts.items() if notes}, loop=True)


@dataclass(frozen=True)
class Clip:
    """Ten seconds of a piece: log-mel [64 F], pitch classes [12], the palette that played it, and what is heard."""

    mel: NDArray[np.float16]
    chroma: NDArray[np.float32]
    palette: str
    caption: str


def render_clip(piece: Piece, bank: NoteBank, *, seed: int, clean: bool = False) -> Clip | None:
    """Ten seconds from anywhere in the piece, on the way to the listener; None where the stretch is silent."""
    rng = np.random.default_rng(seed)
    score, style = piece.score, piece.labels.style
    palette = palette_for(style, seed)
    performance = perform(score, steady_plan(score, style), feel_of(palette), seed=seed)
    start = float(rng.uniform(0.0, max(0.1, 0.85 * (score.duration_s - CLIP_S))))
    stretch = excerpt(performance, start, CLIP_S)
    if not any(role is not Role.EFFECTS for role in stretch.parts):
        return None
    wave = render_dry(stretch, palette, bank, seed=seed, sample_rate=SAMPLE_RATE)
    heard = Heard(bars_between(score, start, start + CLIP_S), frozenset(stretch.parts))
    caption = description(score, piece.labels, palette, heard, Random(seed))
    samples = mono(wave.samples, wave.sample_rate)
    sound = torch.from_numpy(samples if clean else degraded(samples, SAMPLE_RATE, rng))[None]
    mel: NDArray[np.float16] = log_mel(sound, mel_filters())[0].numpy().astype(np.float16)
    return Clip(mel, chroma(sound, chroma_filters())[0].numpy(), palette.name, caption)


def bars_between(score: Score, start_s: float, end_s: float) -> tuple[int, int]:
    """First bar and last bar + 1 that sound between two times."""
    bar_s = score.duration_s / score.bars
    return int(start_s / bar_s), min(score.bars, max(1, round(end_s / bar_s)))


def make_clips(folder: Path, split: str, bank: NoteBank, *, clips: int, seed: int) -> int:
    """Render pieces drawn without replacement and save them every SAVE_EVERY clips; returns how many there are."""
    pieces = load_pieces(folder, splits=frozenset({split}))
    chosen = np.random.default_rng(seed).permutation(len(pieces))[:clips]
    made: list[Clip] = []
    of: list[int] = []
    for p in tqdm(chosen.tolist(), desc=split, mininterval=20.0):
        clip = render_clip(pieces[p], bank, seed=seed + p, clean=split != "train")
        if clip is not None:
            made.append(clip)
            of.append(p)
        if made and len(made) % SAVE_EVERY == 0:
            save_clips(folder / split, made, of)
    save_clips(folder / split, made, of)
    return len(made)


def save_clips(folder: Path, clips: Sequence[Clip], of: Sequence[int]) -> None:
    """Write `mels.npy` [M 64 F], `chroma.npy` [M 12], `mel_piece.npy` [M], `mel_palette.json`, `clip_captions.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, NDArray[np.generic]] = {
        "mels": np.stack([c.mel for c in clips]),
        "chroma": np.stack([c.chroma for c in clips]),
        "mel_piece": np.asarray(of, dtype=np.int64),
    }
    for name, values in arrays.items():
        np.save(folder / f"{name}.partial.npy", values)
        (folder / f"{name}.partial.npy").replace(folder / f"{name}.npy")
    (folder / "mel_palette.json").write_text(json.dumps([c.palette for c in clips]))
    (folder / "clip_captions.json").write_text(json.dumps([c.caption for c in clips]))


def _moved(note: TimedNote, start_s: float) -> TimedNote:
    return replace(note, onset_s=note.onset_s - start_s)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--instruments", type=Path, default=Path("weights/tonereel-mini/instruments"))
    parser.add_argument("--clips", type=int, default=10_000, help="of training; held-out pieces get one each")
    parser.add_argument("--splits", default="valid,test,train")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    bank = NoteBank(load_bank(args.instruments).instruments, cache_bytes=CACHE_BYTES)
    for split in args.splits.split(","):
        print(split, make_clips(args.data, split, bank, clips=args.clips, seed=args.seed))


if __name__ == "__main__":
    main()
