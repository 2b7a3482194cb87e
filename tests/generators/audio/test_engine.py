"""Laws of the audio engine: exact lengths, seeds, loops without a seam, and errors that name what is wrong."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from generators.audio.conditions import WIDTHS, conditions
from generators.audio.engine import AudioEngine, sampling_for
from generators.errors import BadWeights, InvalidAudio
from generators.flow.solver import SolverName
from generators.score.sampling import Sampling
from tests.generators.audio.worlds import (
    CHANNELS,
    DIM,
    HOP,
    RATE,
    LevelCodec,
    small_conditions,
    tiny_net,
    write_tiny_audio,
)

LIGHT = Sampling(2, SolverName.EULER, guidance=1.5, temperature=1.0)


@pytest.fixture(scope="module")
def engine() -> AudioEngine:
    return AudioEngine(LevelCodec(), tiny_net())


@pytest.mark.parametrize("n_samples", [8 * HOP, 8 * HOP + 1, 100_003])
def test_the_sound_is_exactly_as_long_as_asked(engine: AudioEngine, n_samples: int) -> None:
    frames = engine.frames_for(n_samples)

    made = engine.generate(small_conditions(frames), n_samples, seed=0, sampling=LIGHT)

    assert made.samples.shape == (2, n_samples)
    assert made.samples.dtype == np.float32
    assert np.isfinite(made.samples).all()
    assert made.sample_rate == RATE


def test_the_seed_decides_the_sound(engine: AudioEngine) -> None:
    told = small_conditions(40)

    first, again, other = (engine.latents(told, seed=s, sampling=LIGHT) for s in (1, 1, 2))

    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


def test_the_score_is_heard_in_the_latents(engine: AudioEngine) -> None:
    told = small_conditions(40)
    silent = told.freed()

    assert not np.allclose(
        engine.latents(told, seed=0, sampling=LIGHT), engine.latents(silent, seed=0, sampling=LIGHT), atol=1e-3
    )


@pytest.mark.parametrize("n_samples", [20 * HOP + 900, 260 * HOP - 3])
def test_a_loop_goes_on_at_its_start(engine: AudioEngine, n_samples: int) -> None:
    frames = engine.frames_for(n_samples, loop=True)
    told = small_conditions(frames, n_samples / RATE)

    turn = engine.generate(told, n_samples, seed=3, sampling=LIGHT, loop=True).samples

    seam = np.abs(turn[:, 0] - turn[:, -1])
    steps = np.abs(np.diff(turn, axis=1))
    assert turn.shape == (2, n_samples)
    assert (seam <= 1.5 * steps.max(axis=1)).all()
    once = engine.generate(told, frames * HOP, seed=3, sampling=LIGHT).samples
    assert np.abs(once[:, 0] - once[:, -1]).max() > 3.0 * seam.max()  # the same music without going round has a seam


def test_more_windows_than_fit_at_once_give_one_piece(engine: AudioEngine) -> None:
    frames = 176 * 12

    latents = engine.latents(small_conditions(frames, 98.0), seed=0, sampling=LIGHT)

    assert latents.shape == (frames, CHANNELS)


def test_conditions_of_another_length_are_refused(engine: AudioEngine) -> None:
    with pytest.raises(InvalidAudio, match="1 x 40 frames, the sound has 50"):
        engine.generate(small_conditions(40), 50 * HOP, seed=0)


def test_too_short_a_sound_is_refused(engine: AudioEngine) -> None:
    with pytest.raises(InvalidAudio, match="too short"):
        engine.frames_for(7 * HOP)


def test_a_flow_for_another_codec_is_refused() -> None:
    with pytest.raises(BadWeights, match="take both of one bundle"):
        AudioEngine(LevelCodec(channels=5), tiny_net())


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadWeights):
        AudioEngine.load(tmp_path)


def test_a_distilled_net_strides_and_is_not_guided() -> None:
    plain, quick = (sampling_for(tiny_net(strides=s), steps=4) for s in (False, True))

    assert (plain.steps, plain.strides, plain.guidance > 1.0) == (8, False, True)
    assert (quick.steps, quick.strides, quick.guidance) == (4, True, 1.0)


def test_music_that_is_told_no_notes_is_guided_more_in_more_steps() -> None:
    net = tiny_net()

    bound, free, fine = sampling_for(net, steps=4), sampling_for(net, steps=4, free=True), sampling_for(net, steps=40)

    assert (bound.steps, free.steps, fine.steps) == (8, 16, 40)
    assert free.guidance > bound.guidance
    assert sampling_for(tiny_net(strides=True), free=True) == sampling_for(tiny_net(strides=True))


def test_an_adapted_engine_that_is_told_no_notes_is_not_guided_away_from_its_own_sound() -> None:
    usual, adapted = (AudioEngine(LevelCodec(), tiny_net(), adapted=own) for own in (False, True))

    assert adapted.sampling(free=True) == replace(usual.sampling(free=True), guidance=1.0)
    assert adapted.sampling(free=False) == usual.sampling(free=False)
    assert adapted.sampling(steps=40, free=True).steps == 40


@pytest.mark.parametrize(
    ("told", "free"), [({}, True), ({"energy": 1}, True), ({"beats": 1}, False), ({"sketch": 1}, False)]
)
def test_music_is_free_where_nothing_of_a_score_is_told(told: dict[str, int], free: bool) -> None:
    values = {name: np.ones((30, WIDTHS[name]), np.float32) for name in told}
    masks = {name: np.ones(30, bool) for name in told}

    assert conditions(values, masks, np.ones(DIM, np.float32), frames=30, channels=4).free is free


def test_a_striding_net_makes_sound_too() -> None:
    engine = AudioEngine(LevelCodec(), tiny_net(strides=True))

    assert torch.isfinite(torch.from_numpy(engine.latents(small_conditions(30), seed=0))).all()


def test_the_public_loader_gives_an_engine_that_makes_sound(tmp_path: Path) -> None:
    engine = AudioEngine.load(write_tiny_audio(tmp_path))
    told = conditions({}, {}, np.ones(DIM, np.float32), frames=30, channels=8)

    made = engine.generate(told, 29 * HOP + 5, seed=0, sampling=LIGHT)
    turn = engine.generate(told, 30 * HOP + 5, seed=0, sampling=LIGHT, loop=True)

    assert made.samples.shape == (2, 29 * HOP + 5)
    assert np.isfinite(made.samples).all()
    assert made.samples.std() > 0.0
    assert turn.samples.shape == (2, 30 * HOP + 5)
