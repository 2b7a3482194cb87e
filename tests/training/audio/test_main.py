"""The command line of all stages."""

import importlib
from pathlib import Path

import pytest

from training.audio.__main__ import STAGES, main, parser, read
from training.presets import AUDIO_FLOW, asked


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_a_module_that_runs(stage: str) -> None:
    assert callable(importlib.import_module(f"training.audio.{stage}").run)


def test_arguments_name_folders_and_limits() -> None:
    args = parser().parse_args(["codec", "--preset", "tiny", "--minutes", "2", "--audio", "songs"])

    assert (args.stage, args.preset, args.minutes) == ("codec", "tiny", 2.0)
    assert args.audio == Path("songs")
    assert args.run is None


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["mix"])


def test_additions_begin_from_the_bundle_in_a_run_of_their_own_with_its_codec() -> None:
    args = read(["flow", "--audio", "songs", "--lora", "8"])

    assert args.lora == 8
    assert args.start == Path("weights/tonereel-mini/audio/flow.safetensors")
    assert args.codec == args.start.parent
    assert args.run == Path("runs/audio/lora")


def test_a_codec_that_is_named_is_taken_and_without_one_that_of_the_runs(tmp_path: Path) -> None:
    alone = str(tmp_path / "flow.safetensors")

    assert read(["flow"]).codec == Path("runs/audio/codec")
    assert read(["flow", "--lora", "4", "--start", alone]).codec == Path("runs/audio/codec")
    assert read(["flow", "--lora", "4", "--codec", "other"]).codec == Path("other")


@pytest.mark.parametrize("option", ["lora", "workers"])
@pytest.mark.parametrize("number", ["0", "-1", "many", "1.5"])
def test_a_rank_or_crew_that_is_none_is_refused(option: str, number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read(["flow", f"--{option}={number}"])
    assert f"argument --{option}: '{number}' is none; give a whole number" in " ".join(capsys.readouterr().err.split())


def test_what_is_wrong_with_a_folder_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["training.audio", "codec", "--audio", "nowhere", "--preset", "tiny"])

    with pytest.raises(SystemExit, match="codec: nowhere is not a folder"):
        main()


def test_a_device_that_is_named_takes_the_place_of_the_presets() -> None:
    on_processor = asked(AUDIO_FLOW, read(["flow", "--preset", "gpu", "--device", "cpu"]))
    as_it_is = asked(AUDIO_FLOW, read(["flow", "--preset", "gpu"]))

    assert (as_it_is.device, as_it_is.compiled) == ("cuda", True)
    assert (on_processor.device, on_processor.compiled) == ("cpu", False)
    assert (on_processor.sizes, on_processor.minutes) == (as_it_is.sizes, as_it_is.minutes)


@pytest.mark.parametrize("stage", ["codec", "vocoder", "flow", "distill"])
def test_an_accelerator_that_is_not_there_is_named_before_anything_is_read(
    stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("sys.argv", ["training.audio", stage, "--preset", "gpu"])

    with pytest.raises(SystemExit, match=f"{stage}: PyTorch finds no accelerator here.*--device cpu"):
        main()
    assert list(tmp_path.iterdir()) == []
