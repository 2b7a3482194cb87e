"""What an edit may say, and what a request for one must leave out."""

from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from generators.score.score import ROLES
from schemas.edit import UNFIT, Extend, Repaint, TimeSpan
from schemas.music import RoleName
from schemas.request import MusicRequest
from schemas.soundtrack import SoundtrackRequest

SPANS = [{"start_s": 4.0, "end_s": 7.5}]
REPAINT = {"kind": "repaint", "spans": SPANS}
ASKED: dict[type[BaseModel], dict[str, Any]] = {
    MusicRequest: {"sound": "a.wav", "edit": REPAINT},
    SoundtrackRequest: {"sound": {"url": "https://example.com/a.wav"}, "edit": REPAINT},
}


def test_roles_are_those_of_the_score() -> None:
    assert get_args(RoleName) == tuple(role.value for role in ROLES)


@pytest.mark.parametrize("model", ASKED)
def test_a_sound_and_what_to_do_with_it_are_enough_and_survive_json(model: type[BaseModel]) -> None:
    request = model.model_validate(ASKED[model])

    assert model.model_validate_json(request.model_dump_json()) == request
    assert getattr(request, "edit") == Repaint(spans=(TimeSpan(start_s=4.0, end_s=7.5),))  # noqa: B009


@pytest.mark.parametrize("model", ASKED)
@pytest.mark.parametrize("name", ["sound", "edit"])
def test_neither_is_enough_alone(model: type[BaseModel], name: str) -> None:
    with pytest.raises(ValidationError, match="give both, or neither"):
        model.model_validate({"sources": [{"kind": "caption", "text": "x"}], name: ASKED[model][name]})


@pytest.mark.parametrize(
    ("name", "value"),
    [("takes", 2), ("duration_s", 9.0), ("tempo_bpm", 90.0), ("loop", True), ("lufs", -20.0), ("stems", True)],
)
def test_what_an_edit_cannot_follow_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=f"cannot follow {name}"):
        SoundtrackRequest.model_validate({**ASKED[SoundtrackRequest], name: value})


def test_a_video_says_nothing_of_an_edit() -> None:
    with pytest.raises(ValidationError, match="leave the video out"):
        MusicRequest.model_validate({**ASKED[MusicRequest], "sources": [{"kind": "video", "path": "a.mp4"}]})


def test_every_wish_that_an_edit_refuses_is_one_of_a_request() -> None:
    fields = set(MusicRequest.model_fields) | set(SoundtrackRequest.model_fields)

    assert set(UNFIT) <= fields


@pytest.mark.parametrize(
    "edit",
    [
        {"kind": "repaint", "spans": []},
        {"kind": "repaint", "spans": [{"start_s": 3.0, "end_s": 3.0}]},
        {"kind": "repaint", "spans": [{"start_s": -1.0, "end_s": 3.0}]},
        {"kind": "repaint", "spans": [{"start_s": 0.0, "end_s": float("nan")}]},
        {"kind": "extend"},
        {"kind": "extend", "by_s": 3.0, "length_s": 9.0},
        {"kind": "extend", "by_s": 0.0},
        {"kind": "extend", "length_s": 601.0},
        {"kind": "accompany", "role": "kazoo"},
        {"kind": "remix"},
    ],
)
def test_an_edit_that_makes_no_sense_is_refused(edit: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MusicRequest.model_validate({"sound": "a.wav", "edit": edit})


def test_an_extension_may_go_on_before_the_end() -> None:
    assert Extend(from_s=9.0, by_s=3.0).from_s == 9.0
