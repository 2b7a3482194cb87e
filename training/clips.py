"""Render clips for the CLAP audio tower: `python -m training.clips --data runs/corpus --clips 7000`."""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

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
from generators.score.score import Score
from generators.score.style import Style
from training.pieces import load_pieces

CACHE_BYTES = 5_000_000_000  # thousands of clips use the same notes: keep them all


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


def clip_mel(score: Score, style: Style, bank: NoteBank, *, seed: int) -> NDArray[np.float16] | None:
    """Ten seconds from anywhere in the piece as a log-mel [64 F]; None where the stretch is silent."""
    rng = np.random.default_rng(seed)
    palette = palette_for(style, seed)
    performance = perform(score, steady_plan(score, style), feel_of(palette), seed=seed)
    start = float(rng.uniform(0.0, max(0.1, 0.85 * (score.duration_s - CLIP_S))))
    stretch = excerpt(performance, start, CLIP_S)
    if not stretch.parts:
        return None
    wave = render_dry(stretch, palette, bank, seed=seed, sample_rate=SAMPLE_RATE)
    samples = torch.from_numpy(mono(wave.samples, wave.sample_rate))[None]
    out: NDArray[np.float16] = log_mel(samples, mel_filters())[0].numpy().astype(np.float16)
    return out


def make_clips(folder: Path, split: str, bank: NoteBank, *, clips: int, seed: int) -> int:
    """Write `mels.npy` [M 64 F] and `mel_piece.npy` [M] of pieces drawn without replacement; returns M."""
    pieces = load_pieces(folder, splits=frozenset({split}))
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(pieces))[:clips]
    mels, of = [], []
    for p in tqdm(np.sort(chosen).tolist(), desc=split, mininterval=20.0):
        mel = clip_mel(pieces[p].score, pieces[p].labels.style, bank, seed=seed + p)
        if mel is not None:
            mels.append(mel)
            of.append(p)
    np.save(folder / split / "mels.npy", np.stack(mels))
    np.save(folder / split / "mel_piece.npy", np.asarray(of, dtype=np.int64))
    return len(mels)


def _moved(note: TimedNote, start_s: float) -> TimedNote:
    return replace(note, onset_s=note.onset_s - start_s)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--instruments", type=Path, default=Path("weights/tonereel-mini/instruments"))
    parser.add_argument("--clips", type=int, default=7_000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    bank = NoteBank(load_bank(args.instruments).instruments, cache_bytes=CACHE_BYTES)
    for split, clips in (("train", args.clips), ("valid", max(16, args.clips // 12))):
        print(split, make_clips(args.data, split, bank, clips=clips, seed=args.seed))


if __name__ == "__main__":
    main()
