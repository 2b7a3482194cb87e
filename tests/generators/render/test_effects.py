"""Effects: leading ones end on their moment, hits start on it."""

import numpy as np
import pytest

from generators.render.effects import LEADING, effect_frames, render_effect
from generators.score.score import EFFECTS, Effect

RATE = 44100


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("seconds", [0.3, 2.0])
def test_effects_are_finite_and_start_and_end_softly_enough(effect: Effect, seconds: float) -> None:
    frames = effect_frames(effect, seconds, RATE)
    x = render_effect(effect, frames, RATE)
    assert np.all(np.isfinite(x))
    assert np.max(np.abs(x)) > 0.01
    assert np.max(np.abs(x[:, -1])) < 0.02 * np.max(np.abs(x))
    assert np.array_equal(x, render_effect(effect, frames, RATE))


@pytest.mark.parametrize("effect", sorted(LEADING))
def test_leading_effects_fill_their_note_and_are_loudest_at_its_end(effect: Effect) -> None:
    x = render_effect(effect, effect_frames(effect, 2.0, RATE), RATE)
    assert x.shape == (2, 2 * RATE)
    power = np.sum(x**2, axis=0).reshape(20, -1).sum(axis=1)
    assert int(np.argmax(power)) >= 18
    assert power[0] < 0.01 * power.max()


@pytest.mark.parametrize("effect", [Effect.IMPACT, Effect.BOOM, Effect.SUB_DROP, Effect.SHIMMER])
def test_hits_sound_at_once(effect: Effect) -> None:
    x = render_effect(effect, effect_frames(effect, 1.0, RATE), RATE)
    envelope = np.max(np.abs(x), axis=0)
    assert int(np.argmax(envelope > 0.3 * envelope.max())) < 0.02 * RATE


def test_a_whoosh_is_loudest_in_the_middle_and_passes_from_left_to_right() -> None:
    x = render_effect(Effect.WHOOSH, 2 * RATE, RATE)
    power = np.sum(x**2, axis=0).reshape(10, -1).sum(axis=1)
    assert int(np.argmax(power)) in {4, 5}
    sides = [np.sum(half**2, axis=1) for half in np.split(x, 2, axis=1)]
    assert sides[0][0] > sides[0][1]
    assert sides[1][0] < sides[1][1]
