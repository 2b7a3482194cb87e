"""From what was seen and what was asked to the cue sheet that the music is made from."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, get_args

import numpy as np
from pydantic import ValidationError

from encoders.features import Events, ShotCut
from generators.score.chart import read_chart
from generators.score.chart_key import key_of_chart
from generators.score.plan.brief import Curve
from generators.score.score import Metre, Mode
from generators.score.tune import Tune
from schemas.cue_sheet import CueCut, CueSection, CueSheet, CurveName, CurvePoint
from schemas.music import StyleName
from schemas.request import MusicRequest
from schemas.source import CaptionSource, SourceKind, StorySource
from service import curves
from service.brief import name_of
from service.errors import BadInput
from service.leaning import LIFT, leaned, quickened, spread
from service.melody import GivenMelody
from service.pace import lift
from service.sight import Mood, Point, Sight, Track
from service.telling import sections_of, telling_of
from service.words import Wishes, wishes_in

if TYPE_CHECKING:
    from encoders.clap import Attributes

MOTION_WEIGHT = 0.3  # a motion onset is worth meeting only where it costs nothing
MOTION_GAP_S = 0.4
FLASH_WEIGHT = 0.35  # a flash is an accent within its shot, however bright: no new picture begins there
ENDING_S = 2.0  # where the music comes to rest, motion no longer stirs it
LAST_S = 0.25  # a cut this near the end has no music after it
SHORTEST_SECTION_S = 6.0
READING_WORDS_S = 2.5
STILL_S, LONGEST_S = 30.0, 600.0  # of music whose length nobody says
WORDS_SHARE = 0.5  # of a word for tempo or energy; the rest is what the text tower reads in the whole caption
BASE, LIGHT = (0.25, 0.82), (0.31, 0.71)  # energy and register that nearly all pieces of the corpus lie between
TEMPI = (40.0, 200.0)  # that a cue sheet may hold
Describe = Callable[[Point], "Attributes"]
TONICS = ("C", "D", "Eb", "F", "G", "A", "Bb")


def duration_of(request: MusicRequest, video_s: float | None, tune: Tune | None = None) -> float:
    """How long the music is: as asked, as the cue sheet says, as the video, as reading aloud takes, or 30 s.

    Instead of 30 s it may be longer for a melody, so that all of it is heard, with a bar before and two after.
    """
    asked = request.duration_s or (request.cue_sheet.duration_s if request.cue_sheet else None)
    if asked is not None:
        return asked
    if video_s is not None:
        return video_s
    words = sum(len(s.text.split()) for s in request.sources if isinstance(s, StorySource))
    if words:
        return float(np.clip(words / READING_WORDS_S, 12.0, LONGEST_S))
    sung_s = 0.0 if tune is None else (tune.bars + 3) * tune.metre.beats_per_bar * 60.0 / tune.tempo_bpm
    return float(np.clip(np.ceil(sung_s), STILL_S, LONGEST_S))


@dataclass(frozen=True)
class Draft:
    """Everything that a cue sheet is made from."""

    request: MusicRequest
    sight: Sight
    duration_s: float
    describe: Describe
    melody: GivenMelody | None = None

    def cue_sheet(self) -> CueSheet:
        """The complete sheet: what was asked comes first, then a given sheet, captions, a melody, then what was seen.

        Raises:
            BadInput: when a cut lies beyond the end.
            InvalidChart: when the chords cannot be read.
        """
        request, given = self.request, self.request.cue_sheet or CueSheet(duration_s=self.duration_s)
        wishes, tune = wishes_of(request), self.melody.tune if self.melody else None
        read = self._read()
        sections = request.cue_sheet.sections if request.cue_sheet else _sections(self)
        loop = request.loop or given.loop
        chords = request.chords or given.chords
        try:
            return CueSheet(
                duration_s=self.duration_s,
                tempo_bpm=asked_tempo(request) or _tempo(read, wishes, tune),
                tempo_exact=_is_exact(request, wishes, self.melody),
                metre=given.metre or (tune.metre.value if tune else wishes.metre) or "4/4",
                key=request.key
                or given.key
                or wishes.key
                or (name_of(tune.key) if tune and chords is None else None)
                or _key(read, wishes, chords=chords, seed=request.seed),
                chords=chords,
                style=request.style or given.style or wishes.style or _style(read),
                cuts=_cuts(request, self.sight.events, self.duration_s),
                sections=sections,
                curves=given.curves or self._curves(read, loop=loop, wished_energy=wishes.energy),
                loop=loop,
            )
        except ValidationError as exc:
            raise BadInput(exc.errors()[0]["msg"].removeprefix("Value error, ")) from exc

    def _read(self) -> "Attributes":
        """What the music should be like: the point's reading, drawn to the mood of texts and the pace of a video."""
        read = leaned(spread(self.describe(self.sight.point), self._share("caption")), self.sight.mood)
        events = self.sight.events
        if events is None:
            return read
        return quickened(read, self._share("video") * lift(events, self.duration_s, arousal=read.arousal))

    def _share(self, kind: SourceKind) -> float:
        """The share of what is understood that sources of a kind have."""
        return sum(i.weight for i in self.sight.impressions if i.kind == kind)

    def _curves(
        self, read: "Attributes", *, loop: bool, wished_energy: float | None
    ) -> dict[CurveName, tuple[CurvePoint, ...]]:
        base = float(np.clip(read.energy, *BASE))
        if wished_energy is not None:
            base = (1.0 - WORDS_SHARE) * base + WORDS_SHARE * wished_energy
        energies: list[tuple[float, Curve]] = []
        for impression in self.sight.impressions:
            if impression.kind == "video" and self.sight.events is not None:
                energies.append((impression.weight, curves.energy_of(self.sight.events, base, self.duration_s)))
            elif impression.kind == "story" and impression.track.is_told:
                energies.append((impression.weight, self._told(impression.track, base)))
            else:  # has no course of its own, so it hardly bends the others'
                energies.append((0.2 * impression.weight, curves.arc(base, self.duration_s, loop=loop)))
        drawn: dict[CurveName, Curve] = {"energy": curves.mixed(energies, self.duration_s)}
        bright = float(np.clip(read.brightness, *LIGHT))
        if self.sight.events is not None:
            drawn["brightness"] = curves.brightness_of(self.sight.events, bright, self.duration_s)
        else:
            drawn["brightness"] = self._lit(bright)
        return {name: _points(curve) for name, curve in drawn.items()}

    def _lit(self, bright: float) -> Curve:
        """Register by how each sentence of a story feels; level where no source has such a course."""
        times = curves.grid_of(self.duration_s)
        course = np.zeros(len(times))
        for impression in self.sight.impressions:
            track = impression.track
            if track.is_told and track.moods is not None:
                valence = np.array([track.weights(t, t, self.duration_s) @ track.moods[:, 0] for t in times])
                course += impression.weight * LIFT * (valence - valence.mean())
        if not course.any():
            return curves.level(bright, self.duration_s)
        return Curve(times, np.clip(bright + course, *LIGHT))

    def _told(self, track: Track, base: float) -> Curve:
        """Energy by what each sentence of a story is about, its differences doubled where points are read: timidly."""
        times = curves.grid_of(self.duration_s)
        moods = [None] * len(track.points) if track.moods is None else [Mood(v, a) for v, a in track.moods]
        read = [leaned(self.describe(point), mood) for point, mood in zip(track.points, moods, strict=True)]
        energies = np.array([(r.energy + r.arousal) / 2 for r in read])
        course = np.array([track.weights(t, t, self.duration_s) @ energies for t in times])
        swing = 2.0 if track.moods is None else 1.0
        return Curve(times, np.clip(base + swing * (course - course.mean()), curves.LOWEST, curves.HIGHEST))


def asked_tempo(request: MusicRequest) -> float | None:
    """The tempo that a request, its cue sheet or its caption names."""
    sheet = request.cue_sheet
    return request.tempo_bpm or (sheet.tempo_bpm if sheet else None) or wishes_of(request).tempo_bpm


def asked_metre(request: MusicRequest) -> Metre | None:
    """The metre that a request's cue sheet or its caption names."""
    sheet = request.cue_sheet
    name = (sheet.metre if sheet else None) or wishes_of(request).metre
    return None if name is None else Metre(name)


def _is_exact(request: MusicRequest, wishes: Wishes, melody: GivenMelody | None) -> bool:
    """Whether the tempo is somebody's wish and not a guess; a guess in a cue sheet stays a guess."""
    if request.tempo_bpm is not None:
        return True
    if request.cue_sheet is not None and request.cue_sheet.tempo_bpm is not None:
        return request.cue_sheet.tempo_exact
    return wishes.tempo_bpm is not None or (melody is not None and melody.is_exact)


def _tempo(read: "Attributes", wishes: Wishes, tune: Tune | None) -> float:
    if tune is not None:
        return round(float(np.clip(tune.tempo_bpm, *TEMPI)), 2)
    tempo = float(np.clip(read.tempo_bpm, 50.0, 180.0))
    if wishes.pace_bpm is not None:
        tempo = (1.0 - WORDS_SHARE) * tempo + WORDS_SHARE * wishes.pace_bpm
    return round(tempo, 1)


def wishes_of(request: MusicRequest) -> Wishes:
    """What the captions of a request name."""
    return wishes_in(" ".join(s.text for s in request.sources if isinstance(s, CaptionSource) and s.weight > 0))


def _is_major(read: "Attributes", wishes: Wishes) -> bool:
    return read.major_probability >= 0.5 if wishes.major is None else wishes.major


def _key(read: "Attributes", wishes: Wishes, *, chords: str | None, seed: int) -> str:
    """That of the chords, in the mode that a caption names; without chords a tonic by chance."""
    if chords is not None:
        asked = None if wishes.major is None else Mode.MAJOR if wishes.major else Mode.MINOR
        return name_of(key_of_chart(read_chart(chords), asked))
    mode = "major" if _is_major(read, wishes) else "minor"
    return f"{TONICS[int(np.random.default_rng([seed, 1]).integers(len(TONICS)))]} {mode}"


def _style(read: "Attributes") -> StyleName:
    return max(get_args(StyleName), key=lambda name: read.style_probabilities.get(name, 0.0))


def _cuts(request: MusicRequest, events: Events | None, duration_s: float) -> tuple[CueCut, ...]:
    if request.cuts is not None:
        return request.cuts
    if request.cue_sheet is not None:
        return request.cue_sheet.cuts
    if events is None:
        return ()
    cuts = [CueCut(time_s=round(c.time_s, 4), weight=round(_weight(c), 3), source=c.kind) for c in events.cuts]
    taken = [0.0, *(c.time_s for c in cuts)]
    for onset in events.motion_onsets_s:
        if onset < duration_s - ENDING_S and min(abs(onset - t) for t in taken) >= MOTION_GAP_S:
            cuts.append(CueCut(time_s=round(float(onset), 4), weight=MOTION_WEIGHT, source="motion"))
            taken.append(float(onset))
    return tuple(sorted((c for c in cuts if c.time_s < duration_s - LAST_S), key=lambda c: c.time_s))


def _weight(cut: ShotCut) -> float:
    return min(cut.weight, FLASH_WEIGHT) if cut.kind == "flash" else cut.weight


def _sections(draft: Draft) -> tuple[CueSection, ...]:
    """Where the picture changes most, with a video that does; else where a story turns."""
    seen = _scenes(draft.sight.events, draft.duration_s)
    if seen:
        return seen
    told = [s for s in draft.request.sources if isinstance(s, StorySource) and s.weight > 0]
    tracks = [i.track for i in draft.sight.impressions if i.kind == "story"]
    if not told:
        return ()
    return sections_of(telling_of(told[0].text), tracks[0], draft.describe, draft.duration_s)


def _scenes(events: Events | None, duration_s: float) -> tuple[CueSection, ...]:
    borders = [0.0, duration_s]
    for cut in sorted(events.cuts if events else (), key=lambda c: -c.weight):
        if _weight(cut) >= 0.5 and min(abs(cut.time_s - b) for b in borders) >= SHORTEST_SECTION_S:
            borders.append(round(cut.time_s, 4))
    borders.sort()
    if len(borders) == 2:
        return ()
    return tuple(CueSection(start_s=a, end_s=b) for a, b in pairwise(borders))


def _points(curve: Curve) -> tuple[CurvePoint, ...]:
    return tuple(
        CurvePoint(time_s=round(float(t), 3), value=round(float(v), 3))
        for t, v in zip(curve.times_s, curve.values, strict=True)
    )
