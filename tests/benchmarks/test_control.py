import numpy as np

from benchmarks.control import LEVELS, measured_level
from benchmarks.made import first_bars
from benchmarks.studio import deranged
from tests.benchmarks.small import CORPUS_SEED
from training.build import arranged_pieces
from training.corpus.attributes import attributes


def test_nothing_stays_in_its_place_when_conditions_are_exchanged() -> None:
    for n in (2, 5, 40):
        order = deranged(n, np.random.default_rng(n))

        assert sorted(order) == list(range(n))
        assert all(i != at for i, at in enumerate(order))


def test_every_level_is_measured_by_its_own_attribute() -> None:
    score = next(iter(arranged_pieces(1, seed=CORPUS_SEED))).score
    found = attributes(score)
    truth = {"tempo": found.tempo_bpm, "energy": found.energy, "brightness": found.brightness}

    for name in LEVELS:
        assert measured_level(name, score) == truth[name.split()[0]]


def test_the_first_bars_of_a_score_are_a_score() -> None:
    score = max((p.score for p in arranged_pieces(4, seed=CORPUS_SEED)), key=lambda s: s.bars)

    short = first_bars(score, 9).validate()

    assert short.bars == 9
    assert short.chords == score.chords[:18]
    assert first_bars(score, score.bars) == score
