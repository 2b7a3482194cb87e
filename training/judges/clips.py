"""Sounding clips for the judge, with what plays in them: `python -m training.judges.clips --data runs/corpus`."""

import argparse
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from encoders.clap import CLIP_S
from encoders.mel import SAMPLE_RATE, mono
from generators.render.bank import NoteBank
from generators.render.feel import feel_of
from generators.render.palette import Palette
from generators.render.palettes import PALETTES, palette_for
from generators.render.render import load_bank, render_dry, render_mix
from generators.score.perform import perform
from generators.score.performance import Performance
from generators.score.score import Role, Score
from generators.score.style import STYLES, Style
from generators.waveform import Waveform
from training.clips import excerpt, steady_plan
from training.pieces import Labels, Piece, labels_of, load_heads, load_pieces

CHUNK = 14
CACHE_BYTES = 2_000_000_000
TEMPO_EDGES = (76.0, 104.0, 126.0)  # bpm; quarters of the corpus
VALENCE_EDGES, AROUSAL_EDGES = (0.34, 0.67), (0.46, 0.65)  # thirds of the corpus


@dataclass(frozen=True)
class Clip:
    """Sound, the palette that plays it and the roles that sound."""

    wave: Waveform
    palette: Palette
    roles: frozenset[Role]

    @property
    def instruments(self) -> frozenset[str]:
        """The voices of the roles that sound."""
        return frozenset(v.instrument for role in self.roles for v in self.palette.parts[role].voices)


@dataclass(frozen=True)
class Sounding:
    """Clips int16 [M N] at SAMPLE_RATE, `targets` [M 5], which `instruments` play [M I], and of which `piece` [M]."""

    waves: NDArray[np.int16]
    targets: NDArray[np.int64]
    instruments: NDArray[np.bool_]
    piece: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.waves)

    def wave(self, row: int) -> Waveform:
        """One clip as sound."""
        return Waveform(self.waves[row][None].astype(np.float32) / 32768.0, SAMPLE_RATE)


def every_instrument() -> tuple[str, ...]:
    """The instruments of all palettes, by name."""
    parts = (p for palettes in PALETTES.values() for palette in palettes for p in palette.parts.values())
    return tuple(sorted({voice.instrument for part in parts for voice in part.voices}))


def render_clips(piece: Piece, bank: NoteBank, *, seed: int, count: int = 1, mastered: float = 0.0) -> list[Clip]:
    """So many clips of ten seconds one after another from anywhere in the piece, without those that are silent.

    They are rendered as one stretch, which costs little more than one clip; `mastered` is the chance of mastering.
    """
    rng = np.random.default_rng(seed)
    palette, length_s = palette_for(piece.labels.style, int(rng.integers(2**31))), count * CLIP_S
    start_s = float(rng.uniform(0.0, max(0.1, piece.score.duration_s - 1.15 * length_s)))
    score = near(piece.score, start_s, length_s)
    played = perform(score, steady_plan(piece.score, piece.labels.style), feel_of(palette), seed=seed)
    stretch = excerpt(played, start_s, length_s)
    if not stretch.parts:
        return []
    wave = _rendered(stretch, palette, bank, seed=seed, mastered=bool(rng.uniform() < mastered))
    made = []
    for i, samples in enumerate(np.split(wave.samples, count, axis=1)):
        parts = excerpt(stretch, i * CLIP_S, CLIP_S).parts
        roles = frozenset(r for r in parts if r in palette.parts and palette.parts[r].voices)
        made += [Clip(Waveform(samples, wave.sample_rate), palette, roles)] if roles else []
    return made


def near(score: Score, start_s: float, length_s: float) -> Score:
    """The score without the notes that begin more than a bar before or after a stretch: performing them costs time."""
    per_s = score.steps / score.duration_s
    margin = score.metre.steps_per_bar
    first, last = start_s * per_s - margin, (start_s + length_s) * per_s + margin
    return replace(
        score, parts={r: tuple(n for n in notes if first <= n.onset <= last) for r, notes in score.parts.items()}
    )


def _rendered(stretch: Performance, palette: Palette, bank: NoteBank, *, seed: int, mastered: bool) -> Waveform:
    if mastered:
        return render_mix(stretch, palette, bank, seed=seed, sample_rate=SAMPLE_RATE).mix
    return render_dry(stretch, palette, bank, seed=seed, sample_rate=SAMPLE_RATE)


def targets_of(labels: Labels) -> NDArray[np.int64]:
    """Style, tempo class, major, third of valence, third of arousal: [5]."""
    return np.array(
        [
            STYLES.index(labels.style),
            np.searchsorted(TEMPO_EDGES, labels.tempo_bpm, side="right"),
            labels.major,
            np.searchsorted(VALENCE_EDGES, labels.valence),
            np.searchsorted(AROUSAL_EDGES, labels.arousal),
        ],
        dtype=np.int64,
    )


def balanced(styles: Sequence[Style], count: int, seed: int) -> list[int]:
    """Numbers of pieces of such styles, styles in turn as long as they last, at random within a style."""
    order = np.random.default_rng(seed).permutation(len(styles))
    seen = dict.fromkeys(STYLES, 0)
    turns = []
    for p in order.tolist():
        style = styles[p]
        turns.append((seen[style], STYLES.index(style), p))
        seen[style] += 1
    return [p for _, _, p in sorted(turns)[:count]]


@dataclass(frozen=True, slots=True)
class Order:
    """How many pieces and clips of each, from which seed, and how many of them mastered, 0..1."""

    pieces: int
    clips: int = 3
    seed: int = 2
    mastered: float = 0.0


def render_set(data: Path, split: str, folder: Path, bank: NoteBank, order: Order) -> int:
    """Write the fields of `Sounding` as `NNN.npz`, CHUNK pieces each; what is there stays. Returns how many chunks."""
    folder.mkdir(parents=True, exist_ok=True)
    splits = frozenset({split})
    chosen = balanced([labels_of(h).style for h in load_heads(data, splits=splits)], order.pieces, order.seed)
    chunks = [chosen[i : i + CHUNK] for i in range(0, len(chosen), CHUNK)]
    for number, chunk in enumerate(tqdm(chunks, desc=split, mininterval=20.0)):
        path = folder / f"{number:03d}.npz"
        if not path.exists():
            _write(path, dict(zip(chunk, load_pieces(data, splits=splits, rows=chunk), strict=True)), bank, order)
    return len(chunks)


def _write(path: Path, pieces: Mapping[int, Piece], bank: NoteBank, order: Order) -> None:
    made = [
        (row, clip)
        for row, piece in pieces.items()
        for clip in render_clips(
            piece, bank, seed=order.seed * 1_000_003 + row, count=order.clips, mastered=order.mastered
        )
    ]
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(
            file,
            waves=np.stack([_integers(clip.wave) for _, clip in made]),
            targets=np.stack([targets_of(pieces[row].labels) for row, _ in made]),
            instruments=np.stack([present(clip.instruments) for _, clip in made]),
            piece=np.array([row for row, _ in made]),
        )
    partial.replace(path)


def load_set(folder: Path) -> Sounding:
    """All chunks of a folder; raises FileNotFoundError where there is none."""
    chunks = [np.load(path) for path in sorted(folder.glob("*.npz"))]
    if not chunks:
        raise FileNotFoundError(f"{folder} has no clips; render them with training.judges.clips")
    return Sounding(*(np.concatenate([c[f.name] for c in chunks]) for f in fields(Sounding)))


def present(instruments: Collection[str]) -> NDArray[np.bool_]:
    """Which of all instruments play: [I]."""
    return np.array([name in instruments for name in every_instrument()])


def _integers(wave: Waveform) -> NDArray[np.int16]:
    """Samples [N] of the middle, at half scale of their own peak so that nothing clips."""
    samples = mono(wave.samples, wave.sample_rate)
    peak = max(float(np.abs(samples).max()), 1e-9)
    return np.round(samples * (16384.0 / peak)).astype(np.int16)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--out", type=Path, default=Path("runs/tagger/clips"))
    parser.add_argument("--instruments", type=Path, default=Path("weights/tonereel-mini/instruments"))
    parser.add_argument("--train", type=int, default=56, help="pieces of the training split")
    parser.add_argument("--test", type=int, default=70, help="pieces of the test split, for benchmarks.judges")
    parser.add_argument("--seed", type=int, default=2)
    args = parser.parse_args()
    bank = load_bank(args.instruments, CACHE_BYTES)
    for split, order in (
        ("train", Order(args.train, seed=args.seed, mastered=0.5)),
        ("test", Order(args.test, seed=args.seed)),
    ):
        print(split, render_set(args.data, split, args.out / split, bank, order))


if __name__ == "__main__":
    main()
