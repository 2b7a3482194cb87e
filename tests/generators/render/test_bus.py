"""The bus: what is added where, and how deep and how long a kick presses it down."""

import numpy as np
import pytest

from generators.render.bus import HOLD_S, RELEASE_S, Bus, Duck
from generators.score.performance import TimedNote
from generators.score.score import KICK

RATE = 1000


def kicks(*onsets_s: float) -> list[TimedNote]:
    return [TimedNote(onset, 0.1, KICK, 100) for onset in onsets_s]


def bus(frames: int, *, wet: float = 0.0, loop: bool = False, duck: Duck | None = None) -> Bus:
    return Bus(np.zeros((2, frames), np.float32), np.zeros(frames, np.float32), wet, loop, duck)


def test_a_kick_presses_down_to_the_whole_depth_and_lets_go() -> None:
    gains = Duck.by(kicks(0.5), 6.0, RATE).gains(0, 1000)
    assert np.all(gains[:500] == 1.0)
    assert float(gains.min()) == pytest.approx(10.0 ** (-6.0 / 20.0), abs=1e-5)
    assert np.all(gains[500 + round((1.5 * HOLD_S + RELEASE_S) * RATE) :] == 1.0)


def test_gains_do_not_depend_on_where_a_stretch_begins() -> None:
    duck = Duck.by(kicks(0.1, 0.25, 0.9), 9.0, RATE)
    whole = duck.gains(0, 1200)
    parts = [duck.gains(start, 300) for start in range(0, 1200, 300)]
    assert np.array_equal(np.concatenate(parts), whole)


def test_only_kicks_duck() -> None:
    snare = [TimedNote(0.5, 0.1, 38, 100)]
    assert np.all(Duck.by(snare, 6.0, RATE).gains(0, 1000) == 1.0)


def test_kicks_at_the_start_of_a_loop_duck_what_rings_beyond_its_end() -> None:
    looped = Duck.by(kicks(0.0), 6.0, RATE, loop_frames=1000)
    assert float(looped.gains(950, 150).min()) < 0.6
    assert np.array_equal(looped.gains(1000, 400), looped.gains(0, 400))
    assert np.all(Duck.by(kicks(0.0), 6.0, RATE).gains(950, 150) == 1.0)


def test_a_sound_goes_to_the_target_whole_and_to_the_send_as_wet_as_asked() -> None:
    made = bus(100, wet=0.5)
    made.add(np.stack([np.full(10, 1.0), np.full(10, 0.5)]).astype(np.float32), 95)
    assert np.all(made.target[0, 95:] == 1.0)
    assert np.all(made.target[1, 95:] == 0.5)
    assert np.all(made.send[95:] == 0.375)
    assert not np.any(made.send[:95])


def test_a_ducked_bus_ducks_the_send_too() -> None:
    made = bus(1000, wet=1.0, duck=Duck.by(kicks(0.5), 12.0, RATE))
    made.add(np.ones((2, 1000), np.float32), 0)
    assert float(made.target.min()) == pytest.approx(10.0 ** (-12.0 / 20.0), abs=1e-5)
    assert np.allclose(made.send, made.target[0])


def test_a_looped_bus_wraps_both() -> None:
    made = bus(100, wet=1.0, loop=True)
    made.add(np.ones((2, 20), np.float32), 90)
    assert np.all(made.target[:, :10] == 1.0)
    assert np.all(made.send[:10] == 1.0)
