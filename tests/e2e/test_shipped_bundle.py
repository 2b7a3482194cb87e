"""The shipped bundle, from source to file, with nothing replaced."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray

from generators.score.chart import read_chart
from generators.score.midi_reading import read_midi
from generators.score.score import Role
from schemas.report import Report
from service.cli import cli
from service.composition import parts_from
from service.media.reading import read_audio
from service.parts import Parts
from tests.service.clips import Clip, write_clip

Tonereel = Callable[..., Result]


@pytest.fixture(scope="module")
def parts() -> Parts:
    """The shipped bundle, loaded once: what a warm worker holds."""
    return parts_from({})


@pytest.fixture
def tonereel(monkeypatch: pytest.MonkeyPatch, parts: Parts) -> Tonereel:
    """Runs the command line on the warm bundle."""
    monkeypatch.setattr("service.composition.parts_from", lambda environment: parts)
    return lambda *words: CliRunner().invoke(cli, [str(w) for w in words])


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds with cuts at 1.5 and 2.75 s."""
    return write_clip(tmp_path_factory.mktemp("clips") / "video.mp4", Clip(sound=True))


def test_a_video_comes_back_with_music_of_its_length_on_its_cuts(
    tonereel: Tonereel, video: Path, tmp_path: Path
) -> None:
    done = tonereel("score", video, "-o", tmp_path / "o.mp4", "--stems", tmp_path / "stems", "--report", tmp_path / "r")

    assert done.exit_code == 0, done.output
    report = Report.model_validate_json((tmp_path / "r").read_bytes())
    assert report.n_samples == 4 * 44100
    assert report.true_peak_dbtp is not None
    assert report.true_peak_dbtp <= -1.0
    assert report.loudness_lufs == pytest.approx(-14.0, abs=0.5)
    assert all(c.error_ms is not None and abs(c.error_ms) <= 41.7 for c in report.cuts)
    with av.open(str(tmp_path / "o.mp4")) as made:
        assert {s.type for s in made.streams} == {"video", "audio"}
    stems = sum(read_audio(p, sample_rate=44100).samples for p in (tmp_path / "stems").iterdir())
    assert np.abs(stems).max() > 0.1


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_music(tonereel: Tonereel, tmp_path: Path) -> None:
    words = ("score", "--caption", "calm piano, in D minor at 84 bpm", "--duration", 9)
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        (tmp_path / name).mkdir()
        done = tonereel(*words, "--seed", seed, "-o", tmp_path / name / "m.flac", "--midi", tmp_path / name / "m.mid")
        assert done.exit_code == 0, done.output

    for file in ("m.flac", "m.mid"):
        a, b, c = ((tmp_path / n / file).read_bytes() for n in "abc")
        assert a == b != c


def test_what_a_caption_names_is_what_is_planned(tonereel: Tonereel, tmp_path: Path) -> None:
    asked = ("score", "--caption", "lo-fi hip hop in D minor at 84 bpm", "--duration", 12, "-o", tmp_path / "m.wav")

    assert tonereel(*asked, "--report", tmp_path / "r.json").exit_code == 0

    plan = json.loads((tmp_path / "r.json").read_text())["plan"]
    assert plan["tempo_bpm"] == pytest.approx(84.0, abs=1.0)
    assert plan["key"] == "D minor"
    assert plan["style"] == "lofi"


def test_a_story_a_picture_and_a_caption_mix(tonereel: Tonereel, tmp_path: Path) -> None:
    sources = ("--story", "The sea is calm. Then the storm comes.", "--image", "examples/picture.jpg")
    weights = ("--weight", "story=0.7", "--weight", "image=0.2", "--weight", "caption=0.1")

    done = tonereel(
        "score", *sources, "--caption", "strings", *weights, "--duration", 8, "-o", tmp_path / "m.ogg",
        "--report", tmp_path / "r.json",
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    kinds = [s["kind"] for s in json.loads((tmp_path / "r.json").read_text())["sources"]]
    assert sorted(kinds) == ["caption", "image", "story"]


def test_a_loop_joins_its_own_start(tonereel: Tonereel, tmp_path: Path) -> None:
    done = tonereel("score", "--caption", "house", "--duration", 8, "--loop", "-o", tmp_path / "m.wav")

    assert done.exit_code == 0, done.output
    sound = read_audio(tmp_path / "m.wav", sample_rate=44100).samples
    inside = np.abs(np.diff(sound, axis=1)).max()
    assert np.abs(sound[:, 0] - sound[:, -1]).max() <= inside


def test_the_midi_file_holds_notes_in_the_roles_of_the_score(tonereel: Tonereel, tmp_path: Path) -> None:
    words = ("--caption", "upbeat corporate track", "--duration", 16, "-o", tmp_path / "m.wav")
    assert tonereel("score", *words, "--midi", tmp_path / "m.mid").exit_code == 0

    score = read_midi((tmp_path / "m.mid").read_bytes())

    assert len([role for role in (Role.LEAD, Role.CHORDS, Role.PAD, Role.BASS) if score.parts.get(role)]) >= 2


def test_one_changed_byte_of_the_weights_stops_the_command(tmp_path: Path) -> None:
    shutil.copytree("weights/tonereel-mini", tmp_path / "bundle")
    flow = tmp_path / "bundle" / "flow.safetensors"
    damaged = bytearray(flow.read_bytes())
    damaged[-1] ^= 1
    flow.write_bytes(bytes(damaged))

    done = CliRunner(env={"TONEREEL_BUNDLE": str(tmp_path / "bundle")}).invoke(
        cli, ["score", "--caption", "calm", "--duration", "4", "-o", str(tmp_path / "m.wav")]
    )

    assert done.exit_code == 4
    assert "flow.safetensors" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "m.wav").exists()


Wave = np.ndarray[tuple[int], np.dtype[np.float32]]


def chroma(sound: Wave, rate: int) -> NDArray[np.float64]:
    """How loud each pitch class [12] is between A1 and A6, in windows of 0.37 s; cube roots tame the loudest."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, 16384)[::4096] * np.hanning(16384)
    loudness = np.abs(np.fft.rfft(frames, axis=1)).mean(axis=0)
    hz = np.fft.rfftfreq(16384, 1 / rate)
    inside = (hz > 55.0) & (hz < 1760.0)
    classes = np.rint(69 + 12 * np.log2(hz[inside] / 440.0)).astype(int) % 12
    return np.asarray(np.bincount(classes, loudness[inside], minlength=12) ** (1 / 3))


def test_asked_chords_are_heard_bar_by_bar(tonereel: Tonereel, tmp_path: Path) -> None:
    asked = ("--caption", "corporate, 120 bpm", "--chords", "Am F | Em | G Dm | C", "--duration", 17)

    done = tonereel("score", *asked, "-o", tmp_path / "m.wav", "--report", tmp_path / "r.json")

    assert done.exit_code == 0, done.output
    plan = Report.model_validate_json((tmp_path / "r.json").read_bytes()).plan
    assert plan.key == "A minor"
    assert plan.chords is not None
    chords = [half.chord for text in plan.chords[:6] for half in read_chart(f"| {text} |").bars[0]]
    sound = read_audio(tmp_path / "m.wav", sample_rate=44100).samples.mean(axis=0)
    heard = [chroma(sound[44100 * half : 44100 * (half + 1)], 44100) for half in range(12)]
    fit = np.corrcoef(np.stack([*heard, *(np.isin(range(12), list(c.pitch_classes)) for c in chords)]))[:12, 12:]
    shuffled = fit[[[a.root != b.root for a in chords] for b in chords]]
    assert np.diag(fit).mean() > shuffled.mean() + 0.3
    assert np.mean([fit[i, i] > np.mean(fit[i]) for i in range(12)]) > 0.9


def test_a_theme_comes_back_where_the_cue_sheet_says(tonereel: Tonereel, tmp_path: Path) -> None:
    forms = [{}, {}, {"form": "transposed", "semitones": 5}]
    sections = [{"start_s": 5 * i, "end_s": 5 * i + 5, "theme": {"name": "hero", **f}} for i, f in enumerate(forms)]
    sheet = {"duration_s": 20, "tempo_bpm": 96, "tempo_exact": True, "key": "D minor", "style": "romantic"}
    (tmp_path / "c.json").write_text(json.dumps({**sheet, "sections": [*sections, {"start_s": 15, "end_s": 20}]}))

    places = ("-o", tmp_path / "m.wav", "--midi", tmp_path / "m.mid")
    done = tonereel("score", "--cue-sheet", tmp_path / "c.json", "--steps", 2, *places)

    assert done.exit_code == 0, done.output
    score = read_midi((tmp_path / "m.mid").read_bytes())
    lead = [(n.onset, n.pitch) for n in score.parts[Role.LEAD]]
    stated, exact, moved = ([(at - s, pitch) for at, pitch in lead if s <= at < s + 32] for s in (0, 32, 64))
    assert len(stated) >= 3
    assert exact == stated
    assert moved == [(at, pitch + 5) for at, pitch in stated]
