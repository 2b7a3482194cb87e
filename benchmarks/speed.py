"""How fast and how large: a film to a film with music, warm, by stage; and how both grow with its length."""

import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.context import Context
from benchmarks.films import BASE_S, base_film, repeated
from benchmarks.studio import Studio, caption_request
from benchmarks.table import Cell, Section, table, verdict

FILM_S = 60
FACTOR_BAR, SAMPLER_BAR, MEMORY_BAR_MB = 10.0, 300.0, 2000.0
FLAT = 1.35  # longest against shortest film, of peak memory
LINEAR = 1.4  # of the seconds that each further second takes, longest against middle


@dataclass(frozen=True)
class Run:
    """One warm run: seconds by stage, all of it, the child process's peak memory, and how audio and video differ."""

    film_s: float
    stages: dict[str, float]
    seconds: float
    peak_mb: float
    apart_s: float


def measure(context: Context) -> tuple[Section, ...]:
    """All runs, each film in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = base_film(folder / "base.mp4")
        runs: list[Run] = []
        lengths = sorted({*context.counts.films_s, FILM_S})
        for film_s in lengths:
            film = repeated(base, folder / f"{film_s}.mp4", film_s // BASE_S)
            times = context.counts.speed_runs if film_s == FILM_S else 1
            runs.append(_alone(context.bundle, film, times))
            film.unlink()
            print(f"film of {film_s} s: {runs[-1].seconds:.1f} s, {runs[-1].peak_mb:.0f} MB", flush=True)
    sampler = flow_factor(context.studio, times=max(3, context.counts.speed_runs))
    return (Section("speed", "Speed and memory", told(runs, sampler, context.counts.speed_runs)),)


def run_film(bundle: Path, film: Path, times: int) -> Run:
    """Score a film once to warm up and `times` times more; the median run, of this process."""
    from schemas.request import MusicRequest
    from schemas.source import VideoSource
    from service.composition import BundleParts
    from service.outputs import Outputs
    from service.pipeline import run
    from service.progress import Silent

    parts = BundleParts(bundle)
    out = film.with_name(f"{film.stem}-scored.mp4")
    request = MusicRequest(sources=(VideoSource(path=str(film)),))
    warming = MusicRequest(sources=(VideoSource(path=str(film.with_name("base.mp4"))),))
    run(warming, Outputs(out), parts, Silent())
    found = []
    for _ in range(times):
        start = time.perf_counter()
        report = run(request, Outputs(out), parts, Silent())[0]
        seconds = time.perf_counter() - start
        stages = {stage.name: stage.seconds for stage in report.stages}
        found.append(Run(report.duration_s, stages, seconds, peak_mb(), _apart(out)))
    out.unlink()
    return sorted(found, key=lambda r: r.seconds)[len(found) // 2]


def flow_factor(studio: Studio, *, times: int) -> float:
    """Seconds of music that the flow writes in a second, for a minute of it."""
    asked = studio.ask(caption_request("cinematic music at 100 bpm", duration_s=60.0, seed=0))
    studio.compose(asked)
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        studio.compose(asked)
        spent.append(time.perf_counter() - start)
    return 60.0 / median(spent)


def peak_mb() -> float:
    """Peak resident memory of this process; `getrusage` would count the parent's from before the child's start."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return float(line.split()[1]) / 1000.0
    raise RuntimeError("this system does not tell a process's peak memory; measure on Linux")


def growth(runs: list[Run]) -> tuple[float, float]:
    """How many times longer a second of film takes in the longest film than in the middle one, and memory's growth."""
    ordered = sorted(runs, key=lambda r: r.film_s)
    middle = ordered[len(ordered) // 2]
    pace = (ordered[-1].seconds / ordered[-1].film_s) / (middle.seconds / middle.film_s)
    return pace, ordered[-1].peak_mb / ordered[0].peak_mb


def _alone(bundle: Path, film: Path, times: int) -> Run:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(run_film, bundle, film, times).result()


def _apart(path: Path) -> float:
    """How much longer the sound of a film is than its pictures, either way."""
    import av

    with av.open(str(path), "r") as container:
        lengths = [
            float((s.duration or 0) * (s.time_base or 0)) for s in (*container.streams.video, *container.streams.audio)
        ]
    return abs(lengths[0] - lengths[1])


def told(runs: list[Run], sampler: float, times: int) -> str:
    """The section's text: seconds by stage of every film, and the bars."""
    minute = next(r for r in runs if round(r.film_s) == FILM_S)
    factor = minute.film_s / minute.seconds
    pace, memory = growth(runs)
    longest = max(runs, key=lambda r: r.film_s)
    stages = list(minute.stages)
    rows: list[list[Cell]] = [
        [f"{r.film_s:.0f} s", *(r.stages[s] for s in stages), r.seconds, r.film_s / r.seconds, r.peak_mb] for r in runs
    ]
    bars: list[list[Cell]] = [
        ["60 s of film, times real time", factor, f"at least {FACTOR_BAR:g}", factor >= FACTOR_BAR],
        ["flow sampler alone, times real time", sampler, f"at least {SAMPLER_BAR:g}", sampler >= SAMPLER_BAR],
        [
            f"peak memory for {longest.film_s:.0f} s, MB",
            longest.peak_mb,
            "at most 2000",
            longest.peak_mb <= MEMORY_BAR_MB,
        ],
        ["time a second of film, longest / middle", pace, f"at most {LINEAR}", pace <= LINEAR],
        ["memory, longest / shortest", memory, f"at most {FLAT}", memory <= FLAT],
        ["sound against pictures, ms", 1000 * max(r.apart_s for r in runs), "at most 33.3", _together(runs)],
    ]
    text = (
        "Films of 1080p30 H.264 with a cut every 3.3 s, to mp4 with music, through `pipeline.run`: warm (one film "
        f"before), each length in a process of its own; the minute is the median of {times}. The longer films repeat "
        f"the packets of one half minute. Seconds by stage.\n\nBar of {FACTOR_BAR:g} x: "
        f"{verdict(met=factor >= FACTOR_BAR)}.\n\n"
    )
    header = ["film", *stages, "all", "x real time", "peak MB"]
    return text + table(header, rows) + "\n" + table(["what", "measured", "bar", "met"], bars)


def _together(runs: list[Run]) -> bool:
    return bool(np.max([r.apart_s for r in runs]) <= 1 / 30 + 1e-6)
