"""Sheets to look at: piano rolls and spectrograms of composed pieces by style: `python -m benchmarks.pictures`."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.made import first_bars
from benchmarks.studio import Asked, Studio, caption_request
from generators.score.score import DRUM_KEYS, PITCHED, ROLES, Role, Score
from generators.score.style import STYLES, Style
from generators.waveform import Waveform
from schemas.options import STEPS
from service.bundle import bundle_folder
from training.pieces import Piece, load_pieces

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = dict(zip(ROLES, ("#d62728", "#ff9896", "#1f77b4", "#9ecae1", "#2ca02c", "#555555", "#e377c2"), strict=True))
TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
DRUM_BASE = 2  # drums are drawn below the lowest pitch, one line a sound


def main() -> None:
    """Compose pieces in every style and draw them, beside held-out pieces where there is a corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--styles", default=",".join(STYLES), help="which, by name")
    parser.add_argument("--takes", type=int, default=2)
    parser.add_argument("--duration", type=float, default=40.0)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--sound", action="store_true", help="render, and draw spectrograms too")
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--out", type=Path, default=Path("runs/pictures"))
    given = parser.parse_args()
    studio = Studio(given.bundle or bundle_folder(os.environ))
    given.out.mkdir(parents=True, exist_ok=True)
    held_out = load_pieces(given.data, splits=frozenset({"test"})) if given.data.exists() else []
    for style in (Style(name) for name in given.styles.split(",")):
        requests = [
            caption_request(f"{style.value} music", duration_s=given.duration, seed=take) for take in range(given.takes)
        ]
        asked = [studio.ask(r) for r in requests]
        scores = [studio.compose(a, steps=given.steps) for a in asked]
        titled = [(f"{style.value}, seed {a.seed}", s) for a, s in zip(asked, scores, strict=True)]
        draw_sheet([*titled, *real_ones(held_out, style)], given.out / f"{style.value}.png")
        if given.sound:
            draw_sound(studio, asked, scores, given.out / f"{style.value}-sound.png")
        print(given.out / f"{style.value}.png", flush=True)


def real_ones(held_out: list[Piece], style: Style) -> list[tuple[str, Score]]:
    """The first held-out piece of a style, to compare with."""
    same = [p for p in held_out if p.labels.style is style]
    return [(f"held out ({p.source}): {p.captions[0]}", first_bars(p.score, 24)) for p in same[:1]]


def draw_sheet(scores: list[tuple[str, Score]], path: Path) -> None:
    """Piano rolls one below another; colours are roles, saturation is velocity."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(18, 5 * len(scores)), layout="tight")
    for i, (title, score) in enumerate(scores):
        draw_roll(figure.add_subplot(len(scores), 1, i + 1), score, title)
    figure.savefig(path, dpi=70)


def draw_roll(axes: "Axes", score: Score, title: str) -> None:
    """One score: bars on the x axis, chords above, drums below."""
    per = score.metre.steps_per_bar
    for role in (*PITCHED, Role.DRUMS):
        for n in score.parts.get(role, ()):
            y = DRUM_BASE + DRUM_KEYS.index(n.pitch) if role is Role.DRUMS else n.pitch
            alpha = 0.25 + 0.75 * n.velocity / 127
            axes.barh(y, max(n.duration - 0.15, 0.5), left=n.onset, height=0.9, color=COLOURS[role], alpha=alpha)
    for bar in range(score.bars):
        axes.axvline(bar * per, color="#bbbbbb", linewidth=0.4)
    last = None
    for half, chord in enumerate(score.chords):
        if chord != last and chord is not None:
            name = f"{TONICS[chord.root]}{chord.quality.value}"
            axes.text(half * per / 2, 100, name, fontsize=6, rotation=60)
        last = chord
    for s in score.sections:
        axes.text(s.start_bar * per, 94, s.form.value, fontsize=7, weight="bold")
    for k, role in enumerate((*PITCHED, Role.DRUMS)):
        axes.text(k / 10, 1.01, role.value, color=COLOURS[role], transform=axes.transAxes, fontsize=9)
    axes.set(xlim=(0, score.steps), ylim=(0, 106), xticks=list(range(0, score.steps, 4 * per)))
    axes.set_xticklabels([str(bar) for bar in range(0, score.bars, 4)])
    axes.set_title(
        f"{title} | {TONICS[score.key.tonic]} {score.key.mode} {score.metre} {score.tempo_bpm:.0f} bpm", loc="right"
    )


def draw_sound(studio: Studio, asked: list[Asked], scores: list[Score], path: Path) -> None:
    """Spectrograms of the finished mixes with their accents."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(18, 4 * len(asked)), layout="tight")
    for i, (a, score) in enumerate(zip(asked, scores, strict=True)):
        axes = figure.add_subplot(len(asked), 1, i + 1)
        draw_spectrogram(axes, studio.play(score, a).mix)
        for accent in a.plan.accents:
            axes.axvline(accent.time_s, color="white", linewidth=0.6)
    figure.savefig(path, dpi=70)


def draw_spectrogram(axes: "Axes", audio: Waveform) -> None:
    """Power in dB up to 12 kHz."""
    axes.specgram(audio.samples.mean(axis=0), NFFT=2048, Fs=audio.sample_rate, noverlap=1024, vmin=-140, cmap="magma")
    axes.set(ylim=(0, 12000), xlabel="seconds", ylabel="Hz")


if __name__ == "__main__":
    main()
