"""Whether the music meets its cuts: onsets measured on rendered audio, against chance and music without cuts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.context import Context
from benchmarks.onsets import ACCENT_REACH_S, REACH_S, Onsets, onsets
from benchmarks.sound import Sound, measured
from benchmarks.studio import LUFS, Studio, caption_request, counted
from benchmarks.table import Cell, Section, table, verdict
from generators.score.style import STYLES

BAR_MS = 1000 * REACH_S
RANDOM_TIMES = 400
LEAST_GAP_S = 0.7
LUFS_BAR, PEAK_BAR_DBTP = 0.5, -1.0
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Clip:
    """Music for a caption with cuts, and the same without: onsets, and what the first sounds like."""

    style: str
    duration_s: float
    cuts_s: tuple[float, ...]
    met: Onsets
    free: Onsets
    sound: Sound


def measure(context: Context) -> tuple[Section, ...]:
    """Both sections: cuts, and the sound of the same clips."""
    say = counted("clips")
    clips = []
    for number in range(context.counts.clips):
        clips.append(make_clip(context.studio, number, seed=context.seed + number))
        say(number + 1, context.counts.clips)
    return cut_section(clips), sound_section(clips)


def make_clip(studio: Studio, number: int, *, seed: int) -> Clip:
    """One clip of 20 to 60 s in the style of its turn, with cuts at random."""
    rng = np.random.default_rng([seed, 17])
    style = STYLES[number % len(STYLES)].value
    duration_s = round(float(rng.uniform(20.0, 60.0)), 2)
    cuts_s = random_cuts(duration_s, rng)
    audio = []
    for asked_cuts in (cuts_s, ()):
        asked = studio.ask(
            caption_request(f"{style} music for a film", duration_s=duration_s, seed=seed, cuts_s=asked_cuts)
        )
        audio.append(studio.play(studio.choose(asked), asked).mix)
    return Clip(style, duration_s, cuts_s, onsets(audio[0]), onsets(audio[1]), measured(audio[0]))


def random_cuts(duration_s: float, rng: np.random.Generator) -> tuple[float, ...]:
    """Shots of log-normal length, 3 s in the median (Cutting et al. 2010), none shorter than `LEAST_GAP_S`."""
    times: list[float] = []
    at = 0.0
    while True:
        at += max(LEAST_GAP_S, float(rng.lognormal(np.log(3.0), 0.6)))
        if at > duration_s - 1.5:
            return tuple(times)
        times.append(round(at, 3))


def ranks(heard: Onsets, at_s: Floats, duration_s: float, rng: np.random.Generator) -> Floats:
    """Where each time's flux stands among random times of the same music: 0 weakest, 1 strongest."""
    there = np.array([heard.strength(t) for t in rng.uniform(0.5, duration_s - 1.5, RANDOM_TIMES)])
    return np.array([np.mean(there < heard.strength(t)) for t in at_s])


def cut_section(clips: list[Clip]) -> Section:
    """The table of cuts."""
    rows: dict[str, list[tuple[Floats, Floats, Floats]]] = {"with its cuts": [], "chance": [], "planned without": []}
    for number, clip in enumerate(clips):
        rng = np.random.default_rng([number, 3])
        cuts = np.array(clip.cuts_s)
        random = rng.uniform(0.5, clip.duration_s - 1.5, len(cuts))
        for name, heard, at in (
            ("with its cuts", clip.met, cuts),
            ("chance", clip.met, random),
            ("planned without", clip.free, cuts),
        ):
            nearest = np.array([heard.nearest_s(t) for t in at])
            strongest = np.array([heard.strongest_s(t) for t in at])
            rows[name].append((nearest, strongest, ranks(heard, at, clip.duration_s, rng)))
    lines = {name: [np.concatenate(part) for part in zip(*found, strict=True)] for name, found in rows.items()}
    p95 = float(1000 * np.percentile(lines["with its cuts"][0], 95))
    text = (
        f"{len(clips)} clips of 20 to 60 s in {len({c.style for c in clips})} styles, "
        f"{sum(len(c.cuts_s) for c in clips)} cuts of weight 1 at random times. Onsets are peaks of log-mel spectral "
        "flux on the finished mix (librosa, hop 5.8 ms, no backtracking, 1 dB over all bands). "
        "Nearest: distance from a cut to the nearest "
        f"onset, which flatters dense music; strongest: distance to the strongest flux within {ACCENT_REACH_S:g} s of "
        f"the cut; rank: where the flux at the cut (within {BAR_MS:.1f} ms) stands among {RANDOM_TIMES} random times "
        "of the same music (chance: 0.5). Chance: random times instead of cuts; planned without: the same request "
        f"without cuts.\n\nBar: p95 of the nearest at most {BAR_MS:.1f} ms; {verdict(met=p95 <= BAR_MS)} "
        f"({p95:.1f} ms).\n\n"
    )
    header = ["music", "nearest p50 ms", "nearest p95 ms", "nearest in a frame", "strongest p50 ms"]
    header += ["strongest p95 ms", "strongest in a frame", "rank, median", "rank over 0.9"]
    drawn = table(header, [[name, *_line(*found)] for name, found in lines.items()])
    worst = sorted(((float(np.max(r[0])), c.style) for r, c in zip(rows["with its cuts"], clips, strict=True)))[-3:]
    tail = "Worst cut of a clip: " + ", ".join(f"{style} {1000 * s:.0f} ms" for s, style in reversed(worst)) + "."
    return Section("cuts", "Cuts", f"{text}{drawn}\n{tail}")


def _line(nearest: Floats, strongest: Floats, rank: Floats) -> list[Cell]:
    ms = [float(1000 * np.percentile(x, p)) for x in (nearest, strongest) for p in (50, 95)]
    inside = [float(np.mean(x <= REACH_S)) for x in (nearest, strongest)]
    return [*ms[:2], inside[0], *ms[2:], inside[1], float(np.median(rank)), float(np.mean(rank > 0.9))]


def sound_section(clips: list[Clip]) -> Section:
    """The table of loudness, peaks and endings."""
    sounds = [c.sound for c in clips]
    off = [abs(s.loudness_lufs - LUFS) for s in sounds]
    peaks = [s.true_peak_dbtp for s in sounds]
    rows: list[list[Cell]] = [
        ["loudness, LU from the target", max(off), f"at most {LUFS_BAR}", max(off) <= LUFS_BAR],
        ["true peak, dBTP", max(peaks), f"at most {PEAK_BAR_DBTP}", max(peaks) <= PEAK_BAR_DBTP],
        ["samples at full scale", max(s.clipped for s in sounds), "0", all(s.clipped == 0 for s in sounds)],
        ["offset (DC)", max(s.offset for s in sounds), "under 0.001", all(s.offset < 1e-3 for s in sounds)],
        ["peak of the last 50 ms, dBFS", max(s.last_dbfs for s in sounds), "under -50", _all_quiet(sounds)],
        ["silent tail, s", max(s.silent_tail_s for s in sounds), "at most 1.5", all(s.ends_well for s in sounds)],
    ]
    text = f"The same {len(clips)} clips, measured by pyloudnorm and eightfold oversampling; the worst clip counts.\n\n"
    return Section("sound", "Loudness, peaks and endings", text + table(["what", "worst", "bar", "met"], rows))


def _all_quiet(sounds: list[Sound]) -> bool:
    return all(s.last_dbfs < -50.0 for s in sounds)
