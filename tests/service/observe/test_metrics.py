"""What is counted can be read as Prometheus reads it."""

import re

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from schemas.report import PlanReport, Report, StageReport
from service.jobs.port import QueueStats
from service.observe.metrics import Metrics


def samples(metrics: Metrics) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    text, media_type = metrics.render()
    assert media_type.startswith("text/plain")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def value(metrics: Metrics, name: str, **labels: str) -> float:
    return samples(metrics)[name, frozenset(labels.items())]


def a_report(real_time_factor: float) -> Report:
    plan = PlanReport(tempo_bpm=90, metre="4/4", key="D minor", style="folk", bars=4, sections=())
    return Report(
        duration_s=10,
        n_samples=480_000,
        sample_rate=48_000,
        channels=2,
        engine="score",
        bundle="b",
        seed=0,
        sources=(),
        plan=plan,
        cuts=(),
        loudness_lufs=-14,
        true_peak_dbtp=-1,
        clap=(),
        attributes={},
        stages=(StageReport(name="compose", seconds=0.7), StageReport(name="render", seconds=0.2)),
        real_time_factor=real_time_factor,
        peak_rss_mb=1,
        artifacts=(),
    )


def test_the_queue_is_shown_as_it_is_now() -> None:
    metrics = Metrics()
    metrics.queue(QueueStats(queued=9, running=2, outstanding_s=44.5, workers=2, oldest_queued_s=3.5))
    metrics.queue(QueueStats(queued=1, running=0, outstanding_s=4.5, workers=2, oldest_queued_s=0.5))
    assert value(metrics, "tonereel_queue_jobs", state="queued") == 1
    assert value(metrics, "tonereel_queue_jobs", state="running") == 0
    assert value(metrics, "tonereel_outstanding_work_seconds") == 4.5
    assert value(metrics, "tonereel_oldest_queued_seconds") == 0.5
    assert value(metrics, "tonereel_workers") == 2


def test_a_process_that_does_not_know_the_queue_says_nothing_of_it() -> None:
    metrics = Metrics()
    names = {name for name, _ in samples(metrics)}
    metrics.queue(QueueStats(queued=9, running=2, outstanding_s=44.5, workers=2, oldest_queued_s=3.5))
    of_queue = {name for name, _ in samples(metrics)} - names
    assert of_queue == {
        "tonereel_queue_jobs",
        "tonereel_outstanding_work_seconds",
        "tonereel_oldest_queued_seconds",
        "tonereel_workers",
    }
    metrics.queue(None)
    assert {name for name, _ in samples(metrics)} == names


def test_a_take_shows_its_stages_and_its_speed() -> None:
    metrics = Metrics()
    metrics.made(a_report(12.0))
    assert value(metrics, "tonereel_stage_seconds_sum", stage="compose") == 0.7
    assert value(metrics, "tonereel_stage_seconds_count", stage="render") == 1
    assert value(metrics, "tonereel_real_time_factor_bucket", le="10.0") == 0
    assert value(metrics, "tonereel_real_time_factor_bucket", le="20.0") == 1


def test_what_ends_is_counted_by_how_and_why() -> None:
    metrics = Metrics()
    metrics.ended("succeeded")
    metrics.ended("failed", "worker-crashed")
    metrics.ended("failed", "worker-crashed")
    assert value(metrics, "tonereel_jobs_ended_total", status="succeeded", code="none") == 1
    assert value(metrics, "tonereel_jobs_ended_total", status="failed", code="worker-crashed") == 2


def test_traffic_restarts_and_deliveries_are_counted() -> None:
    metrics = Metrics()
    metrics.uploaded(500)
    metrics.child_restarted("timeout")
    metrics.delivered("failed")
    metrics.answered("/v1/models", "GET", 200, 0.02)
    metrics.answered("/v1/soundtracks/{id}/events", "GET", 200, None)
    assert value(metrics, "tonereel_upload_bytes_total") == 500
    assert value(metrics, "tonereel_child_restarts_total", reason="timeout") == 1
    assert value(metrics, "tonereel_webhook_deliveries_total", outcome="failed") == 1
    assert value(metrics, "tonereel_http_request_seconds_count", route="/v1/models", method="GET") == 1
    counted = samples(metrics)
    assert not any(
        name == "tonereel_http_request_seconds_count" and ("route", "/v1/soundtracks/{id}/events") in labels
        for name, labels in counted
    )


def test_two_processes_worth_of_metrics_live_side_by_side() -> None:
    one, other = Metrics(), Metrics()
    one.uploaded(1)
    assert value(other, "tonereel_upload_bytes_total") == 0


def test_a_process_without_an_api_serves_its_own() -> None:
    metrics = Metrics()
    metrics.uploaded(500)
    port = metrics.serve(0, host="127.0.0.1")
    answer = httpx.get(f"http://127.0.0.1:{port}/metrics")
    assert re.search(r"^tonereel_upload_bytes_total 500\.0$", answer.text, re.MULTILINE)
    assert "tonereel_workers" not in answer.text  # a worker does not know how many others there are


@pytest.mark.parametrize("name", ["process_resident_memory_bytes", "process_open_fds"])
def test_the_process_itself_is_shown(name: str) -> None:
    assert value(Metrics(), name) > 0
