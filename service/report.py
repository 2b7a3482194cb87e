"""Builds the report of a take."""

import resource
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generators.score.chart import texts_of
from generators.score.plan.brief import Accent, Plan
from generators.score.theme import Placement
from generators.score.tune import Melody, Tune
from schemas.report import (
    ArtifactReport,
    ClapReport,
    CutReport,
    MelodyReport,
    PlanReport,
    Report,
    SectionReport,
    SourceReport,
    StatementReport,
    ThemeReport,
)
from service.brief import name_of
from service.bundle import sha256_of
from service.looking import Looked
from service.melody import GivenMelody
from service.progress import Stages
from service.sight import Point
from service.sound import Sound

if TYPE_CHECKING:
    from encoders.clap import Attributes
    from generators.render.render import Mix


@dataclass(frozen=True)
class Take:
    """One take as it came out: `sound` is what is written, `point` where the music in it lies in CLAP space."""

    seed: int
    plan: Plan
    mix: "Mix"
    sound: Sound
    point: Point
    attributes: "Attributes"
    artifacts: tuple[ArtifactReport, ...] = ()


def report_of(
    take: Take, looked: Looked, stages: Stages, *, engine: str, bundle: str, remarks: tuple[str, ...] = ()
) -> Report:
    """The report: loudness and peak are those of what is written, cosines compare the music with each source."""
    audio, sight = take.sound.wave, looked.sight
    return Report(
        duration_s=audio.duration_s,
        n_samples=audio.samples.shape[1],
        sample_rate=audio.sample_rate,
        channels=audio.samples.shape[0],
        engine=engine,
        bundle=bundle,
        seed=take.seed,
        sources=tuple(SourceReport(kind=i.kind, weight=round(i.weight, 6)) for i in sight.impressions),
        plan=plan_report(take.plan, looked.melody),
        cuts=tuple(_cut(a) for a in take.plan.accents),
        loudness_lufs=_finite(take.sound.loudness_lufs),
        true_peak_dbtp=_finite(take.sound.true_peak_dbtp),
        clap=tuple(ClapReport(source=i.kind, cosine=round(float(i.point @ take.point), 4)) for i in sight.impressions),
        attributes=_numbers(take.attributes),
        stages=stages.report(),
        real_time_factor=round(audio.duration_s / max(stages.seconds, 1e-9), 2),
        peak_rss_mb=round(peak_rss_mb(), 1),
        artifacts=take.artifacts,
        remarks=(*looked.remarks, *remarks_on(take.plan, looked.melody), *remarks),
    )


def plan_report(plan: Plan, given: GivenMelody | None = None) -> PlanReport:
    """The plan in the report's words."""
    sections = tuple(
        SectionReport(
            form=s.form.value,
            start_s=round(plan.bars[s.start_bar].start_s, 4),
            end_s=round(plan.bars[s.start_bar + s.bars - 1].end_s, 4),
            bars=s.bars,
        )
        for s in plan.sections
    )
    return PlanReport(
        tempo_bpm=round(plan.tempo_bpm, 3),
        metre=plan.metre.value,
        key=name_of(plan.key),
        style=plan.style.value,
        bars=len(plan.bars),
        sections=sections,
        chords=None if plan.harmony is None else texts_of(plan.harmony),
        themes=tuple(_theme(p, plan) for p in plan.themes),
        melody=None if plan.melody is None or given is None else _melody(plan.melody, given.tune, plan),
    )


def remarks_on(plan: Plan, given: GivenMelody | None) -> tuple[str, ...]:
    """What was left out of a given melody."""
    if plan.melody is None or given is None:
        return ()
    melody, bars = plan.melody, plan.melody.statements[0].bars
    cut = f"the melody is cut after {bars} of its {melody.tune.bars} bars: the music ends there; ask for more seconds"
    return (*given.remarks, *([cut] if melody.is_cut else []))


def _melody(melody: Melody, given: Tune, plan: Plan) -> MelodyReport:
    moved = melody.tune.notes[0].pitch - given.notes[0].pitch
    statements = tuple(
        StatementReport(
            start_s=round(plan.bars[s.start_bar].start_s, 4),
            end_s=round(plan.bars[s.start_bar + s.bars - 1].end_s, 4),
            bars=s.bars,
        )
        for s in melody.statements
    )
    return MelodyReport(notes=len(given.notes), bars=given.bars, transposed=moved, statements=statements)


def _theme(place: Placement, plan: Plan) -> ThemeReport:
    return ThemeReport(
        name=place.call.name,
        form=place.call.form.value,
        start_s=round(plan.bars[place.start_bar].start_s, 4),
        end_s=round(plan.bars[place.start_bar + place.bars - 1].end_s, 4),
        bars=place.bars,
    )


def artifact(kind: str, final: Path, written: Path) -> ArtifactReport:
    """A file as it will be published: where it goes, and what is in it."""
    fields = {"kind": kind, "path": str(final), "n_bytes": written.stat().st_size, "sha256": sha256_of(written)}
    return ArtifactReport.model_validate(fields)


def peak_rss_mb() -> float:
    """The most memory that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _cut(accent: Accent) -> CutReport:
    error_ms = round(abs(accent.time_s - accent.cut.time_s) * 1000.0, 3)
    return CutReport(
        time_s=accent.cut.time_s,
        weight=accent.cut.weight,
        source=accent.cut.source,
        accent_s=round(accent.time_s, 6),
        error_ms=error_ms,
    )


def _finite(value: float) -> float | None:
    return round(value, 3) if abs(value) < float("inf") else None


def _numbers(read: "Attributes") -> dict[str, float]:
    names = ("tempo_bpm", "energy", "brightness", "valence", "arousal", "major_probability")
    numbers = {name: round(float(getattr(read, name)), 4) for name in names}
    return numbers | {f"style:{name}": round(float(p), 4) for name, p in read.style_probabilities.items()}
