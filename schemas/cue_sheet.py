"""The cue sheet: everything about *when*, as JSON that a person can edit and send back."""

from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.base import WireModel
from schemas.music import (
    ChartText,
    DurationS,
    FormName,
    KeyName,
    Level,
    MetreName,
    StyleName,
    TempoBpm,
    ThemeForm,
    TimeS,
)

CurveName = Literal["energy", "density", "brightness"]


class CueCut(WireModel):
    """A moment that the music should meet; weight 1 must be met, lower weights may be given up for higher ones."""

    time_s: TimeS
    weight: Level = 1.0
    source: str = Field(default="user", max_length=40)


class CueTheme(WireModel):
    """A theme that sounds in a section: the first section with its name states it, the others return to it.

    A return is transposed by semitones, or along the scale by degrees; an augmented one has doubled durations and may
    be transposed as well.
    """

    name: str = Field(min_length=1, max_length=40)
    form: ThemeForm = "exact"
    semitones: int = Field(default=0, ge=-24, le=24)
    degrees: int = Field(default=0, ge=-14, le=14)

    @model_validator(mode="after")
    def _moves_only_where_it_says_so(self) -> Self:
        if self.semitones and self.degrees:
            raise ValueError(f"theme {self.name!r} moves by semitones and by degrees; give one of them")
        moves = bool(self.semitones or self.degrees)
        if self.form == "exact" and moves:
            raise ValueError(f"theme {self.name!r} is exact and yet moves; write transposed, or leave the interval out")
        if self.form == "transposed" and not moves:
            raise ValueError(f"theme {self.name!r} is transposed by nothing; give semitones or degrees, or write exact")
        return self


class CueSection(WireModel):
    """A stretch that wants music of its own."""

    start_s: TimeS
    end_s: TimeS
    form: FormName | None = None
    label: str | None = Field(default=None, max_length=200)
    theme: CueTheme | None = None

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if self.end_s <= self.start_s:
            raise ValueError(f"section at {self.start_s:g} s ends at {self.end_s:g} s; give an end after its start")
        return self


class CurvePoint(WireModel):
    """One point of a curve; between points the value runs in a straight line."""

    time_s: TimeS
    value: Level


class CueSheet(WireModel):
    """Duration, tempo, key, chords, cuts, sections and curves of one piece; whatever is left out stays free."""

    version: Literal[1] = 1
    duration_s: DurationS
    tempo_bpm: TempoBpm | None = None
    tempo_exact: bool = False
    metre: MetreName | None = None
    key: KeyName | None = None
    style: StyleName | None = None
    chords: ChartText | None = None
    cuts: tuple[CueCut, ...] = Field(default=(), max_length=5_000)
    sections: tuple[CueSection, ...] = Field(default=(), max_length=500)
    curves: dict[CurveName, tuple[CurvePoint, ...]] = Field(default_factory=dict)
    loop: bool = False

    @model_validator(mode="after")
    def _cuts_lie_inside(self) -> Self:
        for cut in self.cuts:
            if cut.time_s > self.duration_s:
                raise ValueError(f"cut at {cut.time_s:g} s lies beyond the end at {self.duration_s:g} s; remove it")
        return self

    @model_validator(mode="after")
    def _sections_are_in_order(self) -> Self:
        for section in self.sections:
            if section.start_s >= self.duration_s:
                at, end = section.start_s, self.duration_s
                raise ValueError(f"section at {at:g} s starts beyond the end at {end:g} s; remove it")
        for before, after in pairwise(self.sections):
            if after.start_s < before.end_s - 1e-6:
                raise ValueError(
                    f"section at {after.start_s:g} s starts before the one at {before.start_s:g} s ends; "
                    "sections come in order and do not overlap"
                )
        return self

    @model_validator(mode="after")
    def _themes_are_stated_as_they_are(self) -> Self:
        stated: set[str] = set()
        for section in self.sections:
            theme = section.theme
            if theme is not None and theme.name not in stated and theme.form != "exact":
                raise ValueError(
                    f"theme {theme.name!r} is {theme.form} at {section.start_s:g} s before any section states it; "
                    "write exact there"
                )
            stated |= {theme.name} if theme is not None else set()
        return self

    @model_validator(mode="after")
    def _curves_rise_in_time(self) -> Self:
        for name, points in self.curves.items():
            if not points:
                raise ValueError(f"curve {name} has no points; give at least one, or leave the curve out")
            for before, after in pairwise(points):
                if after.time_s <= before.time_s:
                    raise ValueError(f"curve {name}: time {after.time_s:g} s does not come after {before.time_s:g} s")
        return self
