"""Steps, quality and speed of a tiny audio flow: every way is asked for the same, and told of as it is."""

from pathlib import Path

import pytest

from benchmarks import audio_steps
from benchmarks.audio_context import AudioContext
from benchmarks.audio_engine import PARTS
from benchmarks.audio_steps import GUIDED, STRIDES, Trial, made, quality, seconds, told, ways
from benchmarks.audio_sung import Stage, played
from benchmarks.table import Cell
from generators.errors import BadWeights
from generators.flow.checkpoint import save_module
from tests.benchmarks.audio_world import judges, small_stage
from tests.generators.audio.worlds import tiny_net


@pytest.fixture(scope="module")
def stage() -> Stage:
    return small_stage()


@pytest.fixture(scope="module")
def trial(stage: Stage) -> Trial:
    return Trial.of(stage, judges(), clips=2, captions=3)


@pytest.fixture(scope="module")
def strided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _saved(tmp_path_factory.mktemp("strided"), strides=True)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _saved(tmp_path_factory.mktemp("plain"), strides=False)


def test_guidance_asks_the_net_twice_a_step_and_strides_ask_it_once(stage: Stage, strided: Path) -> None:
    both = ways(stage.engine, strided=strided)

    assert [way.evaluations for way in both if way.sampling.strides] == list(STRIDES)
    assert [way.evaluations for way in both if not way.sampling.strides] == [2 * k for k in GUIDED]
    assert all(way.engine is stage.engine for way in both if not way.sampling.strides)


def test_without_distilled_weights_there_are_guided_ways_only(stage: Stage, plain: Path) -> None:
    found = ways(stage.engine)

    assert not any(way.sampling.strides for way in found)
    assert [way.sampling.steps for way in found if way.usual] == [8]
    assert [way.usual for way in ways(stage.engine, teacher=plain)] == [False] * len(GUIDED)


def test_a_bundle_that_strides_is_its_own_student() -> None:
    found = ways(small_stage(strides=True).engine)

    assert [way.sampling.strides for way in found] == [True] * len(STRIDES) + [False] * len(GUIDED)
    assert [way.name for way in found if way.usual] == ["**strides, 4 steps**"]


def test_weights_without_strides_are_no_distilled_ones(stage: Stage, plain: Path) -> None:
    with pytest.raises(BadWeights, match="has no strides"):
        ways(stage.engine, strided=plain)


def test_every_way_is_asked_for_the_same_and_more_steps_make_other_sound(stage: Stage, trial: Trial) -> None:
    few, many = (way for way in ways(stage.engine) if way.sampling.steps in (4, 32))

    (scores, words), again, (others, _) = made(few, trial), made(few, trial), made(many, trial)

    assert (len(scores), len(words)) == (2, 3)
    assert (scores[0].samples == again[0][0].samples).all()
    assert not (scores[0].samples == others[0].samples).all()


def test_the_clips_themselves_score_full_and_lie_nearer_than_what_a_random_net_makes(trial: Trial) -> None:
    clips = trial.stage.clips
    real = quality(trial, [played(c) for c in clips[:2]], [played(c) for c in clips[:3]])

    random = quality(trial, *made(ways(trial.stage.engine)[0], trial))

    assert real.chroma == pytest.approx(1.0, abs=1e-3)
    assert real.f1 == pytest.approx(1.0)
    assert random.f1 < real.f1
    assert all(real.distances[judge] < random.distances[judge] for judge in ("TFD", "CLAP"))


def test_time_is_that_of_the_sampler(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio_steps, "MINUTE_S", 2.0)

    assert seconds(ways(stage.engine)[0], stage, runs=1) > 0.0


def test_the_text_tells_what_was_at_hand(stage: Stage, trial: Trial, strided: Path) -> None:
    alone, both = ways(stage.engine), ways(stage.engine, strided=strided)
    row: list[Cell] = ["way", 1, 0.5, 0.5, 0.5, "0.1", 1.0, 2.0, 3.0]

    without, full = told([row], trial, alone), told([row], trial, both)

    assert "No distilled weights were at hand" in without
    assert "No distilled weights" not in full
    assert "| TFD distance | CLAP distance |" in full
    assert "5 other held-out clips" in full


def test_the_part_is_known_to_the_command_line() -> None:
    assert PARTS.of["steps"] == ("benchmarks.audio_steps", ("audio-steps",))
    assert AudioContext.__dataclass_fields__["strided"].default is None


def _saved(folder: Path, *, strides: bool) -> Path:
    net = tiny_net(strides=strides)
    save_module(folder / "flow.safetensors", net, net.config)
    return folder / "flow.safetensors"
