import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.score.plan.settle import Pin, settle, time_at


@settings(max_examples=80)
@given(
    st.lists(st.sampled_from((8, 12, 16)), min_size=2, max_size=30),
    st.floats(-0.035, 0.035),
    st.lists(st.tuples(st.integers(0, 29), st.integers(0, 7), st.floats(-0.2, 0.2)), max_size=8),
)
def test_whatever_the_pins_ask_bends_stay_within_the_limit_and_the_end_is_exact(
    steps: list[int], stretch: float, wishes: list[tuple[int, int, float]]
) -> None:
    shape = tuple(steps)
    duration_s = sum(shape) * 0.12 * (1.0 + stretch)
    even = np.concatenate([[0.0], np.cumsum(shape)]) * duration_s / sum(shape)
    pins = tuple(Pin(b, s, time_at(even, shape, b, s) + off, 1.0) for b, s, off in wishes if b < len(shape))

    lines = settle(shape, 0.12, duration_s, pins=pins, limit=0.04)

    assert lines[0] == 0.0
    assert lines[-1] == duration_s
    assert np.abs(np.diff(lines) / (np.array(shape) * 0.12) - 1.0).max() <= 0.04 + 1e-9


def test_a_reachable_pin_is_met_to_a_microsecond() -> None:
    lines = settle((16,) * 8, 0.125, 16.0, pins=(Pin(4, 4, 8.55, 0.5),), limit=0.04)

    assert abs(time_at(lines, (16,) * 8, 4, 4) - 8.55) < 1e-6


def test_bends_change_little_from_bar_to_bar() -> None:
    lines = settle((16,) * 8, 0.125, 16.0, pins=(Pin(4, 0, 8.1, 1.0),), limit=0.04)

    bend = np.diff(lines) / 2.0 - 1.0
    assert np.abs(np.diff(bend)).max() < 0.02


def test_a_duration_beyond_the_limit_is_spread_evenly() -> None:
    lines = settle((16, 8), 0.125, 3.3, pins=(), limit=0.04)

    assert np.allclose(lines, [0.0, 2.2, 3.3])
