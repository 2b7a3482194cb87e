"""Whether words in a caption arrive in the music: tempo, energy, brightness and mode, asked against measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.context import Context
from benchmarks.onsets import beat_tempo
from benchmarks.studio import Asked, Studio, caption_request, counted, deranged
from benchmarks.table import Cell, Section, table, verdict
from generators.score.score import Mode, Score
from generators.score.style import STYLES, Style
from training.corpus.attributes import attributes
from training.musicality import measured_mode

DURATION_S = 24.0
CORRELATION_BAR, MODE_BAR = 0.8, 0.85
BEAT_TOLERANCE = 0.04  # of the tempo (MIREX)
LEVELS: dict[str, tuple[str, ...]] = {
    "tempo in words": ("very slow", "slow", "mid-tempo", "upbeat", "fast", "very fast"),
    "tempo in numbers": ("at 60 bpm", "at 80 bpm", "at 100 bpm", "at 120 bpm", "at 140 bpm", "at 165 bpm"),
    "energy": ("very calm", "gentle, soft", "moderate energy", "energetic", "very intense"),
    "brightness": ("low register, dark-toned", "mellow in tone", "rather bright", "high register, bright"),
}
MODES: dict[Mode, tuple[str, ...]] = {Mode.MAJOR: ("in a major key", "major"), Mode.MINOR: ("in a minor key", "minor")}


@dataclass(frozen=True)
class Answer:
    """A caption's style and level, what was planned for it, and the notes by the flow and by weights at random."""

    style: Style
    level: int
    read: float  # what the text tower and attribute head make of the caption
    asked: Asked
    score: Score
    ignorant: Score


def measure(context: Context) -> tuple[Section, ...]:
    """Compose for captions at every level in several styles, and measure."""
    styles = [STYLES[i] for i in np.linspace(0, len(STYLES) - 1, context.counts.styles).round().astype(int)]
    rng = np.random.default_rng(context.seed)
    rows: list[list[Cell]] = []
    least = 1.0
    tempi: list[Answer] = []
    for name, words in LEVELS.items():
        answers = answer(context.studio, styles, words, attribute=name.partition(" ")[0])
        rows.append(_row(name, answers, rng))
        least = min(least, _within(answers, [measured_level(name, a.score) for a in answers]))
        tempi += answers if name == "tempo in words" else []
    text = (
        f'Captions "<style> music, <words>" in {len(styles)} styles, {DURATION_S:g} s each, at every level: '
        + "; ".join(f"{name}: {' / '.join(words)}" for name, words in LEVELS.items() if "numbers" not in name)
        + ". Spearman between level and what is measured on the notes (energy and brightness by `controls.measure`, "
        "tempo as planned), within a style and averaged, and over all pieces at once; also what the CLAP text tower "
        "reads in the caption, the same with the flow's weights in random order, and with captions exchanged. Tempo "
        "and mode are planned from the caption before the flow runs, so random weights keep the tempo.\n\n"
        f"Bar: at least {CORRELATION_BAR} within a style; {verdict(met=least >= CORRELATION_BAR)} "
        f"(least {least:.2f}).\n\n"
    )
    header = ["asked", "measured, within a style", "over all", "read by CLAP", "random weights", "captions exchanged"]
    text += table([*header, "mean at each level"], rows) + _modes(context, styles) + _beats(context, tempi)
    return (Section("control", "Captions obeyed", text),)


def answer(studio: Studio, styles: Sequence[Style], words: Sequence[str], *, attribute: str) -> list[Answer]:
    """Compose for every style and level."""
    say = counted(attribute)
    out = []
    for i, style in enumerate(styles):
        for level, word in enumerate(words):
            request = caption_request(f"{style.value} music, {word}", duration_s=DURATION_S, seed=7 * i + level)
            asked = studio.ask(request)
            read = studio.parts.describe(asked.points.mean(axis=0))
            figure = {"tempo": read.tempo_bpm, "energy": read.energy, "brightness": read.brightness}
            scores = [studio.choose(asked, engine=e) for e in (studio.engine, studio.ignorant)]
            out.append(Answer(style, level, figure.get(attribute, read.major_probability), asked, *scores))
            say(len(out), len(styles) * len(words))
    return out


def measured_level(name: str, score: Score) -> float:
    """What the notes are like in the attribute that a row of LEVELS asks for."""
    found = attributes(score)
    return {"tempo": found.tempo_bpm, "energy": found.energy, "brightness": found.brightness}[name.partition(" ")[0]]


def _row(name: str, answers: list[Answer], rng: np.random.Generator) -> list[Cell]:
    values = [measured_level(name, a.score) for a in answers]
    levels = [a.level for a in answers]
    other = [values[i] for i in deranged(len(values), rng)]
    means = [np.mean([v for v, at in zip(values, levels, strict=True) if at == k]) for k in range(max(levels) + 1)]
    return [
        name,
        _within(answers, values),
        _spearman(levels, values),
        _within(answers, [a.read for a in answers]),
        _within(answers, [measured_level(name, a.ignorant) for a in answers]),
        _spearman(levels, other),
        " ".join(f"{m:.3g}" for m in means),
    ]


def _within(answers: list[Answer], values: Sequence[float]) -> float:
    """Mean over styles of the correlation of level and value within one."""
    pairs = list(zip(answers, values, strict=True))
    by_style = [[(a.level, v) for a, v in pairs if a.style is style] for style in {a.style for a in answers}]
    return float(np.mean([_spearman(*zip(*group, strict=True)) for group in by_style]))


def _spearman(a: Sequence[float], b: Sequence[float]) -> float:
    from scipy.stats import spearmanr

    return 0.0 if np.ptp(a) == 0 or np.ptp(b) == 0 else float(spearmanr(a, b).statistic)


def _modes(context: Context, styles: Sequence[Style]) -> str:
    shares: list[float] = []
    ignorant: list[float] = []
    planned: list[float] = []
    for mode, words in MODES.items():
        for a in answer(context.studio, styles, words, attribute=mode.value):
            shares.append(float(measured_mode(a.score) is mode))
            ignorant.append(float(measured_mode(a.ignorant) is mode))
            planned.append(float(a.asked.plan.key.mode is mode))
    share = float(np.mean(shares))
    return (
        f"\nMajor or minor as asked, by the key profile of the notes alone: {share:.2f} of {len(shares)} pieces "
        f"(planned {np.mean(planned):.2f}, random weights {np.mean(ignorant):.2f}, chance 0.50). "
        f"Bar {MODE_BAR}: {verdict(met=share >= MODE_BAR)}.\n"
    )


def _beats(context: Context, answers: list[Answer]) -> str:
    """Tempo by beat tracking on the rendered audio of some pieces."""
    some = answers[:: max(1, len(answers) // (12 if context.counts.styles > 2 else 4))]
    ratios = [beat_tempo(context.studio.play(a.score, a.asked).mix) / a.asked.plan.tempo_bpm for a in some]
    metrical = (1 / 3, 0.5, 1.0, 1.5, 2.0, 3.0)
    exact = np.mean([abs(r - 1) <= BEAT_TOLERANCE for r in ratios])
    related = np.mean([min(abs(r / m - 1) for m in metrical) <= BEAT_TOLERANCE for r in ratios])
    by_chance = 2 * BEAT_TOLERANCE * len(metrical) / np.log(9.0)
    return (
        f"\nBeat tracking (librosa) on the audio of {len(some)} of them hears the planned tempo within "
        f"{BEAT_TOLERANCE:.0%} in {exact:.2f}, or a metrical relative of it (1/3, 1/2, 3/2, 2, 3) in {related:.2f} "
        f"(by chance about {by_chance:.2f}).\n"
    )
