"""Runs over a manifest: what is made, made again, kept, retried and given up."""

import json
from pathlib import Path

import pytest

from schemas.report import Report
from service.batch.journal import NAME as JOURNAL
from service.batch.lock import NAME as LOCK
from service.batch.lock import locked
from service.errors import BadInput, OutputUnwritable, ServiceError
from tests.service.batch.conftest import Desk

NO_ENGINE = "tests.service.batch.tiny:NoSuchEngine"
KEPT = {LOCK, JOURNAL, "summary.csv", "summary.html"}


def caption(id_: str, text: str = "calm", **more: object) -> dict[str, object]:
    return {"id": id_, "caption": text, **more}


def test_every_file_of_an_item_has_its_place_and_nothing_else_is_left(desk: Desk) -> None:
    desk.write(caption("a", stems=True), caption("b", takes=2, format="flac", stems=True))
    assert desk.run() == 0
    a = {"a.wav", "a.report.json", "a.cues.json", "stems/a/lead.wav"}
    b = {"b-1.flac", "b-1.report.json", "b-2.flac", "b-2.report.json", "b.cues.json"}
    b |= {"stems/b/take-1/lead.wav", "stems/b/take-2/lead.wav"}
    assert desk.files() == a | b | KEPT
    report = Report.model_validate_json((desk.out / "b-2.report.json").read_bytes())
    assert [artifact.path for artifact in report.artifacts] == ["b-2.flac", "stems/b/take-2/lead.wav"]


def test_a_second_run_makes_nothing_and_starts_no_engine(desk: Desk) -> None:
    desk.write(caption("a"), caption("b"))
    desk.run()
    before = {name: (desk.out / name).stat().st_mtime_ns for name in desk.files() - KEPT}
    assert desk.run(engine=NO_ENGINE) == 0
    assert {name: (desk.out / name).stat().st_mtime_ns for name in desk.files() - KEPT} == before
    assert {row["status"] for row in desk.rows().values()} == {"done"}


def test_only_what_is_changed_or_missing_is_made_again(desk: Desk) -> None:
    (desk.folder / "r.wav").write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt 1")
    lines = [caption("same"), caption("asked"), caption("lost"), caption("cut"), caption("file", reference="r.wav")]
    desk.write(*lines)
    desk.run()
    assert sorted(desk.tried()) == ["asked", "cut", "file", "lost", "same"]
    first = (desk.out / "file.wav").read_bytes()
    (desk.out / "lost.wav").unlink()
    (desk.out / "cut.wav").write_bytes(b"")
    (desk.folder / "r.wav").write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt 2")
    lines[1] = caption("asked", seed=1)
    desk.write(*lines, caption("new"))
    assert desk.run() == 0
    assert sorted(desk.tried()) == ["asked", "cut", "file", "lost", "new"]
    assert (desk.out / "file.wav").read_bytes() != first


def test_a_file_that_was_only_touched_and_a_folder_that_was_moved_change_nothing(desk: Desk) -> None:
    reference = desk.folder / "r.wav"
    reference.write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt 1")
    desk.write(caption("a", reference="r.wav"))
    desk.run()
    reference.unlink()
    elsewhere = desk.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "r.wav").write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt 1")
    desk.manifest.rename(elsewhere / "items.jsonl")
    assert desk.run(items=elsewhere / "items.jsonl", engine=NO_ENGINE) == 0


def test_a_failed_item_stops_no_other_and_decides_the_exit_code(desk: Desk) -> None:
    desk.write(caption("bad", "refuse"), caption("good"), "not json", {"id": "gone", "video": "gone.mp4"})
    assert desk.run() == 3
    rows = desk.rows()
    assert [row["status"] for row in rows.values()] == ["failed", "done", "failed", "failed"]
    assert "items.jsonl:3: is not JSON" in rows["line-3"]["problem"]
    assert "gone.mp4: cannot be read" in rows["gone"]["problem"]
    desk.write(caption("bad", "refuse"), caption("broken", "break"))
    assert desk.run() == 4


def test_failed_items_are_retried_unless_that_is_not_wanted(desk: Desk) -> None:
    desk.write(caption("bad", "refuse"), caption("good"), {"id": "gone", "image": "gone.png"})
    desk.run()
    desk.tried()
    assert desk.run(retry_failed=False, engine=NO_ENGINE) == 3
    assert desk.run() == 3
    assert desk.tried() == ["bad"]


def test_an_item_that_kills_its_process_is_tried_once_more_alone_and_others_are_made(desk: Desk) -> None:
    desk.write(caption("killer", "crash"), *(caption(str(n)) for n in range(3)), caption("unlucky", "crash once"))
    assert desk.run(workers=2) == 4
    tried = desk.tried()
    assert {id_: tried.count(id_) for id_ in set(tried)} == {"killer": 2, "unlucky": 2, "0": 1, "1": 1, "2": 1}
    assert sorted(tried[-2:]) == ["killer", "unlucky"]
    rows = desk.rows()
    assert rows.pop("killer")["code"] == "worker-crashed"
    assert {row["status"] for row in rows.values()} == {"done"}
    assert not any("half" in name for name in desk.files())


def test_an_item_that_takes_too_long_is_given_up(desk: Desk) -> None:
    desk.write(caption("endless", "hang"), caption("good"))
    assert desk.run(timeout_s=0.3) == 4
    assert desk.rows()["endless"]["code"] == "timed-out"
    assert desk.rows()["good"]["status"] == "done"


def test_an_engine_that_cannot_be_had_ends_the_run_and_leaves_all_items_open(desk: Desk) -> None:
    desk.write(caption("a"), "nonsense")
    with pytest.raises(ServiceError, match="NoSuchEngine"):
        desk.run(engine=NO_ENGINE)
    assert desk.rows()["a"]["status"] == "open"
    assert desk.run() == 3
    assert desk.rows()["a"]["status"] == "done"


def test_two_runs_in_one_folder_are_refused(desk: Desk) -> None:
    desk.write(caption("a"))
    with locked(desk.out), pytest.raises(OutputUnwritable, match="another batch"):
        desk.run()
    assert desk.run() == 0


def test_strict_makes_nothing_while_a_line_is_wrong(desk: Desk) -> None:
    desk.write(caption("a"), "nonsense")
    with pytest.raises(BadInput, match="1 of 2 items are wrong"):
        desk.run(is_strict=True)
    assert not desk.out.exists()


def test_results_never_overwrite_sources(desk: Desk) -> None:
    desk.out.mkdir()
    (desk.out / "a.wav").write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt 1")
    desk.write(caption("a", reference="out/a.wav"))
    assert desk.run() == 3
    assert (desk.out / "a.wav").read_bytes() == b"RIFF\x24\x00\x00\x00WAVEfmt 1"
    with pytest.raises(BadInput, match="folder of the sources"):
        desk.run(items=desk.folder, out=desk.folder)


def test_a_rehearsal_says_what_would_be_done_and_writes_nothing(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.write(caption("a", takes=2), "nonsense")
    assert desk.run(is_dry=True) == 3
    assert not desk.out.exists()
    make, fail = capsys.readouterr().out.splitlines()
    assert make == "make  a: a-1.wav, a-2.wav"
    assert fail.startswith("fail  line-2: items.jsonl:2: is not JSON")
    desk.run()
    desk.run(is_dry=True)
    assert capsys.readouterr().out.startswith("keep  ok    a-1.wav, a-2.wav")


def test_a_place_that_cannot_be_written_fails_only_its_item(desk: Desk) -> None:
    (desk.out / "a.wav").mkdir(parents=True)
    desk.write(caption("a"), caption("b"))
    assert desk.run() == 3
    assert desk.rows()["a"]["code"] == "output-unwritable"
    assert desk.rows()["b"]["status"] == "done"


def test_a_line_is_told_for_each_item_where_there_is_no_terminal(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.write(caption("a"), caption("b", "refuse"))
    desk.run(is_quiet=False)
    told = capsys.readouterr()
    assert sorted(told.err.splitlines()) == [
        "[1/2] ok    a.wav: 4.0 s, D minor, 120 bpm, folk",
        "[2/2] FAIL  b: the <caption> asks to be refused; write another",
    ]
    assert told.out == f"1 made, 0 kept, 1 failed: {desk.out}/summary.html\n"


def test_the_journal_names_the_files_that_an_item_was_made_from(desk: Desk) -> None:
    (desk.folder / "r.wav").write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt 1")
    desk.write(caption("a", reference="r.wav"))
    desk.run()
    (line,) = (json.loads(text) for text in (desk.out / JOURNAL).read_text(encoding="utf-8").splitlines())
    assert [(mark["name"], mark["n_bytes"]) for mark in line["inputs"]] == [("r.wav", 17)]
    assert {Path(file["path"]).name for file in line["outputs"]} == {"a.wav", "a.report.json", "a.cues.json"}
