"""Which encoder looks at pictures, through the environment, the command line and the shipped bundle."""

import json
from pathlib import Path

import open_clip
import pytest
import torch
from click.testing import CliRunner, Result
from safetensors.torch import save_file

from encoders.errors import BadEncoderWeights
from schemas.manifest import MANIFEST, Manifest
from service.bundle import ENVIRONMENT_NAME
from service.cli import cli
from service.visual import (
    CACHE,
    CHECKPOINT,
    MODEL,
    OWN_EYES,
    SHA256,
    WAY,
    cache_folder,
    open_clip_config,
    visual_encoder,
)
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
    files = {MODEL: str(folder / "tiny.json"), CHECKPOINT: str(folder / "tiny.safetensors")}
    return {**files, CACHE: str(folder / "cache")}


@pytest.fixture(autouse=True)
def _no_model_of_the_tester(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (MODEL, CHECKPOINT, SHA256, WAY, CACHE):
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
    assert "the bundle's own" in visual_encoder({})
    assert CHECKPOINT in visual_encoder({})


@pytest.mark.parametrize(("files", "own"), [({}, "descriptors"), ({OWN_EYES: "0" * 64}, "eyes and descriptors")])
def test_eyes_of_a_bundle_are_named_where_it_has_them(files: dict[str, str], own: str, tmp_path: Path) -> None:
    manifest = Manifest(name="b", version="1", licence="Apache-2.0", files=files)
    (tmp_path / MANIFEST).write_text(manifest.model_dump_json())
    assert visual_encoder({ENVIRONMENT_NAME: str(tmp_path)}).startswith(f"the bundle's own {own}, since")


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


def test_a_video_is_scored_through_open_clip(tiny: Environment, tmp_path: Path) -> None:
    video = write_clip(tmp_path / "video.mp4", Clip())
    done = run(tiny, "score", video, "-o", tmp_path / "m.wav", "--report", tmp_path / "r.json")
    assert done.exit_code == 0, done.output
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["n_samples"] == 4 * 44100
    assert report["loudness_lufs"] > -30.0
    (tmp_path / "again").mkdir()
    assert run(tiny, "score", video, "-o", tmp_path / "again" / "m.wav").exit_code == 0
    assert (tmp_path / "again" / "m.wav").read_bytes() == (tmp_path / "m.wav").read_bytes()


def test_an_image_is_seen_in_three_ways(tiny: Environment, tmp_path: Path) -> None:
    words = ("--image", "examples/picture.jpg", "--duration", 9)
    fitted, through_words = (cues({**tiny, WAY: way}, tmp_path, *words) for way in ("fit", "bridge"))
    assert fitted == cues(tiny, tmp_path, *words)
    assert through_words == cues({**tiny, WAY: "bridge"}, tmp_path, *words)
    assert len({fitted, through_words, cues({}, tmp_path, *words)}) == 3


def test_a_fit_is_made_once_and_gives_the_same_from_its_file(tiny: Environment, tmp_path: Path) -> None:
    here = {**tiny, CACHE: str(tmp_path / "kept")}
    words = ("--image", "examples/picture.jpg", "--duration", 9)
    first = cues(here, tmp_path, *words)
    (path,) = (tmp_path / "kept").iterdir()
    written = path.stat().st_mtime_ns
    assert cues(here, tmp_path, *words) == first
    assert path.stat().st_mtime_ns == written
    path.write_bytes(b"damaged")
    assert cues(here, tmp_path, *words) == first


def test_a_way_that_is_none_is_bad_input(tiny: Environment, tmp_path: Path) -> None:
    wrong = {**tiny, WAY: "guess"}
    done = run(wrong, "cues", "--image", "examples/picture.jpg", "--duration", 4, "-o", tmp_path / "c.json")
    assert (done.exit_code, len(done.stderr.splitlines())) == (3, 1)
    assert WAY in done.stderr


def test_fits_are_kept_where_the_environment_says_or_in_the_users_cache() -> None:
    assert cache_folder({CACHE: "/own", "XDG_CACHE_HOME": "/shared"}) == Path("/own")
    assert cache_folder({"XDG_CACHE_HOME": "/shared"}) == Path("/shared/tonereel")
    assert cache_folder({}) == Path.home() / ".cache" / "tonereel"


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
    absent = {**tiny, CHECKPOINT: str(tmp_path / "x.safetensors")}
    own, named, bridged, wrong = (run(e, "doctor") for e in ({}, tiny, {**tiny, WAY: "bridge"}, absent))
    assert "ok    pictures     the bundle's own " in own.stdout
    assert "ok    pictures     open_clip:tiny at 32 px" in named.stdout
    assert tiny[CHECKPOINT] in named.stdout
    assert f"by a map fitted on sentences ({WAY} is not set)" in named.stdout
    assert f"through words, the sentences nearest to each picture ({WAY}=bridge)" in bridged.stdout
    assert "open_clip:tiny" in run(tiny, "models", "list").stdout
    assert "FAIL  pictures" in wrong.stdout
    assert wrong.exit_code == 4
