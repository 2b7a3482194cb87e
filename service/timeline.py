"""Reads the cuts out of an OpenTimelineIO file, which is plain JSON, by pydantic models of the parts that matter."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.errors import BadMarkers


class _Part(BaseModel):
    """A part of a timeline; fields that are of no use here are passed over."""

    model_config = ConfigDict(allow_inf_nan=False)


class _Time(_Part):
    value: float
    rate: float = Field(gt=0)

    @property
    def seconds(self) -> float:
        return self.value / self.rate


class _Range(_Part):
    start_time: _Time
    duration: _Time


class _Marker(_Part):
    marked_range: _Range


class _Reference(_Part):
    available_range: _Range | None = None


class _Clip(_Part):
    kind: Literal["Clip.1", "Clip.2", "Gap.1"] = Field(alias="OTIO_SCHEMA")
    source_range: _Range | None = None
    markers: list[_Marker] = Field(default_factory=list)
    media_reference: _Reference | None = None
    media_references: dict[str, _Reference] = Field(default_factory=dict)

    @property
    def range(self) -> _Range | None:
        references = [self.media_reference, *self.media_references.values()]
        return self.source_range or next((r.available_range for r in references if r and r.available_range), None)


class _Transition(_Part):
    kind: Literal["Transition.1"] = Field(alias="OTIO_SCHEMA")


class _Track(_Part):
    schema_name: Literal["Track.1", "Sequence.1"] = Field(alias="OTIO_SCHEMA")
    kind: str = "Video"
    children: list[Annotated[_Clip | _Transition, Field(discriminator="kind")]] = Field(default_factory=list)
    markers: list[_Marker] = Field(default_factory=list)


class _Stack(_Part):
    children: list[_Track] = Field(default_factory=list)
    markers: list[_Marker] = Field(default_factory=list)


class _Timeline(_Part):
    schema_name: Literal["Timeline.1"] = Field(alias="OTIO_SCHEMA")
    tracks: _Stack


def timeline_cuts(text: str, where: str) -> list[float]:
    """Markers on the timeline, its tracks and clips in seconds of the timeline; without any, the cuts between clips.

    Raises:
        BadMarkers: when the text is not such a timeline, or a clip does not say how long it is.
    """
    try:
        timeline = _Timeline.model_validate_json(text)
    except ValidationError as exc:
        first = exc.errors()[0]
        at = ".".join(str(p) for p in first["loc"])
        raise BadMarkers(f"{where}: not an OpenTimelineIO timeline of clips ({at}: {first['msg']})") from exc
    marked = [m.marked_range.start_time.seconds for m in timeline.tracks.markers]
    joins: list[float] = []
    for number, track in enumerate(timeline.tracks.children):
        marked.extend(m.marked_range.start_time.seconds for m in track.markers)
        on_clips, ends = _walk(track, where)
        marked.extend(on_clips)
        if track.kind == "Video" and (number == 0 or not joins):
            joins = ends[:-1]
    return sorted(marked or joins)


def _walk(track: _Track, where: str) -> tuple[list[float], list[float]]:
    """Times of the markers on a track's clips, and the ends of the clips, in seconds of the track."""
    at_s = 0.0
    marked: list[float] = []
    ends: list[float] = []
    for child in track.children:
        if isinstance(child, _Transition):
            continue  # lies over its neighbours and takes no time of its own
        span = child.range
        if span is None:
            raise BadMarkers(f"{where}: a clip does not say how long it is; export it with source ranges")
        offset = at_s - span.start_time.seconds
        marked.extend(m.marked_range.start_time.seconds + offset for m in child.markers)
        at_s += span.duration.seconds
        ends.append(at_s)
    return marked, ends
