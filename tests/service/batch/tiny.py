"""An engine in a real child process that makes small files at once, and does what a caption tells it."""

import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from schemas.report import ArtifactReport, PlanReport, Report, SourceReport
from schemas.source import CaptionSource, ReferenceSource
from service.errors import BadInput
from service.worker.naming import name_in
from service.worker.problem import problem_of
from service.worker.task import Made, Outcome, Say, Task

ENGINE = "tests.service.batch.tiny:TinyEngine"
LOG = "TINY_ENGINE_LOG"


class TinyEngine:
    """Captions: `refuse`, `crash`, `crash once`, `hang`, `break`, `slow`; every try is a line of the file LOG names."""

    def warm(self) -> str:
        return "tiny 1"

    def run(self, tasks: Sequence[Task], say: Say) -> Iterator[Outcome]:
        for task in tasks:
            tries = self._note(task)
            say(task.job_id, "compose", 0.5)
            text = next((s.text for s in task.request.sources if isinstance(s, CaptionSource)), "")
            (task.folder / "half.part").write_bytes(b"half")
            if text == "crash" or (text == "crash once" and tries == 1):
                os._exit(9)
            if text == "slow":
                time.sleep(0.05)
            if text == "hang":
                time.sleep(60)
            if text == "break":
                yield Outcome(task.job_id, problem=problem_of(RuntimeError("x")), retry=True)
            elif text == "refuse":
                yield Outcome(
                    task.job_id, problem=problem_of(BadInput("the <caption> asks to be refused; write another"))
                )
            else:
                yield self._music(task)

    def _note(self, task: Task) -> int:
        path = Path(os.environ[LOG])
        with path.open("a", encoding="utf-8") as log:
            log.write(f"{task.job_id}\n")
        return path.read_text(encoding="utf-8").splitlines().count(task.job_id)

    def _music(self, task: Task) -> Outcome:
        made, reports, folder = [], [], task.folder
        for take in range(1, task.request.takes + 1):
            suffix = f"-{take}" if task.request.takes > 1 else ""
            files = [folder / f"soundtrack{suffix}.{task.wanted.format}"]
            if task.wanted.stems:
                within = folder / "stems" / f"take-{take}" if suffix else folder / "stems"
                within.mkdir(parents=True)
                files.append(within / "lead.wav")
            for path in files:
                path.write_bytes(content_of(task) + path.name.encode())
            kinds = ("audio", "stem")
            report = report_of(folder, task, files)
            (folder / f"report{suffix}.json").write_text(report.model_dump_json(), encoding="utf-8")
            made += [Made(path, kind, take, "audio/wav") for path, kind in zip(files, kinds, strict=False)]  # type: ignore[arg-type]
            made.append(Made(folder / f"report{suffix}.json", "report", take, "application/json"))
            reports.append(report)
        (folder / "cue-sheet.json").write_text("{}", encoding="utf-8")
        made.append(Made(folder / "cue-sheet.json", "cue_sheet", 1, "application/json"))
        return Outcome(task.job_id, tuple(made), tuple(reports))


def content_of(task: Task) -> bytes:
    """Bytes that follow from the request and from what its files hold."""
    files = [Path(s.path).read_bytes() for s in task.request.sources if isinstance(s, ReferenceSource)]
    return hashlib.sha256(repr(task.request).encode() + b"".join(files)).digest()


def report_of(folder: Path, task: Task, files: Sequence[Path]) -> Report:
    """A report as the pipeline would write it."""
    artifacts = tuple(
        ArtifactReport(kind="audio", path=name_in(folder, path), n_bytes=path.stat().st_size, sha256="0" * 64)
        for path in files
    )
    plan = PlanReport(tempo_bpm=120, metre="4/4", key="D minor", style="folk", bars=2, sections=())
    return Report(
        duration_s=task.request.duration_s or 4.0,
        n_samples=1,
        sample_rate=44100,
        channels=2,
        engine="score",
        bundle="tiny 1",
        seed=task.request.seed,
        sources=tuple(SourceReport(kind=s.kind, weight=1.0) for s in task.request.sources),
        plan=plan,
        cuts=(),
        loudness_lufs=-14.0,
        true_peak_dbtp=-1.0,
        clap=(),
        attributes={},
        stages=(),
        real_time_factor=9.0,
        peak_rss_mb=1.0,
        artifacts=artifacts,
    )
