"""Cuts from lists and files of editors."""

import json
from pathlib import Path

import pytest

from service.errors import BadInput, BadMarkers
from service.markers import read_cuts, timecode_s

EDL = """TITLE: FILM
FCM: NON-DROP FRAME

001  AX       V     C        00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00
* FROM CLIP NAME: sunrise.mov
002  AX       V     C        00:00:10:00 00:00:13:12 01:00:04:00 01:00:07:12
003  AX       V     D    024 00:00:00:00 00:00:02:00 01:00:07:12 01:00:09:12
"""


def times(cuts: str, fps: float | None = None) -> list[float]:
    return [c.time_s for c in read_cuts(cuts, fps=fps)]


def written(path: Path, text: str) -> str:
    path.write_text(text)
    return f"@{path}"


def clip(start: float, duration: float, markers: tuple[float, ...] = ()) -> dict[str, object]:
    def span(a: float, b: float) -> dict[str, object]:
        return {"start_time": {"value": a, "rate": 24}, "duration": {"value": b, "rate": 24}}

    marks = [{"OTIO_SCHEMA": "Marker.2", "marked_range": span(m, 0)} for m in markers]
    return {"OTIO_SCHEMA": "Clip.2", "source_range": span(start, duration), "markers": marks, "name": "x"}


def timeline(*children: dict[str, object]) -> str:
    track = {"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": list(children)}
    stack = {"OTIO_SCHEMA": "Stack.1", "children": [track]}
    return json.dumps({"OTIO_SCHEMA": "Timeline.1", "name": "film", "tracks": stack})


def test_a_list_is_sorted_and_has_no_doubles() -> None:
    assert times("3.4, 1.2,3.4") == [1.2, 3.4]


def test_a_table_with_titles_is_read_by_its_time_column(tmp_path: Path) -> None:
    assert times(written(tmp_path / "m.csv", "name,time_s\nboat,1.5\nstorm,6\n")) == [1.5, 6.0]


def test_a_table_without_titles_is_read_by_its_first_column(tmp_path: Path) -> None:
    assert times(written(tmp_path / "m.csv", "1.5,boat\n00:00:02:12,storm\n"), 24.0) == [1.5, 2.5]


def test_an_edit_decision_list_counts_from_its_first_event(tmp_path: Path) -> None:
    assert times(written(tmp_path / "m.edl", EDL), 24.0) == [4.0, 7.5]


def test_a_timeline_without_markers_gives_its_cuts(tmp_path: Path) -> None:
    text = timeline(clip(100, 48), clip(0, 36), clip(5, 24))
    assert times(written(tmp_path / "m.otio", text)) == [2.0, 3.5]


def test_markers_on_clips_lie_where_the_clip_lies(tmp_path: Path) -> None:
    text = timeline(clip(100, 48, (112,)), clip(0, 36, (12,)))
    assert times(written(tmp_path / "m.otio", text)) == [0.5, 2.5]


def test_dropped_frames_are_counted_as_the_standard_counts_them() -> None:
    assert timecode_s("01:00:00;00", 30000 / 1001, "x") == pytest.approx(3600.0, abs=0.01)
    assert timecode_s("00:00:10:12", 24.0, "x") == 10.5


@pytest.mark.parametrize("bad", ["nan", "1.0,inf", "-1", "1.0,two", "", "@m.xml", "@m.csv"])
def test_what_is_no_list_of_times_is_refused(bad: str) -> None:
    with pytest.raises(BadInput):
        read_cuts(bad)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.edl", "TITLE: nothing\n"),
        ("m.edl", EDL.replace("01:00:04:00 01:00:07:12", "01:00:04:30 01:00:07:12")),
        ("m.otio", "{}"),
        ("m.otio", "not json"),
        ("m.otio", timeline({"OTIO_SCHEMA": "Clip.2", "name": "no length"})),
        ("m.csv", "time\nnan\n"),
        ("m.csv", "name,time\nboat\n"),
        ("m.csv", ""),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(BadMarkers):
        read_cuts(written(tmp_path / name, text), fps=24.0)
