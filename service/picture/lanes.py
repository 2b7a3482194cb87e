"""The lanes of the picture, each drawn into axes that share one time axis."""

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from encoders.features import Events, Frames
from generators.score.performance import Performance
from generators.score.plan.brief import Plan
from generators.score.score import EFFECTS, PITCHED, Role
from generators.waveform import Waveform
from service.picture import ink

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOUDNESS_WINDOW_S = 0.4
DRUM_LANES = (
    (36,),
    (38, 37, 39),
    (42, 44, 46, 54, 70),
    (41, 45, 48, 56, 63),
    (49, 51),
)  # kick, snare, hats, toms, rings


def shots(axes: "Axes", frames: Frames, cuts_s: list[float], duration_s: float, shape: float) -> None:
    """One thumbnail a shot, from its middle, cropped to its length; `shape` is seconds per height of the lane."""
    edges = [0.0, *(c for c in cuts_s if 0 < c < duration_s), duration_s]
    for start, end in pairwise(edges):
        tiles = max(1, round((end - start) / (shape * frames.rgb.shape[2] / frames.rgb.shape[1])))
        width = (end - start) / tiles
        for k in range(tiles):
            at = int(np.argmin(np.abs(frames.times_s - (start + (k + 0.5) * width))))
            picture = _cropped(frames.rgb[at], width / shape)
            box = (start + k * width, start + (k + 1) * width, 0.0, 1.0)
            axes.imshow(picture, extent=box, aspect="auto", interpolation="bilinear")
    axes.set_ylim(0, 1)


def _cropped(picture: NDArray[np.uint8], shape: float) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    if width / height > shape:
        keep = max(int(height * shape), 1)
        return picture[:, (width - keep) // 2 : (width - keep) // 2 + keep]
    keep = max(int(width / shape), 1)
    return picture[(height - keep) // 2 : (height - keep) // 2 + keep]


def courses(axes: "Axes", plan: Plan, events: Events | None) -> None:
    """What the picture does and what the music was asked to do."""
    if events is not None:
        axes.fill_between(events.times_s, 0, events.motion, color=ink.CURVES["motion"], alpha=0.25, linewidth=0)
        _name(axes, 0, "motion of the picture", ink.CURVES["motion"])
    middles = [(b.start_s + b.end_s) / 2 for b in plan.bars]
    shown = [name for name in ("energy", "density", "brightness") if plan.controls.mask(name).any()]
    for place, name in enumerate(shown, start=1 if events is not None else 0):
        values = np.where(plan.controls.mask(name), plan.controls.values[name][:, 0], np.nan)
        axes.plot(middles, values, color=ink.CURVES[name], linewidth=1.8, solid_capstyle="round")
        _name(axes, place, name, ink.CURVES[name])
    axes.set_ylim(0, 1.12)
    axes.set_yticks([0, 0.5, 1], ["0", "", "1"])


def _name(axes: "Axes", place: int, name: str, colour: str) -> None:
    axes.text(
        0.006 + 0.085 * place + (0.055 if place else 0.0), 0.97, name, color=colour, fontsize=ink.SMALL, va="top",
        transform=axes.transAxes, fontweight="bold",
    )  # fmt: skip


def sections(axes: "Axes", plan: Plan) -> None:
    """The form as a strip, and the bar lines."""
    for section in plan.sections:
        start = plan.bars[section.start_bar].start_s
        end = plan.bars[section.start_bar + section.bars - 1].end_s
        axes.axvspan(start, end, color=ink.SECTIONS[section.form.value], linewidth=0)
        axes.axvline(start, color=ink.PAPER, linewidth=2)
        name = section.form.value.upper() if len(section.form.value) == 1 else section.form.value
        axes.text((start + end) / 2, 0.5, name, ha="center", va="center", fontsize=ink.SMALL, color=ink.INK)
    for bar in plan.bars:
        axes.plot([bar.start_s] * 2, [0, 0.16], color=ink.INK, linewidth=0.6)
    axes.set_ylim(0, 1)


def notes(axes: "Axes", performance: Performance) -> None:
    """The piano roll of all pitched roles, coloured by role, louder notes darker."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    lowest, highest = 127, 0
    for role in reversed(PITCHED):
        played = performance.parts.get(role, ())
        boxes = [Rectangle((n.onset_s, n.pitch - 0.42), max(n.duration_s, 0.03), 0.84) for n in played]
        strength = [0.35 + 0.6 * n.velocity / 127 for n in played]
        patches = PatchCollection(boxes, facecolor=ink.ROLES[role], alpha=strength or None, linewidth=0)
        axes.add_collection(patches)
        lowest = min([lowest, *(n.pitch for n in played)])
        highest = max([highest, *(n.pitch for n in played)])
    if highest < lowest:
        lowest, highest = 48, 72
    axes.set_ylim(lowest - 2.5, highest + 6.5)
    octaves = [p for p in range(0, 128, 12) if lowest - 2 <= p <= highest + 2]
    axes.set_yticks(octaves, [f"C{p // 12 - 1}" for p in octaves])
    for octave in octaves:
        axes.axhline(octave, color=ink.HAIR, linewidth=0.6, zorder=0)
    for place, role in enumerate(r for r in PITCHED if performance.parts.get(r)):
        x, y = 0.006 + 0.062 * place, 0.975
        colour = ink.ROLES[role]
        axes.text(
            x, y, role.value, color=colour, fontsize=ink.SMALL, va="top", fontweight="bold", transform=axes.transAxes
        )


def hits(axes: "Axes", performance: Performance) -> None:
    """Drums by kind, and the effects below them with their length."""
    for note in performance.parts.get(Role.DRUMS, ()):
        lane = next((i for i, keys in enumerate(DRUM_LANES) if note.pitch in keys), len(DRUM_LANES) - 1)
        height = 0.2 + 0.62 * note.velocity / 127
        axes.plot([note.onset_s] * 2, [lane + 1, lane + 1 + height], color=ink.ROLES[Role.DRUMS], linewidth=1.1)
    for note in performance.parts.get(Role.EFFECTS, ()):
        axes.plot(
            [note.onset_s, note.onset_s + note.duration_s], [0.25, 0.25], color=ink.ROLES[Role.EFFECTS], linewidth=3,
            alpha=0.75, solid_capstyle="butt",
        )  # fmt: skip
        name = EFFECTS[note.pitch].value.replace("_", " ")
        axes.text(note.onset_s + 0.05, 0.42, name, fontsize=5.5, color=ink.ROLES[Role.EFFECTS], clip_on=True)
    names = ("effects", "kick", "snare", "hats", "toms", "cymbals")
    axes.set_yticks([i + 0.4 for i in range(len(names))], names)
    axes.set_ylim(-0.1, len(names) + 0.1)


def sound(axes: "Axes", music: Waveform, columns: int = 1600) -> None:
    """The waveform's peaks, and its level over time in decibels."""
    mono = np.abs(music.samples).max(axis=0)
    size = max(len(mono) // columns, 1)
    whole = mono[: len(mono) // size * size].reshape(-1, size)
    times = (np.arange(len(whole)) + 0.5) * size / music.sample_rate
    axes.fill_between(times, -whole.max(axis=1), whole.max(axis=1), color=ink.INK, alpha=0.75, linewidth=0)
    window = max(round(LOUDNESS_WINDOW_S * music.sample_rate / size), 1)
    power = np.convolve((whole.astype(np.float64) ** 2).mean(axis=1), np.ones(window) / window, mode="same")
    level_db = np.clip(10 * np.log10(power + 1e-9), -48, 0)
    axes.plot(times, level_db / 24 + 1, color=ink.CUT, linewidth=1.1)  # -48 dB at the bottom, 0 dB at the top
    axes.set_ylim(-1.05, 1.05)
    axes.set_yticks([-1, 0, 1], ["-48 dB", "-24", "0"])
