"""The audio engine in a whole bundle: from a caption to a file, with small random nets through the public loader."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from schemas.manifest import MANIFEST
from schemas.music import FollowName
from schemas.request import MusicRequest
from schemas.source import CaptionSource
from service.composition import BundleParts, parts_from
from service.errors import BadInput
from service.media.reading import read_audio
from service.outputs import Outputs
from service.pipeline import run
from service.progress import Silent
from service.singing import OwnSinger, singer_for
from tests.generators.audio.published.tiny import write_musicldm
from tests.generators.audio.worlds import write_tiny_audio
from training.manifest import manifest_of

CLAP_DIM = 128


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> BundleParts:
    """The shipped bundle with a tiny audio engine."""
    folder = tmp_path_factory.mktemp("bundle") / "with-audio"
    shutil.copytree("weights/tonereel-mini", folder, ignore=shutil.ignore_patterns("audio"))
    write_tiny_audio(folder / "audio", dim=CLAP_DIM)
    (folder / MANIFEST).write_text(manifest_of(folder, version="1", metrics={}).model_dump_json())
    return BundleParts(folder)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> BundleParts:
    """The shipped bundle beside a tiny random MusicLDM in the layout of diffusers."""
    folder = tmp_path_factory.mktemp("published") / "tiny-musicldm"
    write_musicldm(folder)
    return parts_from({"TONEREEL_AUDIO_MODEL": str(folder)})


def asked(*, follow: FollowName = "score", loop: bool = False) -> MusicRequest:
    caption = CaptionSource(text="calm piano")
    return MusicRequest(sources=(caption,), duration_s=3.21, engine="audio", follow=follow, loop=loop, steps=1)


def test_a_bundle_says_which_engines_it_has(parts: BundleParts) -> None:
    assert parts.voice is not None
    assert set(parts.voice.follows) == {"score", "chords", "beats", "nothing"}
    assert parts.bundle == "with-audio 1"


def test_sung_music_is_exactly_as_long_as_loud_and_as_quiet_at_its_end_as_played_music(
    parts: BundleParts, tmp_path: Path
) -> None:
    (report,) = run(asked(), Outputs(tmp_path / "a.wav", midi=tmp_path / "a.mid"), parts, Silent())

    sound = read_audio(tmp_path / "a.wav", sample_rate=44_100, max_duration_s=60.0).samples
    assert (report.engine, report.n_samples) == ("audio", round(3.21 * 44_100))
    assert sound.shape == (2, report.n_samples)
    assert report.loudness_lufs == pytest.approx(-14.0, abs=0.5)
    assert report.true_peak_dbtp is not None
    assert report.true_peak_dbtp <= -1.0
    assert np.abs(sound[:, -int(0.05 * 44_100) :]).max() < 10 ** (-50 / 20)
    assert (tmp_path / "a.mid").exists()


def test_the_same_request_gives_the_same_bytes_and_less_of_the_score_others(parts: BundleParts, tmp_path: Path) -> None:
    made = []
    for follow in ("score", "score", "nothing"):
        run(asked(follow=follow), Outputs(tmp_path / "same.wav"), parts, Silent())
        made.append((tmp_path / "same.wav").read_bytes())

    assert made[0] == made[1] != made[2]


def test_stems_of_sung_music_add_up_to_it(parts: BundleParts, tmp_path: Path) -> None:
    run(asked(), Outputs(tmp_path / "a.wav", stems=tmp_path / "stems"), parts, Silent())

    mix, *stems = (
        read_audio(path, sample_rate=44_100, max_duration_s=60.0).samples
        for path in (tmp_path / "a.wav", *(tmp_path / "stems").iterdir())
    )
    assert len(stems) > 1
    assert np.allclose(sum(stems), mix, atol=1e-3)


def test_a_loop_is_sung_to_its_exact_length(parts: BundleParts, tmp_path: Path) -> None:
    (report,) = run(asked(loop=True), Outputs(tmp_path / "a.wav"), parts, Silent())

    assert report.n_samples == round(report.duration_s * 44_100)


def test_a_published_model_sings_exactly_as_long_in_stereo(published: BundleParts, tmp_path: Path) -> None:
    (report,) = run(asked(follow="nothing"), Outputs(tmp_path / "a.wav"), published, Silent())

    sound = read_audio(tmp_path / "a.wav", sample_rate=44_100, max_duration_s=60.0).samples
    assert sound.shape == (2, round(3.21 * 44_100))
    assert float(np.abs(sound).max()) > 0.01
    assert any("licence" in remark for remark in report.remarks)


@pytest.mark.parametrize(
    ("follow", "loop", "why"), [("score", False, "follow nothing"), ("nothing", True, "cannot make loops")]
)
def test_what_a_published_model_cannot_do_is_refused_before_any_work(
    published: BundleParts, tmp_path: Path, follow: FollowName, loop: bool, why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        run(asked(follow=follow, loop=loop), Outputs(tmp_path / "a.wav"), published, Silent())
    assert not list(tmp_path.iterdir())


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"neither model_index\.json nor flow\.safetensors nor lora\.safetensors"):
        parts_from({"TONEREEL_AUDIO_MODEL": str(tmp_path)})


def test_weights_of_your_own_sing_in_place_of_the_bundle_and_say_so(tmp_path: Path) -> None:
    mine = write_tiny_audio(tmp_path / "my-strings", dim=CLAP_DIM)

    (report,) = run(asked(), Outputs(tmp_path / "a.wav"), parts_from({"TONEREEL_AUDIO_MODEL": str(mine)}), Silent())

    assert report.n_samples == round(3.21 * 44_100)
    assert any("your audio engine, my-strings," in remark for remark in report.remarks)


def test_additions_of_your_own_are_sung_over_the_bundle(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "lora.safetensors").write_bytes(b"")

    singer = singer_for({"TONEREEL_AUDIO_MODEL": str(tmp_path / "mine"), "TONEREEL_BUNDLE": str(tmp_path / "bundle")})

    assert singer == OwnSinger(tmp_path / "mine", tmp_path / "bundle" / "audio")


def test_additions_are_not_told_who_plays_but_every_note(tmp_path: Path) -> None:
    whole = write_tiny_audio(tmp_path / "whole", dim=CLAP_DIM)
    shutil.copytree(whole, tmp_path / "adapted")
    (tmp_path / "adapted" / "lora.safetensors").write_bytes(b"")  # which the flow beside it already holds

    def sung(name: str, follow: FollowName) -> bytes:
        place = tmp_path / "same.wav"
        run(asked(follow=follow), Outputs(place), parts_from({"TONEREEL_AUDIO_MODEL": str(tmp_path / name)}), Silent())
        return place.read_bytes()

    assert sung("adapted", "score") != sung("whole", "score")
    assert sung("adapted", "score") != sung("adapted", "chords")
    assert sung("adapted", "chords") == sung("whole", "chords")
