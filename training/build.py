"""Build the corpus: `python -m training.build --data DATA --out runs/corpus --arranged 9000`.

Real scores as they are, real tunes arranged in several styles, and pieces that the arranger made up; each with labels
measured on the score itself and captions that tell them.
"""

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from random import Random

from generators.score.score import Mode, Score
from generators.score.style import STYLES, Style
from training.arranger.arrange import arrange, arrange_lead_sheet, fitted_spec
from training.arranger.spec import PieceSpec, draw_spec
from training.captions import captions
from training.corpus.attributes import attributes
from training.corpus.manifest import manifest_of, to_json
from training.corpus.piece import CorpusPiece, CorpusSheet
from training.corpus.reader import read_corpus, read_lead_sheets
from training.pieces import Labels, Piece, load_pieces, save_pieces
from training.prepared import prepare

CAPTIONS = 4  # of each piece
ARRANGED_SPLITS = ("train",) * 18 + ("valid", "test")


@dataclass(frozen=True)
class Size:
    """How many pieces: made up by the arranger, arrangements of each real tune, excerpts of real scores."""

    arranged: int = 7_700
    styles_each: int = 5
    real: int = 2_500


def labels_of(score: Score, style: Style, *, valence: float, arousal: float) -> Labels:
    """Labels measured on the score (energy and brightness on the scale of the controls); feelings as given."""
    is_ = attributes(score)
    major = score.key.mode is Mode.MAJOR
    return Labels(style, score.tempo_bpm, is_.energy, is_.brightness, valence, arousal, major)


def felt(score: Score) -> tuple[float, float]:
    """Valence and arousal of a score nobody labelled.

    Arousal follows onset density and loudness (r = 0.61 with human ratings), valence mode and tempo (r = 0.31).
    """
    is_ = attributes(score)
    fast = min(1.0, max(0.0, (is_.tempo_bpm - 50.0) / 110.0))
    arousal = min(1.0, 0.45 * is_.density + 0.3 * fast + 0.35 * is_.energy)
    valence = (0.62 if is_.mode is Mode.MAJOR else 0.28) + 0.15 * (fast - 0.5) + 0.1 * (is_.brightness - 0.5)
    return valence, arousal


def arranged_pieces(count: int, *, seed: int) -> Iterator[Piece]:
    """Pieces that the arranger made up, all styles equally often."""
    for i in range(count):
        rng = Random(f"{seed}:{i}")
        spec = draw_spec(rng, STYLES[i % len(STYLES)])
        score = arrange(spec, seed * 10_000_019 + i)
        yield _piece("arranged", ARRANGED_SPLITS[(i // len(STYLES)) % len(ARRANGED_SPLITS)], score, spec, rng)


def sung_pieces(sheets: Iterable[CorpusSheet], *, styles_each: int, seed: int) -> Iterator[Piece]:
    """Real tunes, each arranged in several styles; a tune stays in its split."""
    for i, sheet in enumerate(sheets):
        rng = Random(f"sheet:{seed}:{i}")
        for k, style in enumerate(rng.sample(STYLES, styles_each)):
            spec = fitted_spec(sheet.sheet, draw_spec(rng, style))
            score = arrange_lead_sheet(sheet.sheet, spec, seed * 1_000_003 + i * 31 + k)
            yield _piece("openewld", sheet.split, score, spec, rng)


def real_pieces(scores: Iterable[CorpusPiece], *, seed: int) -> Iterator[Piece]:
    """Real scores as they are."""
    for i, found in enumerate(scores):
        valence, arousal = felt(found.score)
        is_ = attributes(found.score)
        spec = PieceSpec(
            found.style, found.score.key, found.score.tempo_bpm, found.score.metre, is_.energy, is_.density,
            is_.brightness, valence, arousal, found.score.sections,
        )  # fmt: skip
        yield _piece(found.source, found.split, found.score, spec, Random(f"real:{seed}:{i}"))


def _piece(source: str, split: str, score: Score, spec: PieceSpec, rng: Random) -> Piece:
    labels = labels_of(score, spec.style, valence=spec.valence, arousal=spec.arousal)
    return Piece(str(source), str(split), score, labels, captions(spec, rng, CAPTIONS))


def build(data: Path | None, out: Path, size: Size, *, seed: int) -> None:
    """Write the pieces, `out/train`, `out/valid` and `out/test` as arrays, and what was read as `out/data.json`."""
    sheets = [] if data is None else list(read_lead_sheets(data))
    scores = [] if data is None else list(read_corpus(data, limit=size.real, seed=seed))
    pieces = chain(
        arranged_pieces(size.arranged, seed=seed),
        sung_pieces(sheets, styles_each=size.styles_each, seed=seed),
        real_pieces(scores, seed=seed),
    )
    print(f"{save_pieces(out, pieces)} pieces")
    for split in ("train", "valid", "test"):
        prepare(out / split, load_pieces(out, splits=frozenset({split})))
    (out / "data.json").write_text(to_json(manifest_of([*sheets, *scores])))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the corpus archives; without it, arranged pieces only")
    parser.add_argument("--out", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--arranged", type=int, default=Size.arranged)
    parser.add_argument("--styles-each", type=int, default=Size.styles_each)
    parser.add_argument("--real", type=int, default=Size.real)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    build(args.data, args.out, Size(args.arranged, args.styles_each, args.real), seed=args.seed)


if __name__ == "__main__":
    main()
