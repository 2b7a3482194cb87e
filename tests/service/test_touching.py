"""What the engine is told in an edit, and that each edit is the one that was asked for."""

import numpy as np
import pytest

from generators.audio.conditions import WIDTHS
from generators.audio.engine import AudioEngine
from generators.errors import InvalidAudio
from generators.score.score import ROLES, Role
from generators.waveform import Waveform
from schemas.edit import Accompany, Edit, Extend, Repaint, TimeSpan
from service.errors import BadInput
from service.parts import Touch
from service.touching import conditions_for, length_after, touched
from tests.generators.audio.worlds import CHANNELS, DIM, HOP, RATE, LevelCodec, small_plan, tiny_net

FRAMES = 40
POINTS = np.stack([np.full(DIM, k, np.float32) for k in (1.0, 2.0)])
SPAN = Repaint(spans=(TimeSpan(start_s=0.5, end_s=0.9),))


@pytest.fixture(scope="module")
def engine() -> AudioEngine:
    return AudioEngine(LevelCodec(), tiny_net())


def music(seconds: float = 1.5) -> Waveform:
    wave = 0.1 * np.sin(np.arange(round(seconds * RATE)) / 2000.0)
    return Waveform(np.stack([wave, -wave]).astype(np.float32), RATE)


def given(edit: Edit, *, planned: bool) -> dict[str, float]:
    """The share of frames in which each group is told."""
    touch = Touch(edit, POINTS, 1, small_plan(FRAMES * HOP / RATE / 2) if planned else None)
    told = conditions_for(touch, frames=FRAMES, channels=CHANNELS)
    return dict(zip(WIDTHS, told.masks[0].mean(dim=0).tolist(), strict=True))


def test_points_are_told_evenly_over_the_music() -> None:
    told = conditions_for(Touch(SPAN, POINTS, 1), frames=FRAMES, channels=CHANNELS)

    assert told.clap[0, :, 0].tolist() == [1.0] * 20 + [2.0] * 20


def test_without_a_plan_only_the_role_of_a_further_part_is_told() -> None:
    assert not any(given(SPAN, planned=False).values())
    assert {name for name, share in given(Accompany(role="bass"), planned=False).items() if share} == {"roles"}


def test_a_role_is_told_by_its_own_place() -> None:
    told = conditions_for(Touch(Accompany(role="drums"), POINTS, 1), frames=FRAMES, channels=CHANNELS)
    before = sum(list(WIDTHS.values())[: list(WIDTHS).index("roles")])

    roles = told.values[0, :, before : before + len(ROLES)]
    assert roles.argmax(dim=-1).unique().tolist() == [ROLES.index(Role.DRUMS)]


def test_beats_and_curves_of_a_plan_are_told_as_far_as_it_goes() -> None:
    shares = given(SPAN, planned=True)

    assert 0.4 < shares["beats"] < 0.6
    assert shares["chords"] == shares["whole"] == shares["roles"] == 0.0
    assert {name for name, share in given(Accompany(role="bass"), planned=True).items() if share} <= {
        "accents",
        "beats",
        "roles",
    }


@pytest.mark.parametrize(
    ("edit", "n_samples"),
    [
        (SPAN, round(1.5 * RATE)),
        (Extend(by_s=0.25), round(1.75 * RATE)),
        (Extend(length_s=2.0), 2 * RATE),
        (Accompany(role="lead"), round(1.5 * RATE)),
    ],
)
def test_every_edit_has_its_own_length_and_keeps_what_is_its_own(
    engine: AudioEngine, edit: Edit, n_samples: int
) -> None:
    before = music()

    after = touched(engine, before, Touch(edit, POINTS, 1), seed=0).samples

    early = slice(0, int(0.4 * RATE))
    assert after.shape == (2, n_samples)
    assert np.array_equal(after[:, early], before.samples[:, early]) == (not isinstance(edit, Accompany))
    assert not np.allclose(after[:, : before.samples.shape[1]], before.samples) or isinstance(edit, Extend)


@pytest.mark.parametrize(("edit", "said"), [(Extend(length_s=1.5), "ask for more"), (Extend(by_s=599.0), "too long")])
def test_an_extension_must_be_longer_but_not_too_long(edit: Edit, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        length_after(edit, music())


def test_music_that_is_too_short_is_refused(engine: AudioEngine) -> None:
    with pytest.raises(InvalidAudio, match="too short"):
        touched(engine, music(0.2), Touch(Accompany(role="pad"), POINTS, 1), seed=0)
