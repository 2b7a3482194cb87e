import numpy as np
import pytest

from benchmarks.novelty import Index, index_of, melody, runs_of, top_line
from generators.score.score import Note
from tests.benchmarks.small import CORPUS_SEED, small_corpus
from training.pieces import load_pieces


def test_a_transposed_melody_has_the_same_runs_and_another_has_not() -> None:
    line = np.random.default_rng(0).integers(60, 84, 40)

    assert np.array_equal(runs_of(line), runs_of(line + 5))
    assert not np.isin(runs_of(np.random.default_rng(1).integers(60, 84, 40)), runs_of(line)).any()
    assert len(runs_of(line)) == 33
    assert len(runs_of(line[:7])) == 0


def test_the_top_line_takes_the_highest_note_of_each_onset() -> None:
    notes = (Note(0, 60, 4, 90), Note(0, 64, 4, 90), Note(4, 62, 4, 90))

    assert top_line(notes).tolist() == [64, 62]


def test_a_copy_is_wholly_known_and_its_source_is_nearest() -> None:
    first, second = (np.random.default_rng(s).integers(60, 84, 60) for s in (0, 1))
    runs = np.concatenate([runs_of(first), runs_of(second)])
    order = np.argsort(runs)
    index = Index(runs[order], np.repeat([0, 1], 53)[order])

    half = np.concatenate([first[:30], np.random.default_rng(2).integers(60, 84, 30)])

    assert index.known(runs_of(first)).all()
    assert index.nearest(runs_of(first)) == 1.0
    assert index.nearest(runs_of(half)) == pytest.approx(23 / 53, abs=0.05)
    assert index.nearest(runs_of(np.random.default_rng(3).integers(60, 84, 60))) == 0.0


def test_training_pieces_are_known_to_the_index_of_their_own_corpus(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = small_corpus(tmp_path_factory.mktemp("corpus"), seed=CORPUS_SEED)

    index = index_of(folder)

    for piece in load_pieces(folder, splits=frozenset({"train"})):
        assert index.known(runs_of(melody(piece.score))).all()
