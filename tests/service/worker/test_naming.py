"""Artifacts are found by their ids."""

from dataclasses import replace
from pathlib import Path

import pytest

from schemas.soundtrack import Output, SoundtrackRequest
from schemas.source import CaptionSource
from service.errors import BadInput
from service.ids import new_id
from service.jobs.port import JobRecord
from service.worker.naming import artifact_id, artifact_key, content_url, name_in, parse_artifact_id


def test_an_artifacts_id_holds_its_job_and_its_place() -> None:
    job_id = new_id("st")
    assert parse_artifact_id(artifact_id(job_id, 12)) == (job_id, 12)


@pytest.mark.parametrize("id_", ["", "art_", "art__1", "st_x_1", "art_x_-1", "art_x_", "art_x_²", "../x_1"])
def test_what_is_no_id_is_refused(id_: str) -> None:
    with pytest.raises(BadInput):
        parse_artifact_id(id_)


def test_only_a_succeeded_jobs_last_try_has_artifacts() -> None:
    id_ = artifact_id("st_a", 0)
    output = Output(
        artifact_id=id_,
        take=1,
        kind="audio",
        name="soundtrack.wav",
        media_type="audio/wav",
        n_bytes=1,
        sha256="0" * 64,
        content_url=content_url(id_),
    )
    request = SoundtrackRequest(sources=(CaptionSource(text="x"),))
    job = JobRecord("st_a", "t", "soundtrack", "succeeded", request, "batch", 0.0, attempt=2, outputs=(output,))
    assert artifact_key(job, 0) == "jobs/st_a/2/soundtrack.wav"
    assert artifact_key(job, 1) is None
    assert artifact_key(replace(job, status="running"), 0) is None


def test_a_nested_file_has_one_name() -> None:
    assert name_in(Path("/out"), Path("/out/stems/take-1/bass.wav")) == "stems-take-1-bass.wav"
