import numpy as np
import pytest

from generators.score.plan.lattice import SEARCH_BEND, Draft, Prices, Targets, place_values, search
from generators.score.score import Metre


def found(duration_s: float, *targets: tuple[float, float], whole_bars: bool = False) -> Draft | None:
    at = Targets(np.array([t for t, _ in targets]), np.array([w for _, w in targets]))
    return search(at, duration_s, tempo_bpm=120.0, metre=Metre.FOUR_FOUR, whole_bars=whole_bars, prices=Prices())


@pytest.mark.parametrize("metre", list(Metre))
def test_a_downbeat_is_the_best_place_and_an_odd_sixteenth_the_worst(metre: Metre) -> None:
    values = place_values(metre)

    assert values.argmax() == 0
    assert values[1] == values.min()
    assert values[metre.steps_per_beat] > values[2]


def test_a_steady_tempo_costs_nothing_without_targets() -> None:
    draft = found(16.0)

    assert draft is not None
    assert draft.steps == (16,) * 8
    assert draft.cost == pytest.approx(0.0, abs=1e-9)


def test_a_met_target_makes_a_draft_cheaper_by_its_weight() -> None:
    plain, met = found(16.0), found(16.0, (8.0, 0.6))

    assert plain is not None
    assert met is not None
    assert plain.cost - met.cost == pytest.approx(0.6, abs=1e-6)


def test_no_run_of_whole_bars_fills_a_duration_between_them() -> None:
    assert found(3.0, whole_bars=True) is None
    assert found(3.0) is not None


def test_lengths_fill_the_duration_and_keep_the_bend() -> None:
    draft = found(37.0, (5.3, 1.0), (11.1, 1.0), (23.9, 1.0))

    assert draft is not None
    assert sum(draft.lengths_s) == pytest.approx(37.0)
    bends = np.array(draft.lengths_s) / (np.array(draft.steps) * 0.125) - 1.0
    assert np.abs(bends).max() <= SEARCH_BEND + 1e-9
