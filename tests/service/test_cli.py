"""The command line: what it makes, and how it fails."""

import json
import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from generators.waveform import Waveform
from schemas.cue_sheet import CueSheet
from schemas.report import Report
from service.media.audio_file import write_audio
from service.media.tags import Tags
from tests.generators.score.test_tune_reading import midi, played
from tests.service.clips import tone
from tests.service.conftest import Tonereel


def test_a_video_is_scored_with_everything_beside_it(tonereel: Tonereel, video: Path, tmp_path: Path) -> None:
    beside = ("--stems", tmp_path / "stems", "--midi", tmp_path / "o.mid", "--report", tmp_path / "o.json")
    more = ("--picture", tmp_path / "o.png", "--cues-out", tmp_path / "c.json")
    done = tonereel("score", video, "-o", tmp_path / "o.mp4", *beside, *more)
    assert done.exit_code == 0, done.output
    report = Report.model_validate_json((tmp_path / "o.json").read_bytes())
    assert report.n_samples == 4 * 44100
    assert [c.time_s for c in report.cuts if c.source == "cut"] == pytest.approx([1.5, 2.75], abs=0.001)
    assert {Path(a.path).name for a in report.artifacts} == {p.name for p in tmp_path.rglob("*.*")} - {"o.json"}
    assert sorted(p.name for p in (tmp_path / "stems").iterdir()) == ["drums.wav", "lead.wav"]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    tonereel: Tonereel, video: Path, tmp_path: Path
) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        out = tmp_path / name / "music.wav"
        out.parent.mkdir()
        assert tonereel("score", video, "--seed", seed, "-o", out).exit_code == 0
    a, b, c = ((tmp_path / n / "music.wav").read_bytes() for n in "abc")
    assert a == b != c


def test_an_unchanged_cue_sheet_sent_back_gives_the_same_music(tonereel: Tonereel, video: Path, tmp_path: Path) -> None:
    assert tonereel("cues", video, "-o", tmp_path / "c.json").exit_code == 0
    (tmp_path / "again").mkdir()
    tonereel("score", video, "-o", tmp_path / "m.wav")
    tonereel("score", video, "--cue-sheet", tmp_path / "c.json", "-o", tmp_path / "again" / "m.wav")
    assert (tmp_path / "m.wav").read_bytes() == (tmp_path / "again" / "m.wav").read_bytes()


def test_what_is_asked_for_is_in_the_cue_sheet(tonereel: Tonereel, tmp_path: Path) -> None:
    asked = ("--duration", 9, "--tempo", 71, "--key", "D minor", "--style", "folk", "--cuts", "2,5.5", "--loop")
    assert tonereel("cues", "--story", "A boat. A storm.", *asked, "-o", tmp_path / "c.json").exit_code == 0
    sheet = CueSheet.model_validate_json((tmp_path / "c.json").read_bytes())
    assert (sheet.duration_s, sheet.tempo_bpm, sheet.key, sheet.style) == (9.0, 71.0, "D minor", "folk")
    assert [c.time_s for c in sheet.cuts] == [2.0, 5.5]
    assert sheet.tempo_exact
    assert sheet.loop


def test_chords_from_a_file_are_in_the_cue_sheet_and_in_the_report(tonereel: Tonereel, tmp_path: Path) -> None:
    (tmp_path / "chart.txt").write_text("A: Em C\nOutro: Am Em\n", encoding="utf-8")
    asked = ("--caption", "calm", "--duration", 12, "--tempo", 120, "--chords", f"@{tmp_path / 'chart.txt'}")
    beside = ("--report", tmp_path / "r.json", "--cues-out", tmp_path / "c.json")
    assert tonereel("score", *asked, *beside, "-o", tmp_path / "m.wav").exit_code == 0
    sheet = CueSheet.model_validate_json((tmp_path / "c.json").read_bytes())
    plan = Report.model_validate_json((tmp_path / "r.json").read_bytes()).plan
    assert (sheet.chords, sheet.key) == ("A: Em C\nOutro: Am Em", "E minor")
    laid = [("Em", "C") if s.form != "outro" else ("Am", "Em") for s in plan.sections]
    assert plan.chords == tuple(two[i % 2] for two, s in zip(laid, plan.sections, strict=True) for i in range(s.bars))


def test_themes_of_a_cue_sheet_are_in_the_report(tonereel: Tonereel, tmp_path: Path) -> None:
    sections = [
        {"start_s": 0, "end_s": 8, "theme": {"name": "hero"}},
        {"start_s": 8, "end_s": 16, "theme": {"name": "hero", "form": "augmented"}},
    ]
    sheet = {"duration_s": 16, "tempo_bpm": 120, "tempo_exact": True, "key": "C major", "sections": sections}
    (tmp_path / "c.json").write_text(json.dumps(sheet))
    done = tonereel("score", "--cue-sheet", tmp_path / "c.json", "--report", tmp_path / "r", "-o", tmp_path / "m.wav")
    assert done.exit_code == 0, done.output
    themes = Report.model_validate_json((tmp_path / "r").read_bytes()).plan.themes
    assert [(t.name, t.form, t.start_s, t.end_s, t.bars) for t in themes] == [
        ("hero", "exact", 0.0, 8.0, 4),
        ("hero", "augmented", 8.0, 16.0, 4),
    ]


def test_a_melody_alone_is_enough_and_its_places_are_in_the_report(tonereel: Tonereel, tmp_path: Path) -> None:
    (tmp_path / "tune.mid").write_bytes(midi(played(*[67, 69, 71, 72] * 4)))
    asked = ("--melody", tmp_path / "tune.mid", "--key", "D major", "--duration", 16)
    done = tonereel("score", *asked, "--report", tmp_path / "r", "-o", tmp_path / "m.wav")
    assert done.exit_code == 0, done.output
    plan = Report.model_validate_json((tmp_path / "r").read_bytes()).plan
    assert (plan.key, plan.tempo_bpm) == ("D major", 120.0)
    assert plan.melody is not None
    assert (plan.melody.notes, plan.melody.bars) == (16, 4)
    assert {s.bars for s in plan.melody.statements[:1]} == {4}


def test_the_audio_engine_makes_other_sound_of_the_same_notes_and_says_what_it_is(
    tonereel: Tonereel, tmp_path: Path
) -> None:
    made = {}
    for engine in ("score", "audio"):
        beside = ("--midi", tmp_path / f"{engine}.mid", "--report", tmp_path / f"{engine}.json")
        asked = ("--caption", "calm", "--duration", 4, "--engine", engine, *beside)
        made[engine] = tonereel("score", *asked, "-o", tmp_path / f"{engine}.wav")
        assert made[engine].exit_code == 0, made[engine].output
    notes, sounds = ([(tmp_path / f"{e}{suffix}").read_bytes() for e in made] for suffix in (".mid", ".wav"))
    reports = [Report.model_validate_json((tmp_path / f"{e}.json").read_bytes()) for e in made]
    assert len(notes[0]) == len(notes[1])
    assert sounds[0] != sounds[1]
    assert ["experimental" in done.stderr for done in made.values()] == [False, True]
    assert (reports[0].n_samples, reports[0].plan) == (reports[1].n_samples, reports[1].plan)


def test_takes_are_numbered_and_differ(tonereel: Tonereel, tmp_path: Path) -> None:
    sheet = ("--caption", "calm", "--duration", 4)
    assert tonereel("score", *sheet, "--takes", 2, "-o", tmp_path / "m.wav").exit_code == 0
    first, second = sorted(tmp_path.iterdir())
    assert (first.name, second.name) == ("m-1.wav", "m-2.wav")
    assert first.read_bytes() != second.read_bytes()


def test_reference_audio_is_listened_to(tonereel: Tonereel, tmp_path: Path) -> None:
    from service.media.audio_file import write_audio
    from service.media.tags import Tags

    write_audio(tmp_path / "r.wav", tone(1.0), Tags("x", 0, "x"))
    done = tonereel("score", "--reference", tmp_path / "r.wav", "--duration", 3, "-o", tmp_path / "m.flac")
    assert done.exit_code == 0, done.output


def test_quiet_prints_nothing(tonereel: Tonereel, tmp_path: Path) -> None:
    done = tonereel("score", "--caption", "calm", "--duration", 3, "--quiet", "-o", tmp_path / "m.wav")
    assert (done.exit_code, done.output) == (0, "")


def test_ducking_keeps_the_sound_of_the_video(tonereel: Tonereel, video: Path, tmp_path: Path) -> None:
    from service.media.reading import read_audio

    for name, words in (("a.mp4", ()), ("b.mp4", ("--duck",))):
        assert tonereel("score", video, *words, "-o", tmp_path / name).exit_code == 0
    plain, ducked = (read_audio(tmp_path / n, sample_rate=44100).samples[0] for n in ("a.mp4", "b.mp4"))
    late = slice(3 * 44100, round(3.5 * 44100))
    assert ducked[late].std() > 3 * plain[late].std()


@pytest.mark.parametrize(
    "words",
    [
        ("score",),
        ("score", "--caption", "x"),
        ("score", "--caption", "x", "-o", "m.xyz"),
        ("score", "--caption", "x", "-o", "m.mp4"),
        ("score", "--caption", "x", "--duck", "-o", "m.wav"),
        ("score", "--caption", "x", "--style", "polka", "-o", "m.wav"),
        ("score", "--caption", "x", "--weight", "smell=1", "-o", "m.wav"),
        ("score", "--caption", "x", "--weight", "video=1", "-o", "m.wav"),
        ("score", "--caption", "x", "--takes", "0", "-o", "m.wav"),
        ("dance",),
    ],
)
def test_wrong_usage_exits_with_2(tonereel: Tonereel, words: tuple[str, ...]) -> None:
    done = tonereel(*words)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def bad_input(folder: Path, video: Path, case: str) -> tuple[str | Path, ...]:
    """The command line of a case, its files made in a folder."""
    text, half, sound, sheet = (folder / n for n in ("text.mp4", "half.mp4", "sound.mp4", "sheet.json"))
    text.write_text("this is no video")
    half.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
    sheet.write_text(json.dumps({"duration_s": 9, "colour": "red"}))
    (folder / "chords.json").write_text(json.dumps({"duration_s": 9, "chords": "Am H7"}))
    (folder / "no-notes.mid").write_bytes(midi([]))
    write_audio(folder / "silence.wav", Waveform(np.zeros((2, 32_000), np.float32), 32_000), Tags("x", 0, "x"))
    if case == "no picture":
        with av.open(str(video)) as source, av.open(str(sound), "w") as out:
            stream = out.add_stream_from_template(source.streams.audio[0])
            for packet in source.demux(source.streams.audio[0]):
                if packet.dts is not None:
                    packet.stream = stream
                    out.mux(packet)
    cases: dict[str, tuple[str | Path, ...]] = {
        "no file": (folder / "missing.mp4",),
        "a folder": (folder,),
        "text": (text,),
        "truncated": (half,),
        "no picture": (sound,),
        "zero duration": ("--caption", "x", "--duration", "0"),
        "negative duration": ("--caption", "x", "--duration", "-3"),
        "nan duration": ("--caption", "x", "--duration", "nan"),
        "infinite duration": ("--caption", "x", "--duration", "inf"),
        "cuts beyond the end": ("--caption", "x", "--duration", "5", "--cuts", "1,7"),
        "cuts beyond the video": (video, "--cuts", "1,7"),
        "nan cut": (video, "--cuts", "nan"),
        "negative cut": (video, "--cuts", "-2"),
        "empty story": ("--story", "  ..."),
        "caption of marks only": ("--caption", "\u200b\ufe0f"),
        "story over the limit": ("--story", "a" * 200_001),
        "empty story file": ("--story", f"@{folder / 'missing.txt'}"),
        "unknown field": ("--cue-sheet", sheet),
        "no chord": ("--caption", "x", "--chords", "Am H7"),
        "three chords in a bar": ("--caption", "x", "--chords", "| Am F C |"),
        "no chart": ("--caption", "x", "--chords", f"@{folder / 'missing.txt'}"),
        "no chord in a sheet": ("--cue-sheet", folder / "chords.json"),
        "no pitch in a hum": ("--melody", folder / "silence.wav"),
        "a melody without notes": ("--melody", folder / "no-notes.mid"),
        "a melody that is text": ("--melody", text),
        "no key": ("--caption", "x", "--key", "H minor"),
        "wild tempo": ("--caption", "x", "--tempo", "900"),
        "nothing": (),
        "image that is none": ("--image", text),
        "reference that is none": ("--reference", text),
    }
    return cases[case]


@pytest.mark.parametrize(
    "case",
    [
        "no file", "a folder", "text", "truncated", "no picture", "zero duration", "negative duration", "nan duration",
        "infinite duration", "cuts beyond the end", "cuts beyond the video", "nan cut", "negative cut", "empty story",
        "caption of marks only", "story over the limit", "empty story file", "no chord",
        "three chords in a bar", "no chart",
        "no chord in a sheet", "no pitch in a hum", "a melody without notes", "a melody that is text",
        "unknown field", "no key", "wild tempo", "nothing", "image that is none",
        "reference that is none",
    ],
)  # fmt: skip
def test_bad_input_exits_with_3_and_one_line(tonereel: Tonereel, video: Path, tmp_path: Path, case: str) -> None:
    words = bad_input(tmp_path, video, case)
    out = tmp_path / "out"
    out.mkdir()
    done = tonereel("score", *words, "-o", out / "m.wav", "--stems", out / "stems")
    assert (done.exit_code, len(done.stderr.splitlines()), done.stdout) == (3, 1, ""), done.output
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        "🎉🎉😂",
        "💔",
        "夜が来た。星が出た。",
        "مرحبا بالعالم",
        "\u202eThe sea\u202c",
        "Caf\udce9 ends",
        "word " * 20_000,
    ],
    ids=["emoji", "emoji", "Japanese", "Arabic", "right to left", "broken bytes", "20,000 words"],
)
def test_stories_in_any_script_and_of_any_length_get_music(tonereel: Tonereel, tmp_path: Path, text: str) -> None:
    done = tonereel("score", "--story", text, "--duration", 3, "-o", tmp_path / "m.wav", "--report", tmp_path / "r")
    assert done.exit_code == 0, done.output
    remarks = Report.model_validate_json((tmp_path / "r").read_bytes()).remarks
    assert done.stderr == "".join(f"tonereel: {remark}\n" for remark in remarks)
    assert bool(remarks) == any(c > "\u0600" and c.isalpha() for c in text)


def test_a_huge_picture_exits_with_3(tonereel: Tonereel, tmp_path: Path) -> None:
    huge = tmp_path / "huge.mov"
    with av.open(str(huge), "w") as container:
        stream = container.add_stream("png", rate=24)
        stream.width, stream.height, stream.pix_fmt = 16384, 8192, "gray"
        container.mux(stream.encode(av.VideoFrame(16384, 8192, "gray")))
        container.mux(stream.encode(None))
    done = tonereel("score", huge, "-o", tmp_path / "m.mp4")
    assert (done.exit_code, len(done.stderr.splitlines())) == (3, 1), done.output
    assert not (tmp_path / "m.mp4").exists()


def test_an_output_that_cannot_be_written_exits_with_3_before_any_work(tonereel: Tonereel, tmp_path: Path) -> None:
    done = tonereel("score", "--caption", "x", "-o", tmp_path / "nowhere" / "m.wav")
    assert (done.exit_code, len(done.stderr.splitlines())) == (3, 1)
    assert "cannot be written" in done.stderr


def test_a_duration_that_does_not_fit_the_video_exits_with_3(tonereel: Tonereel, video: Path, tmp_path: Path) -> None:
    done = tonereel("score", video, "--duration", 9, "-o", tmp_path / "m.mp4")
    assert (done.exit_code, list(tmp_path.iterdir())) == (3, [])


def test_an_engine_that_fails_exits_with_4_and_one_line(
    tonereel: Tonereel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("out of\nmemory")

    monkeypatch.setattr("tests.service.fake_parts.FakeParts.compose", broken)
    done = tonereel("score", "--caption", "x", "-o", tmp_path / "m.wav")
    assert (done.exit_code, done.stderr) == (4, "tonereel: out of memory\n")
    assert list(tmp_path.iterdir()) == []


def test_help_names_every_option(tonereel: Tonereel) -> None:
    shown = tonereel("score", "--help").output
    for option in ("--image", "--story", "--cue-sheet", "--cuts", "--takes", "--lufs", "--duck", "--stems", "--weight"):
        assert option in shown


def test_the_video_itself_is_left_alone(tonereel: Tonereel, video: Path, tmp_path: Path) -> None:
    copy = tmp_path / "v.mp4"
    shutil.copy(video, copy)
    before = copy.read_bytes()
    tonereel("score", copy, "-o", tmp_path / "m.mp4")
    assert copy.read_bytes() == before
