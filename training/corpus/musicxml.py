"""Measures of a MusicXML lead sheet, in playing order: melody, chord symbols, metre and key signature."""

from dataclasses import dataclass, field
from fractions import Fraction
from xml.etree import ElementTree as ET

from generators.score.score import Chord, Quality

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
#: MusicXML kind (before any hyphen-number) -> nearest quality of ours
_KINDS: dict[str, Quality] = {
    "major": Quality.MAJ,
    "major-sixth": Quality.MAJ,
    "power": Quality.MAJ,
    "major-seventh": Quality.MAJ7,
    "major-ninth": Quality.MAJ7,
    "maj69": Quality.MAJ,
    "dominant": Quality.DOM7,
    "minor": Quality.MIN,
    "minor-sixth": Quality.MIN,
    "minor-major": Quality.MIN,
    "diminished": Quality.DIM,
    "diminished-seventh": Quality.DIM,
    "half-diminished": Quality.HDIM7,
    "augmented": Quality.AUG,
    "augmented-seventh": Quality.AUG,
    "augmented-ninth": Quality.AUG,
    "suspended-fourth": Quality.SUS4,
    "suspended-second": Quality.SUS2,
}
_FAMILIES = (("dominant", Quality.DOM7), ("minor", Quality.MIN7), ("major", Quality.MAJ7))


@dataclass(frozen=True, slots=True)
class SheetNote:
    """A melody note: onset in its measure and duration in quarter notes; `tied` when it goes on the note before."""

    onset: Fraction
    duration: Fraction
    pitch: int
    tied: bool


@dataclass(frozen=True)
class Measure:
    """One written measure; `beats` and `beat_type` give its metre, `length` the quarter notes that are filled."""

    beats: int
    beat_type: int
    length: Fraction
    fifths: int
    notes: tuple[SheetNote, ...]
    chords: tuple[tuple[Fraction, Chord | None], ...]
    forward: bool = False
    backward: bool = False
    ending: str = ""  # numbers of the endings this measure belongs to, such as "1" or "1, 2"

    @property
    def full(self) -> Fraction:
        """Quarter notes in a whole measure."""
        return Fraction(4 * self.beats, self.beat_type)


@dataclass
class _State:
    """What carries over from measure to measure while reading."""

    divisions: int = 1
    beats: int = 4
    beat_type: int = 4
    fifths: int = 0
    ending: str = ""
    found: list[Measure] = field(default_factory=list)


def read_measures(text: bytes) -> tuple[str, list[Measure]]:
    """Title and measures of the first part, as written; raises ValueError for anything but partwise MusicXML."""
    try:
        root = ET.fromstring(text)
    except ET.ParseError as exc:
        raise ValueError(f"not MusicXML: {exc}") from exc
    part = root.find("part")
    if part is None:
        raise ValueError("the file has no part; only score-partwise MusicXML is read")
    state = _State()
    for element in part.iter("measure"):
        _read_measure(element, state)
    return (root.findtext("movement-title") or root.findtext("work/work-title") or "").strip(), state.found


def unfolded(measures: list[Measure]) -> list[Measure]:
    """Measures in playing order: every repeat once again, with its first ending left out the second time."""
    out: list[Measure] = []
    start = 0
    for i, measure in enumerate(measures):
        if measure.forward:
            start = i
        out.append(measure)
        if measure.backward:
            out += [m for m in measures[start : i + 1] if not m.ending.startswith("1")]
            start = i + 1
    return out


def chord_of(harmony: ET.Element) -> Chord | None:
    """A `<harmony>` element as a chord; None for "no chord"."""
    kind = (harmony.findtext("kind") or "").strip()
    step = harmony.findtext("root/root-step")
    if step is None or kind == "none":
        return None
    root = (_STEPS[step.strip()] + int(float(harmony.findtext("root/root-alter") or 0))) % 12
    for family, quality in _FAMILIES:
        if kind not in _KINDS and kind.startswith(family):
            return Chord(root, quality)
    return Chord(root, _KINDS.get(kind, Quality.MAJ))


def _read_measure(element: ET.Element, state: _State) -> None:
    _read_attributes(element, state)
    notes: list[SheetNote] = []
    chords: list[tuple[Fraction, Chord | None]] = []
    now = end = Fraction(0)
    for child in element:
        if child.tag == "harmony":
            offset = Fraction(child.findtext("offset") or 0) / state.divisions
            chords.append((now + offset, chord_of(child)))
        elif child.tag in ("backup", "forward"):
            shift = Fraction(child.findtext("duration") or 0) / state.divisions
            now += shift if child.tag == "forward" else -shift
        elif child.tag == "note" and child.find("chord") is None and child.find("grace") is None:
            duration = Fraction(child.findtext("duration") or 0) / state.divisions
            if child.find("pitch") is not None and (child.findtext("voice") or "1") == "1":
                tied = any(t.get("type") == "stop" for t in child.findall("tie"))
                notes.append(SheetNote(now, duration, _pitch(child), tied))
            now += duration
        end = max(end, now)
    repeats = {r.get("direction") for r in element.iter("repeat")}
    starts = [e.get("number") or "1" for e in element.iter("ending") if e.get("type") == "start"]
    ending = starts[0] if starts else state.ending
    over = any(e.get("type") in ("stop", "discontinue") for e in element.iter("ending"))
    state.ending = "" if over else ending
    state.found.append(
        Measure(
            state.beats,
            state.beat_type,
            end,
            state.fifths,
            tuple(notes),
            tuple(chords),
            "forward" in repeats,
            "backward" in repeats,
            ending,
        )
    )


def _read_attributes(element: ET.Element, state: _State) -> None:
    for given in element.findall("attributes"):
        state.divisions = int(given.findtext("divisions") or state.divisions)
        state.beats = int(given.findtext("time/beats") or state.beats)
        state.beat_type = int(given.findtext("time/beat-type") or state.beat_type)
        state.fifths = int(given.findtext("key/fifths") or state.fifths)


def _pitch(note: ET.Element) -> int:
    step = (note.findtext("pitch/step") or "C").strip()
    alter = round(float(note.findtext("pitch/alter") or 0))
    return 12 * (int(note.findtext("pitch/octave") or 4) + 1) + _STEPS[step] + alter
