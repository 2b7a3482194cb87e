"""The whole picture of a score as a PNG."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from encoders.features import Events, Frames
from generators.score.performance import Performance
from generators.score.plan.brief import Plan
from generators.waveform import Waveform
from service.brief import name_of
from service.picture import ink, lanes, letters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_IN, DPI = 14.0, 130
LEFT, RIGHT, TOP_IN, BOTTOM_IN = 0.066, 0.985, 0.95, 0.5
HEIGHTS_IN = {"shots": 1.05, "curves": 1.1, "form": 0.3, "notes": 3.1, "hits": 1.35, "sound": 1.0}
GAP_IN = 0.07


@dataclass(frozen=True)
class Scene:
    """What is drawn; frames and events only where there is a video."""

    plan: Plan
    performance: Performance
    music: Waveform
    title: str
    frames: Frames | None = None
    events: Events | None = None


def draw(scene: Scene, path: Path) -> None:
    """Draw a scene into a PNG file; the same scene gives the same bytes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = [n for n in HEIGHTS_IN if n != "shots" or scene.frames is not None]
    height = TOP_IN + BOTTOM_IN + sum(HEIGHTS_IN[n] + GAP_IN for n in names)
    figure = Figure(figsize=(WIDTH_IN, height), dpi=DPI, facecolor=ink.PAPER)
    FigureCanvasAgg(figure)
    axes = _lanes(figure, names, height, scene.plan.duration_s)
    if scene.frames is not None:
        shape = HEIGHTS_IN["shots"] / (WIDTH_IN * (RIGHT - LEFT)) * scene.plan.duration_s
        hard = [a.cut.time_s for a in scene.plan.accents if a.cut.source not in {"motion", "flash"}]
        lanes.shots(axes["shots"], scene.frames, hard, scene.plan.duration_s, shape)
    lanes.courses(axes["curves"], scene.plan, scene.events)
    lanes.sections(axes["form"], scene.plan)
    lanes.notes(axes["notes"], scene.performance)
    lanes.hits(axes["hits"], scene.performance)
    lanes.sound(axes["sound"], scene.music)
    for lane in axes.values():
        lane.set_xlim(0, scene.plan.duration_s)
    _cuts(figure, scene.plan, height)
    _headings(figure, scene, height)
    figure.savefig(path, format="png", facecolor=ink.PAPER, metadata={"Software": None})


def _lanes(figure: "Figure", names: list[str], height: float, duration_s: float) -> dict[str, "Axes"]:
    out: dict[str, Axes] = {}
    top = height - TOP_IN
    for name in names:
        bottom = top - HEIGHTS_IN[name]
        axes = figure.add_axes((LEFT, bottom / height, RIGHT - LEFT, HEIGHTS_IN[name] / height), facecolor=ink.PAPER)
        axes.set_yticks([])
        axes.tick_params(labelsize=ink.SMALL, colors=ink.FAINT, length=0, pad=4)
        for side, spine in axes.spines.items():
            spine.set_visible(side == "bottom" and name not in {"shots", "form"})
            spine.set_color(ink.HAIR)
        axes.tick_params(axis="x", labelbottom=name == names[-1])
        top = bottom - GAP_IN
        out[name] = axes
    seconds = next(s for s in (1, 2, 5, 10, 15, 30, 60, 120, 300) if duration_s / s <= 26)
    ticks = [s * seconds for s in range(int(duration_s / seconds) + 1)]
    for axes in out.values():
        axes.set_xticks(ticks, [f"{t // 60}:{t % 60:02d}" for t in ticks])
    return out


def _cuts(figure: "Figure", plan: Plan, height: float) -> None:
    """Every cut as a line through all lanes, heavier cuts stronger."""
    bottom = BOTTOM_IN / height
    over = figure.add_axes((LEFT, bottom, RIGHT - LEFT, 1 - bottom - TOP_IN / height), zorder=10)
    over.patch.set_alpha(0)
    over.set_axis_off()
    over.set_xlim(0, plan.duration_s)
    over.set_ylim(0, 1)
    for accent in plan.accents:
        weight = accent.cut.weight
        over.axvline(accent.cut.time_s, color=ink.CUT, linewidth=0.5 + 0.8 * weight, alpha=0.25 + 0.6 * weight)


def _headings(figure: "Figure", scene: Scene, height: float) -> None:
    plan = scene.plan
    facts = (
        plan.style.value,
        f"{plan.tempo_bpm:.1f} bpm",
        plan.metre.value,
        name_of(plan.key),
        f"{len(plan.bars)} bars",
        f"{len(plan.accents)} cuts",
        f"{plan.duration_s:.2f} s",
    )
    y = 1 - 0.40 / height
    figure.text(
        *(LEFT, y, scene.title),
        fontsize=ink.LARGE,
        color=ink.INK,
        fontweight="bold",
        fontfamily=letters.families(),
        va="baseline",
        parse_math=False,  # a dollar in a name is a dollar
    )
    figure.text(LEFT, y - 0.27 / height, "   ".join(facts), fontsize=ink.NORMAL, color=ink.FAINT, va="baseline")
