"""Laws of the conditions: not given is a value, windows of them are their own, and curves stand where bars are."""

import numpy as np
import pytest
import torch

from generators.audio.conditions import (
    CURVES,
    FOLLOWED,
    FRAME_S,
    WIDTHS,
    Follow,
    Played,
    conditions,
    conditions_of,
    curves_of,
    local_width,
)
from generators.audio.sketch import Orchestra
from generators.errors import InvalidAudio
from generators.render.palettes import palette_for
from generators.score.controls import Controls
from generators.score.plan.brief import GridBar
from generators.score.style import Style
from tests.generators.audio.worlds import CHANNELS, DIM, every_timbre, small_conditions, small_performance, small_plan

FRAMES = 130


def masked(told: torch.Tensor, name: str) -> torch.Tensor:
    """The values of one group."""
    at = list(WIDTHS).index(name)
    start = sum(list(WIDTHS.values())[:at])
    return told[0, :, start : start + WIDTHS[name]]


@pytest.mark.parametrize("follow", list(Follow))
def test_only_what_is_followed_is_told_of_the_score(follow: Follow) -> None:
    told = small_conditions(FRAMES, follow=follow)

    given = {name for i, name in enumerate(WIDTHS) if told.masks[0, :, i].any()}

    assert given - set(CURVES) == FOLLOWED[follow] - {"sketch"}
    assert all(not masked(told.values, name).any() for name in WIDTHS if name not in given)


def test_without_anything_all_values_are_zero_and_the_width_is_the_nets() -> None:
    told = conditions({}, {}, np.zeros(DIM, np.float32), frames=FRAMES, channels=CHANNELS)

    assert told.local.shape == (1, FRAMES, local_width(CHANNELS))
    assert not told.local.any()
    assert not told.embedding.any()


def test_a_clap_point_that_is_given_is_flagged() -> None:
    told = small_conditions(FRAMES)

    assert torch.equal(told.embedding[..., -1], torch.ones(1, FRAMES))
    assert not told.freed().embedding.any()


def test_what_is_free_keeps_the_sound_that_is_there() -> None:
    sound = np.ones((FRAMES, CHANNELS), np.float32)
    told = small_conditions(FRAMES).with_sound(sound)

    free = told.freed()

    assert torch.equal(free.sound, told.sound)
    assert torch.equal(free.kinds, told.kinds)
    assert not free.values.any()


def test_sound_stays_only_where_it_is_said_to() -> None:
    stays = np.arange(FRAMES) < 50
    told = small_conditions(FRAMES).with_sound(np.ones((FRAMES, CHANNELS), np.float32), stays=stays)

    assert np.array_equal(~told.asked[0, :, 0].numpy(), stays)
    assert np.array_equal(told.sound[0].any(dim=1).numpy(), stays)


def test_sound_beside_is_no_sound_in_its_place() -> None:
    told = small_conditions(FRAMES).with_sound(np.ones((FRAMES, CHANNELS), np.float32))

    assert told.asked.all()
    assert told.kinds[..., 1].all()


def test_sound_of_another_length_is_refused() -> None:
    with pytest.raises(InvalidAudio, match="7 latent frames"):
        small_conditions(FRAMES).with_sound(np.ones((7, CHANNELS), np.float32))


def test_a_window_is_told_what_the_piece_is_told_there() -> None:
    told = small_conditions(FRAMES)
    index = torch.tensor([[3, 4, 5], [128, 129, 0]])

    windows = told.at(index)

    assert torch.equal(windows.local[1], told.local[0, [128, 129, 0]])
    assert torch.equal(windows.rows(slice(0, 1)).embedding[0], told.embedding[0, 3:6])


def test_curves_are_constant_in_a_bar_and_free_outside() -> None:
    bars = (GridBar(0.2, 1.2, 16), GridBar(1.2, 2.2, 16))
    accents = np.zeros((2, 16), np.float32)
    accents[1, 8] = 1.0
    energy = np.array([[0.25], [0.75]], np.float32)
    controls = Controls({"energy": energy, "accents": accents, "place": np.zeros((2, 4), np.float32)})

    values, masks = curves_of(bars, controls, frames=30, frame_s=0.1)

    assert values["energy"][2:22, 0] == pytest.approx([0.25] * 10 + [0.75] * 10)
    assert np.flatnonzero(masks["energy"]).tolist() == list(range(2, 22))
    assert np.flatnonzero(values["accents"]).tolist() == [17]


def test_points_follow_their_bars() -> None:
    plan = small_plan()
    points = np.eye(DIM, dtype=np.float32)[np.arange(len(plan.bars)) % DIM]

    told = conditions_of(plan, Played(small_performance()), points, frames=FRAMES, channels=CHANNELS)

    for bar, point in zip(plan.bars, points, strict=True):
        middle = int((bar.start_s + bar.end_s) / 2 / FRAME_S)
        assert np.array_equal(told.clap[0, middle].numpy(), point)


def test_points_for_another_number_of_bars_are_refused() -> None:
    with pytest.raises(InvalidAudio, match="points were given"):
        conditions_of(
            small_plan(), Played(small_performance()), np.zeros((99, DIM), np.float32), frames=FRAMES, channels=CHANNELS
        )


def test_a_loop_fills_all_its_frames() -> None:
    plan = small_plan(6.0, loop=True)

    played = Played(small_performance(loop=True))

    told = conditions_of(plan, played, np.zeros(DIM, np.float32), frames=128, channels=CHANNELS)

    assert masked(told.values, "beats")[-1].any()


@pytest.mark.parametrize("follow", list(Follow))
def test_who_plays_is_told_with_the_whole_score_only(follow: Follow) -> None:
    played = Played(small_performance(), follow, Orchestra(palette_for(Style.LOFI, 0), every_timbre()))

    told = conditions_of(small_plan(), played, np.zeros(DIM, np.float32), frames=FRAMES, channels=CHANNELS)

    assert bool(told.masks[0, :, list(WIDTHS).index("sketch")].all()) == (follow is Follow.SCORE)
    assert bool(masked(told.values, "sketch").any()) == (follow is Follow.SCORE)
    assert (played.tuning(frames=FRAMES, frame_s=FRAME_S) is None) == (follow not in (Follow.SCORE, Follow.NOTES))
    assert Played(small_performance(), follow).tuning(frames=FRAMES, frame_s=FRAME_S) is None
