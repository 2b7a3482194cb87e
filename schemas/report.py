"""The report: what was made, from what, how well it fits, and how long it took."""

from typing import Literal

from pydantic import Field

from schemas.base import WireModel
from schemas.music import FormName, KeyName, MetreName, StyleName, ThemeForm
from schemas.source import SourceKind


class SourceReport(WireModel):
    """A source and its share of the whole."""

    kind: SourceKind
    weight: float


class SectionReport(WireModel):
    """A section as it was composed."""

    form: FormName
    start_s: float
    end_s: float
    bars: int


class ThemeReport(WireModel):
    """A place where a theme was called for; the first of a name states it."""

    name: str
    form: ThemeForm
    start_s: float
    end_s: float
    bars: int


class StatementReport(WireModel):
    """A place where the given melody is played; `bars` of it, from its first bar line."""

    start_s: float
    end_s: float
    bars: int


class MelodyReport(WireModel):
    """The given melody as it is played; `transposed`: semitones by which it was moved, octaves included."""

    notes: int
    bars: int
    transposed: int
    statements: tuple[StatementReport, ...]


class PlanReport(WireModel):
    """The plan as it was played."""

    tempo_bpm: float
    metre: MetreName
    key: KeyName
    style: StyleName
    bars: int
    sections: tuple[SectionReport, ...]
    chords: tuple[str, ...] | None = Field(default=None, description="One text a bar, where chords were asked for.")
    themes: tuple[ThemeReport, ...] = ()
    melody: MelodyReport | None = None


class CutReport(WireModel):
    """A cut and the accent that meets it; both None where nothing sounds near it."""

    time_s: float
    weight: float
    source: str
    accent_s: float | None
    error_ms: float | None


class ClapReport(WireModel):
    """How near the rendered music lies to a source in CLAP space."""

    source: SourceKind
    cosine: float


class StageReport(WireModel):
    """A stage of the work and its wall-clock time."""

    name: str
    seconds: float


class ArtifactReport(WireModel):
    """A file that was written."""

    kind: Literal["audio", "video", "stem", "midi", "cue_sheet", "picture"]
    path: str
    n_bytes: int
    sha256: str


class Report(WireModel):
    """Everything about one take."""

    duration_s: float
    n_samples: int
    sample_rate: int
    channels: int
    engine: str
    bundle: str
    seed: int
    sources: tuple[SourceReport, ...]
    plan: PlanReport
    cuts: tuple[CutReport, ...]
    loudness_lufs: float | None = Field(description="Integrated loudness; None for silence or under 0.4 s.")
    true_peak_dbtp: float | None
    clap: tuple[ClapReport, ...]
    attributes: dict[str, float]
    stages: tuple[StageReport, ...]
    real_time_factor: float
    peak_rss_mb: float
    artifacts: tuple[ArtifactReport, ...]
    remarks: tuple[str, ...] = Field(default=(), description="What was left out of what was given, or not understood.")
