"""The worker's engine makes what was asked for, each task by itself."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import av

from generators.score.plan.brief import Brief, Plan
from schemas.cue_sheet import CueSheet
from schemas.report import Report
from schemas.request import MusicRequest
from schemas.source import CaptionSource, VideoSource
from service.media.audio_file import write_audio
from service.media.reading import read_audio
from service.media.tags import Tags
from service.worker.composition import SCORE_ENGINE
from service.worker.naming import attempt_prefix
from service.worker.score import ScoreEngineHost
from service.worker.task import Outcome, Stopped, Task, Wanted
from tests.service.clips import tone
from tests.service.fake_parts import FakeParts
from tests.service.worker.conftest import House, reach, submit

CALM = MusicRequest(sources=(CaptionSource(text="calm"),), duration_s=3.0)
ALL = Wanted("flac", stems=True, midi=True, picture=True)


def quiet(job_id: str, stage: str, fraction: float) -> None:
    """Nobody listens."""


def task(folder: Path, job_id: str = "st_1", request: MusicRequest = CALM, wanted: Wanted = ALL) -> Task:
    (folder / job_id).mkdir()
    return Task(job_id, "soundtrack", request, wanted, folder / job_id)


def test_every_file_that_was_asked_for_is_made(tmp_path: Path) -> None:
    (outcome,) = ScoreEngineHost(FakeParts()).run([task(tmp_path)], quiet)
    names = sorted((m.kind, m.path.name, m.media_type) for m in outcome.made)
    assert names == [
        ("audio", "soundtrack.flac", "audio/flac"),
        ("cue_sheet", "cue-sheet.json", "application/json"),
        ("midi", "soundtrack.mid", "audio/midi"),
        ("picture", "soundtrack.png", "image/png"),
        ("report", "report.json", "application/json"),
        ("stem", "drums.wav", "audio/wav"),
        ("stem", "lead.wav", "audio/wav"),
    ]
    assert all(m.path.is_file() for m in outcome.made)


def test_a_report_names_files_as_they_will_be_published(tmp_path: Path) -> None:
    (outcome,) = ScoreEngineHost(FakeParts()).run([task(tmp_path)], quiet)
    written = Report.model_validate_json((tmp_path / "st_1" / "report.json").read_bytes())
    assert written == outcome.reports[0]
    assert {"soundtrack.flac", "stems-lead.wav"} <= {a.path for a in written.artifacts}
    assert str(tmp_path) not in written.model_dump_json()


def test_takes_are_numbered(tmp_path: Path) -> None:
    request = CALM.model_copy(update={"takes": 2})
    (outcome,) = ScoreEngineHost(FakeParts()).run([task(tmp_path, request=request, wanted=Wanted("wav"))], quiet)
    assert [(m.take, m.path.name) for m in outcome.made] == [
        (1, "soundtrack-1.wav"),
        (1, "cue-sheet.json"),
        (1, "report-1.json"),
        (2, "soundtrack-2.wav"),
        (2, "report-2.json"),
    ]


def test_the_title_stands_in_every_take(tmp_path: Path) -> None:
    titled = replace(
        task(tmp_path, request=CALM.model_copy(update={"takes": 2}), wanted=Wanted("flac")), title="Sea $5"
    )
    (outcome,) = ScoreEngineHost(FakeParts()).run([titled], quiet)
    titles = []
    for made in outcome.made:
        if made.kind == "audio":
            with av.open(str(made.path)) as file:
                titles.append(file.metadata.get("title") or file.metadata.get("TITLE"))
    assert titles == ["Sea $5 (1)", "Sea $5 (2)"]


def test_a_cue_sheet_is_made_without_music(tmp_path: Path, video: Path) -> None:
    request = MusicRequest(sources=(VideoSource(path=str(video)),))
    (tmp_path / "st_1").mkdir()
    wanted = Task("st_1", "cue_sheet", request, Wanted("wav"), tmp_path / "st_1")
    (outcome,) = ScoreEngineHost(FakeParts()).run([wanted], quiet)
    (made,) = outcome.made
    assert CueSheet.model_validate_json(made.path.read_bytes()) == outcome.cue_sheet
    assert (made.kind, outcome.reports) == ("cue_sheet", ())


def test_a_task_that_fails_takes_none_with_it_and_tells_no_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "video-1.mp4").write_bytes(b"no video")
    broken = MusicRequest(sources=(VideoSource(path=str(tmp_path / "in" / "video-1.mp4")),))
    tasks = [task(tmp_path, "st_1", broken, Wanted("wav")), task(tmp_path, "st_2", wanted=Wanted("wav"))]
    failed, good = ScoreEngineHost(FakeParts()).run(tasks, quiet)
    assert failed.problem is not None
    assert (failed.problem.status, failed.retry) == (422, False)
    assert str(tmp_path) not in failed.problem.detail
    assert (good.job_id, good.problem) == ("st_2", None)


def test_an_edit_gives_its_files_and_what_there_is_to_know_beside_music_that_is_made(tmp_path: Path) -> None:
    write_audio(tmp_path / "song.wav", tone(1.0), Tags("x", 0, "x"))
    bass = {"kind": "accompany", "role": "bass"}
    request = MusicRequest.model_validate({"sound": str(tmp_path / "song.wav"), "edit": bass})
    far = MusicRequest.model_validate(
        {"sound": str(tmp_path / "song.wav"), "edit": {"kind": "extend", "length_s": 0.5}}
    )
    tasks = [
        task(tmp_path, "st_1"),
        *(task(tmp_path, f"st_{i}", r, Wanted("flac")) for i, r in ((2, request), (3, far))),
    ]

    outcomes = {o.job_id: o for o in ScoreEngineHost(FakeParts()).run(tasks, quiet)}

    done, failed = outcomes["st_2"], outcomes["st_3"].problem
    assert [(m.kind, m.path.name, m.media_type) for m in done.made] == [
        ("audio", "soundtrack.flac", "audio/flac"),
        ("stem", "soundtrack-bass.wav", "audio/wav"),
    ]
    assert (done.reports, "experimental" in done.warnings) == ((), True)
    assert failed is not None
    assert (failed.status, failed.code) == (422, "bad-input")
    assert outcomes["st_1"].reports


def test_what_nobody_foresaw_is_retried_and_says_nothing_of_the_inside(tmp_path: Path) -> None:
    class Breaking(FakeParts):
        def plan(self, brief: Brief) -> Plan:
            raise RuntimeError("secret of the house")

    (outcome,) = ScoreEngineHost(Breaking()).run([task(tmp_path)], quiet)
    assert outcome.problem is not None
    assert (outcome.problem.code, outcome.retry) == ("unexpected", True)
    assert "secret" not in outcome.problem.detail


def test_a_stopped_task_leaves_the_others_and_no_file(tmp_path: Path) -> None:
    def say(job_id: str, stage: str, fraction: float) -> None:
        if (job_id, stage) == ("st_1", "render"):
            raise Stopped(job_id)

    outcomes: list[Outcome] = list(
        ScoreEngineHost(FakeParts()).run([task(tmp_path, "st_1"), task(tmp_path, "st_2")], say)
    )
    assert [o.job_id for o in outcomes] == ["st_2"]
    assert list((tmp_path / "st_1").iterdir()) == []


def test_progress_grows_and_stays_below_the_end(tmp_path: Path) -> None:
    heard: list[float] = []
    list(ScoreEngineHost(FakeParts()).run([task(tmp_path)], lambda job_id, stage, fraction: heard.append(fraction)))
    assert heard == sorted(heard)
    assert heard[0] == 0.0
    assert max(heard) < 1.0


def test_a_caption_becomes_music_with_the_real_bundle(house: House, tmp_path: Path) -> None:
    async def story() -> None:
        async with house.worker(SCORE_ENGINE) as worker, house.queue() as queue:
            assert worker.labels[0].startswith("tonereel-mini")
            job = await reach(queue, await submit(queue, "calm piano in D minor"))
            assert job.status == "succeeded", job.error
            content = {}
            for output in job.outputs:
                key = attempt_prefix(job.id, job.attempt) + output.name
                content[output.name] = b"".join([piece async for piece in house.store.read(key)])
            assert sorted(content) == ["cue-sheet.json", "report.json", "soundtrack.wav"]
            (tmp_path / "heard.wav").write_bytes(content["soundtrack.wav"])
            heard = read_audio(tmp_path / "heard.wav", sample_rate=44100, max_duration_s=60.0)
            assert heard.samples.shape[1] == 4 * 44100
            assert json.loads(content["report.json"])["bundle"] == worker.labels[0] == job.reports[0].bundle

    asyncio.run(story())
