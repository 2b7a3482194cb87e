import math

import pytest

from benchmarks.service_stats import Row, bucket_percentile, in_order_once, percentile, rows_table, tally


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(n) for n in range(100, 0, -1)]

    assert percentile(values, 0.5) == 50.0
    assert percentile(values, 0.99) == 99.0
    assert percentile(values, 1.0) == 100.0
    assert percentile([7.0], 0.01) == 7.0


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 0.5)


def test_a_percentile_of_buckets_counts_what_came_between_two_readings() -> None:
    before = {0.01: 100.0, 0.05: 100.0, math.inf: 100.0}
    after = {0.01: 150.0, 0.05: 200.0, math.inf: 200.0}

    assert bucket_percentile(before, after, 0.5) == pytest.approx(0.01)
    assert bucket_percentile(before, after, 0.75) == pytest.approx(0.03)
    assert bucket_percentile({}, after, 0.25) == pytest.approx(0.01 / 3)


def test_what_lies_over_the_last_bound_counts_as_that_bound() -> None:
    assert bucket_percentile({}, {0.01: 0.0, math.inf: 10.0}, 0.99) == pytest.approx(0.01)


def test_two_equal_readings_have_no_percentile() -> None:
    same = {0.01: 5.0, math.inf: 5.0}

    with pytest.raises(ValueError, match="nothing was counted"):
        bucket_percentile(same, same, 0.99)


def test_every_job_ended_once_when_each_has_one_done_event_and_a_final_record() -> None:
    found = tally(["a", "b"], {"a": 1, "b": 1}, {"a": "succeeded", "b": "failed"}, ["a", "b", "b", "stranger"])

    assert (found.ended_once, found.lost, found.ended_again, found.succeeded) == (2, 0, 0, 1)
    assert found.executions == 3
    assert found.executions_each == pytest.approx(1.5)


def test_jobs_without_an_end_and_with_two_are_told_apart() -> None:
    done = {"no record": 1, "running": 1, "no event": 0, "twice": 2}
    statuses = {"running": "running", "no event": "succeeded", "twice": "succeeded"}

    found = tally(list(done), done, statuses, [])

    assert (found.ended_once, found.lost, found.ended_again) == (0, 3, 1)


def test_an_id_that_was_answered_twice_is_one_job() -> None:
    assert tally(["a", "a"], {"a": 1}, {"a": "succeeded"}, ["a"]).accepted == 1


def test_events_seen_twice_missed_or_swapped_are_not_in_order_once() -> None:
    assert in_order_once(["1", "2"], ["1", "2"])
    for seen in (["1", "1", "2"], ["2"], ["2", "1"]):
        assert not in_order_once(seen, ["1", "2"])


def test_rows_say_whether_their_bar_is_met() -> None:
    rows = [Row.at_most("wait", 3.0, 2.0, "s"), Row.exactly("lost", 0, 0), Row.told("speed", 12.0)]

    lines = rows_table(rows).splitlines()

    assert lines[2:] == [
        "| wait, s | 3.00 | at most 2.00 | **no** |",
        "| lost | 0 | 0 | yes |",
        "| speed | 12.0 |  |  |",
    ]
