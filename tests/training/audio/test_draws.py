"""Draws: always the length asked for, the same for the same seed, varied but never upside down."""

import numpy as np
import pytest
import torch

from training.audio.draws import Ahead, ClipSource, batch, equalised, varied, workers_for


def _clips() -> np.ndarray[tuple[int, int, int], np.dtype[np.int16]]:
    return np.random.default_rng(0).integers(-20_000, 20_000, (3, 2, 5000)).astype(np.int16)


def test_a_stretch_is_somewhere_in_a_clip() -> None:
    clips = _clips()

    stretch = ClipSource(clips).draw(1000, np.random.default_rng(1))

    assert stretch.shape == (2, 1000)
    assert any(
        np.allclose(stretch * 32_767.0, clip[:, at : at + 1000], atol=0.01)
        for clip in clips
        for at in np.flatnonzero(clip[0] == round(float(stretch[0, 0]) * 32_767.0))
    )


def test_a_whole_clip_can_be_drawn() -> None:
    assert ClipSource(_clips()).draw(5000, np.random.default_rng(1)).shape == (2, 5000)


def test_the_same_seed_draws_the_same() -> None:
    first, again = (batch(ClipSource(_clips()), 4, 512, np.random.default_rng(7)) for _ in range(2))

    assert first.shape == (4, 2, 512)
    assert torch.equal(first, again)


def test_variations_stay_in_range_and_keep_their_polarity() -> None:
    rng = np.random.default_rng(0)
    kick = np.repeat(np.exp(-np.arange(4000) / 400.0)[None], 2, axis=0).astype(np.float32)
    kick[1] *= 0.5

    made = [varied(kick, rng) for _ in range(30)]

    assert all(np.abs(m).max() <= 1.0 for m in made)
    assert all(float((m.sum(axis=0) * kick.sum(axis=0)).sum()) > 0.0 for m in made)
    louder_left = [bool(np.abs(m[0]).sum() > np.abs(m[1]).sum()) for m in made]
    assert any(louder_left)
    assert not all(louder_left)


def test_an_even_equaliser_is_a_gain() -> None:
    noise = np.random.default_rng(0).standard_normal((2, 4096)).astype(np.float32)

    assert np.allclose(equalised(noise, [6.0206] * 5), 2.0 * noise, atol=1e-3)


@pytest.mark.parametrize("workers", [0, 3])
def test_what_is_made_ahead_is_what_would_be_made_now(workers: int) -> None:
    asked: list[int] = []

    def make(step: int) -> torch.Tensor:
        asked.append(step)
        return torch.full((2,), float(step))

    ahead = Ahead(make, workers=workers)

    assert [float(ahead.of(step)[0]) for step in range(5, 12)] == list(range(5, 12))
    assert len(asked) == len(set(asked))
    assert 11 <= max(asked) <= 11 + workers


def test_training_on_the_cores_leaves_them_to_it() -> None:
    assert workers_for("cpu") == 0
    assert workers_for("cuda") > 0
