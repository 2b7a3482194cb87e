"""Whether music is exactly as long as it was asked to be, and ends like music."""

import numpy as np

from benchmarks.context import Context
from benchmarks.sound import TAIL_BAR_S, Sound, measured
from benchmarks.studio import LUFS, caption_request, counted
from benchmarks.table import Cell, Section, table, verdict
from generators.score.style import STYLES

SHORTEST_S = 3.0
STEPS = 4  # of the flow: how good the notes are does not matter here


def measure(context: Context) -> tuple[Section, ...]:
    """Render random durations from 3 s to ten minutes, evenly on a log scale, both ends included."""
    n, longest = context.counts.lengths, context.counts.longest_s
    rng = np.random.default_rng(context.seed)
    inner = np.exp(rng.uniform(np.log(SHORTEST_S), np.log(longest), n - 2))
    durations = [SHORTEST_S, longest, *(round(float(d), 3) for d in inner)]
    say = counted("lengths")
    found: list[tuple[str, float, int, Sound]] = []
    for number, duration_s in enumerate(durations):
        style = STYLES[number % len(STYLES)].value
        request = caption_request(f"{style} music", duration_s=duration_s, seed=context.seed + number)
        asked = context.studio.ask(request)
        audio = context.studio.play(context.studio.compose(asked, steps=STEPS), asked).mix
        found.append((style, duration_s, round(duration_s * audio.sample_rate), measured(audio)))
        say(number + 1, n)
    return (_section(found),)


def _section(found: list[tuple[str, float, int, Sound]]) -> Section:
    n = len(found)
    exact = sum(wanted == s.n_samples for _, _, wanted, s in found)
    quiet = sum(s.last_dbfs < -50.0 for *_, s in found)
    short = sum(s.silent_tail_s <= TAIL_BAR_S for *_, s in found)
    loud = sum(abs(s.loudness_lufs - LUFS) <= 0.5 for *_, s in found)
    peaks = sum(s.true_peak_dbtp <= -1.0 for *_, s in found)
    rows: list[list[Cell]] = [
        ["sample count is round(duration x rate)", f"{exact}/{n}", exact == n],
        ["last 50 ms under -50 dBFS", f"{quiet}/{n}", quiet == n],
        ["silent tail at most 1.5 s", f"{short}/{n}", short == n],
        ["loudness within 0.5 LU", f"{loud}/{n}", loud == n],
        ["true peak at most -1 dBTP", f"{peaks}/{n}", peaks == n],
    ]
    odd = [_told(style, d, s) for style, d, wanted, s in found if not _good(s) or wanted != s.n_samples]
    durations = [d for _, d, _, _ in found]
    text = f"{n} random durations from {min(durations):g} s to {max(durations):g} s, styles in turn. "
    text += f"Bar: {n}/{n} exact; {verdict(met=exact == n)}.\n\n" + table(["what", "pieces", "met"], rows)
    if odd:
        text += "\nThose that miss something: " + "; ".join(odd[:8]) + ("; ..." if len(odd) > 8 else "") + ".\n"
    return Section("lengths", "Exact lengths", text)


def _good(s: Sound) -> bool:
    return s.ends_well and abs(s.loudness_lufs - LUFS) <= 0.5 and s.true_peak_dbtp <= -1.0


def _told(style: str, duration_s: float, s: Sound) -> str:
    return (
        f"{style} {duration_s:g} s ({s.loudness_lufs:.1f} LUFS, {s.true_peak_dbtp:.2f} dBTP, last "
        f"{s.last_dbfs:.0f} dBFS, tail {s.silent_tail_s:.2f} s)"
    )
