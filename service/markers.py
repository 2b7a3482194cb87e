"""Cuts that somebody marked: a list of seconds, a CSV, an edit decision list (CMX 3600) or an OpenTimelineIO file."""

import csv
import io
import math
import re
from pathlib import Path

from pydantic import ValidationError

from schemas.cue_sheet import CueCut
from service.errors import BadInput, BadMarkers
from service.timeline import timeline_cuts

MAX_BYTES = 20_000_000
_EVENT = re.compile(r"^\s*\d+\s+\S+\s+\S+\s+\S+(?:\s+\d+)?((?:\s+\d\d:\d\d:\d\d[:;.]\d\d){4})\s*$")
_TITLES = {"time", "time_s", "start", "start_s", "seconds", "timecode", "cut", "in"}


def read_cuts(text: str, *, fps: float | None = None) -> tuple[CueCut, ...]:
    """Cuts from `1.2,3.4,...` or from `@file` with the suffix .csv, .edl or .otio; `fps` reads timecodes.

    Raises:
        BadInput: when a file cannot be read.
        BadMarkers: when times are not numbers, not finite or negative, or the file is not in its format.
    """
    if not text.startswith("@"):
        return cuts_at(
            [_number(part, "--cuts") for part in text.replace(";", ",").split(",") if part.strip()], "--cuts"
        )
    path = Path(text[1:])
    readers = {".csv": csv_times, ".txt": csv_times, ".edl": edl_times, ".otio": otio_times}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise BadMarkers(f"{path}: not a markers file; use one of {', '.join(readers)}")
    return cuts_at(reader(_text_of(path), str(path), fps), str(path))


def cuts_at(times_s: list[float], where: str) -> tuple[CueCut, ...]:
    """Cuts of full weight at times, in order and without doubles.

    Raises:
        BadMarkers: when a time is not finite or is negative, or there are none.
    """
    if not times_s:
        raise BadMarkers(f"{where}: holds no cuts; give at least one time in seconds")
    for time_s in times_s:
        if not math.isfinite(time_s):
            raise BadMarkers(f"{where}: {time_s} is not a time; give seconds as finite numbers")
        if time_s < 0:
            raise BadMarkers(f"{where}: {time_s:g} s lies before the start; give times from 0 on")
    try:
        return tuple(CueCut(time_s=t, source="marked") for t in sorted({round(t, 6) for t in times_s}))
    except ValidationError as exc:
        raise BadMarkers(f"{where}: {exc.errors()[0]['msg']}") from exc


def csv_times(text: str, where: str, fps: float | None) -> list[float]:
    """Times from the first column of a CSV, or from the column that is titled like a time."""
    dialect = csv.excel_tab if "\t" in text else csv.excel
    rows = [row for row in csv.reader(io.StringIO(text), dialect) if any(c.strip() for c in row)]
    column = 0
    if rows:
        titles = [c.strip().lower() for c in rows[0]]
        named = next((i for i, t in enumerate(titles) if t in _TITLES), None)
        if named is not None or not _looks_like_time(rows[0][0]):
            column, rows = named or 0, rows[1:]
    if any(len(row) <= column for row in rows):
        raise BadMarkers(f"{where}: a line has no column {column + 1}; give a time on every line")
    return [_time(row[column], where, fps) for row in rows]


def edl_times(text: str, where: str, fps: float | None) -> list[float]:
    """Where the events of a CMX 3600 list start on the record side, counted from the first event."""
    rate = fps or 25.0
    starts = []
    for line in text.splitlines():
        match = _EVENT.match(line)
        if match:
            starts.append(timecode_s(match.group(1).split()[2], rate, where))
    if not starts:
        raise BadMarkers(f"{where}: holds no events; export it as a CMX 3600 edit decision list")
    first = min(starts)  # lists start at 01:00:00:00 by habit; the first event is where the picture starts
    return [t - first for t in starts if t > first] or [0.0]


def otio_times(text: str, where: str, fps: float | None) -> list[float]:
    """Markers of an OpenTimelineIO timeline, or its cuts between clips when it has no markers."""
    del fps  # every time in the file names its own rate
    return timeline_cuts(text, where)


def timecode_s(text: str, fps: float, where: str) -> float:
    """Seconds of `hh:mm:ss:ff`; with a semicolon and a rate of 29.97 or 59.94, frames are dropped as SMPTE counts."""
    if not re.fullmatch(r"\d\d:\d\d:\d\d[:;.]\d\d", text):
        raise BadMarkers(f"{where}: {text!r} is no timecode; write it as hh:mm:ss:ff")
    hours, minutes, seconds, frames = (int(p) for p in re.split(r"[:;.]", text))
    base = max(round(fps), 1)
    if frames >= base:
        raise BadMarkers(f"{where}: {text} has a frame {frames} at {fps:g} frames a second; check the frame rate")
    total_minutes = 60 * hours + minutes
    count = (60 * total_minutes + seconds) * base + frames
    if ";" in text and base % 30 == 0:
        count -= (base // 15) * (total_minutes - total_minutes // 10)
    return count / fps


def _time(text: str, where: str, fps: float | None) -> float:
    if re.fullmatch(r"\d\d:\d\d:\d\d[:;]\d\d", text.strip()):
        return timecode_s(text.strip(), fps or 25.0, where)
    return _number(text, where)


def _looks_like_time(text: str) -> bool:
    return bool(re.match(r"\s*[-+]?(\d|\.\d|nan|inf)", text, re.IGNORECASE))


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError as exc:
        raise BadMarkers(f"{where}: {text.strip()!r} is not a time; give seconds as numbers") from exc


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadMarkers(f"{path}: is larger than {MAX_BYTES // 1_000_000} MB; give a file with markers only")
        return path.read_text(encoding="utf-8-sig")
    except OSError as exc:
        raise BadInput(f"{path}: cannot be read ({exc.strerror}); check the path") from exc
    except UnicodeDecodeError as exc:
        raise BadMarkers(f"{path}: is not a text file; export the markers as text") from exc
