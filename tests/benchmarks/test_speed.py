from pathlib import Path

import av
import pytest

from benchmarks.films import BASE_S, CUTS_S, FPS, repeated, shot
from benchmarks.speed import Run, growth, peak_mb, told
from tests.service.clips import Clip, write_clip


def run(film_s: float, seconds: float, peak: float) -> Run:
    return Run(film_s, {}, seconds, peak, 0.0)


def test_linear_time_and_flat_memory_show_as_one() -> None:
    pace, memory = growth([run(600, 60.0, 900.0), run(60, 6.0, 900.0), run(30, 3.5, 900.0)])

    assert pace == pytest.approx(1.0)
    assert memory == pytest.approx(1.0)


def test_time_that_grows_with_the_square_shows() -> None:
    pace, memory = growth([run(30, 1.0, 500.0), run(60, 4.0, 700.0), run(120, 16.0, 1000.0)])

    assert pace == pytest.approx(2.0)
    assert memory == pytest.approx(2.0)


def test_a_repeated_film_has_every_frame_of_each_turn(tmp_path: Path) -> None:
    base = write_clip(tmp_path / "base.mp4", Clip(duration_s=float(BASE_S), fps=2, width=64, height=48))

    twice = repeated(base, tmp_path / "twice.mp4", 2)

    with av.open(str(twice), "r") as container:
        times = [float(f.time or 0.0) for f in container.decode(video=0)]
    assert len(times) == 2 * 2 * BASE_S
    assert times == sorted(times)
    assert max(times) == pytest.approx(2 * BASE_S - 0.5, abs=0.1)


def test_shots_differ_and_cuts_lie_on_frames() -> None:
    assert abs(float(shot(0).mean()) - float(shot(1).mean())) > 5.0
    assert all(abs(c * FPS - round(c * FPS)) < 1e-6 for c in CUTS_S)


def test_the_peak_of_this_process_is_some_megabytes() -> None:
    assert 10.0 < peak_mb() < 100_000.0


def test_every_bar_is_judged_by_what_was_measured() -> None:
    def at(film_s: float, seconds: float, peak: float) -> Run:
        return Run(film_s, {"look": 1.0, "render": seconds - 1.0}, seconds, peak, 0.01)

    good = told([at(30.0, 3.0, 900.0), at(60.0, 5.0, 950.0), at(120.0, 10.0, 960.0)], 400.0, 3)
    slow = told([at(30.0, 9.0, 900.0), at(60.0, 15.0, 950.0), at(120.0, 60.0, 2600.0)], 100.0, 3)

    assert "**no**" not in good
    assert slow.count("**no**") == 5
