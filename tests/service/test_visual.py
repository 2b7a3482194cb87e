"""Which encoder looks at pictures, through the environment, the command line and the shipped bundle."""

import json
from pathlib import Path

import open_clip
import pytest
import torch
from click.testing import CliRunner, Result
from safetensors.torch import save_file

from encoders.errors import BadEncoderWeights
from service.cli import cli
from service.visual import CHECKPOINT, MODEL, SHA256, open_clip_config, visual_encoder
from tests.service.clips import Clip, write_clip

Environment = dict[str, str]
TINY = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 8},
    "text_cfg": {"context_length": 24, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A small random model and its config file, as the environment names them."""
    folder = tmp_path_factory.mktemp("open_clip")
    torch.manual_seed(4)
    save_file(open_clip.CLIP(**TINY).state_dict(), folder / "tiny.safetensors")
    (folder / "tiny.json").write_text(json.dumps({"model_cfg": TINY}))
    return {MODEL: str(folder / "tiny.json"), CHECKPOINT: str(folder / "tiny.safetensors")}


@pytest.fixture(autouse=True)
def _no_model_of_the_tester(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (MODEL, CHECKPOINT, SHA256):
        monkeypatch.delenv(name, raising=False)


def run(environment: Environment, *words: object) -> Result:
    return CliRunner(env=environment).invoke(cli, [str(w) for w in words])


def cues(environment: Environment, folder: Path, *words: object) -> bytes:
    """The cue sheet that an environment's eyes lead to."""
    done = run(environment, "cues", *words, "-o", folder / "c.json")
    assert done.exit_code == 0, done.output
    return (folder / "c.json").read_bytes()


def test_without_a_checkpoint_pictures_go_through_the_bundles_own_encoder() -> None:
    assert open_clip_config({}) is None
    assert "descriptors" in visual_encoder({})
    assert CHECKPOINT in visual_encoder({})


def test_a_name_is_one_of_open_clips_and_a_json_is_a_config_file() -> None:
    named = open_clip_config({MODEL: "ViT-B-32", CHECKPOINT: "/m/b.safetensors", SHA256: "AB" * 32})
    filed = open_clip_config({MODEL: "/m/own.json", CHECKPOINT: "/m/b.safetensors"})
    assert named is not None
    assert filed is not None
    assert (named.model_name, named.config_file, named.sha256) == ("ViT-B-32", None, "ab" * 32)
    assert (filed.model_name, filed.config_file, filed.sha256) == ("own", Path("/m/own.json"), None)


@pytest.mark.parametrize(("given", "missing"), [(MODEL, CHECKPOINT), (CHECKPOINT, MODEL)])
def test_half_a_model_is_refused_by_the_name_of_the_other_half(given: str, missing: str, tmp_path: Path) -> None:
    with pytest.raises(BadEncoderWeights, match=f"{missing} is not"):
        open_clip_config({given: "x"})
    done = run({given: "x"}, "cues", "--caption", "calm", "--duration", 4, "-o", tmp_path / "c.json")
    assert (done.exit_code, len(done.stderr.splitlines())) == (4, 1)


def test_a_video_is_scored_through_open_clip_and_words(tiny: Environment, tmp_path: Path) -> None:
    video = write_clip(tmp_path / "video.mp4", Clip())
    done = run(tiny, "score", video, "-o", tmp_path / "m.wav", "--report", tmp_path / "r.json")
    assert done.exit_code == 0, done.output
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["n_samples"] == 4 * 44100
    assert report["loudness_lufs"] > -30.0
    (tmp_path / "again").mkdir()
    assert run(tiny, "score", video, "-o", tmp_path / "again" / "m.wav").exit_code == 0
    assert (tmp_path / "again" / "m.wav").read_bytes() == (tmp_path / "m.wav").read_bytes()


def test_an_image_is_seen_otherwise_than_by_the_bundles_own_encoder(tiny: Environment, tmp_path: Path) -> None:
    words = ("--image", "examples/picture.jpg", "--duration", 9)
    through_words = cues(tiny, tmp_path, *words)
    assert through_words == cues(tiny, tmp_path, *words)
    assert through_words != cues({}, tmp_path, *words)


def test_a_story_needs_no_open_clip(tmp_path: Path) -> None:
    absent = {MODEL: "ViT-B-32", CHECKPOINT: str(tmp_path / "absent.safetensors")}
    words = ("--story", "The sea is calm.", "--duration", 9)
    assert cues(absent, tmp_path, *words) == cues({}, tmp_path, *words)


@pytest.mark.parametrize("name", ["absent.safetensors", "model.pt"])
def test_a_checkpoint_that_cannot_be_used_exits_with_4_and_one_line(tmp_path: Path, name: str) -> None:
    wrong = {MODEL: "ViT-B-32", CHECKPOINT: str(tmp_path / name)}
    done = run(wrong, "score", "--image", "examples/picture.jpg", "--duration", 4, "-o", tmp_path / "m.wav")
    assert done.exit_code == 4
    assert len(done.stderr.splitlines()) == 1
    assert name in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_another_hash_than_named_is_refused(tiny: Environment, tmp_path: Path) -> None:
    other = {**tiny, SHA256: "0" * 64}
    done = run(other, "cues", "--image", "examples/picture.jpg", "--duration", 4, "-o", tmp_path / "c.json")
    assert done.exit_code == 4
    assert "sha256" in done.stderr


def test_the_doctor_says_which_encoder_looks_and_why(tiny: Environment, tmp_path: Path) -> None:
    own, named, wrong = (run(e, "doctor") for e in ({}, tiny, {**tiny, CHECKPOINT: str(tmp_path / "x.safetensors")}))
    assert "ok    pictures     the bundle's own descriptors" in own.stdout
    assert "ok    pictures     open_clip:tiny at 32 px" in named.stdout
    assert tiny[CHECKPOINT] in named.stdout
    assert "FAIL  pictures" in wrong.stdout
    assert wrong.exit_code == 4
