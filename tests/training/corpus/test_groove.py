"""Statistics of drummers."""

from pathlib import Path

import pytest

from generators.score.score import SNARE
from tests.training.corpus.tiny import TinyTrack, midi_bytes, write_archive
from training.corpus.groove import EVERY_STYLE, Hit, groove_statistics, hits_of, read_groove

LATE = 0.02  # quarter notes; 10 ms at 120 bpm


def drums(notes: list[tuple[float, int]], velocity: int = 90) -> bytes:
    return midi_bytes([TinyTrack([(at, pitch, 0.1) for at, pitch in notes], channel=9, velocity=velocity)])


def test_a_late_backbeat_is_measured_in_milliseconds() -> None:
    hits = hits_of(drums([(0, 36), (1 + LATE, SNARE)]), 120.0)

    assert hits[0] == Hit("kick", 0, 0.0, 90)
    assert (hits[1].family, hits[1].step) == ("snare", 4)
    assert hits[1].offset_ms == pytest.approx(10, abs=0.6)


def test_what_a_drummer_is_late_by_as_a_whole_is_taken_away() -> None:
    shifted = [Hit("kick", 0, 12.0, 80), Hit("hat", 2, 12.0, 60), Hit("snare", 4, 17.0, 100)] * 30

    cells = {c.family: c for c in groove_statistics([("rock", shifted)]) if c.style == EVERY_STYLE}

    assert cells["kick"].offset_ms == 0
    assert cells["snare"].offset_ms == 5
    assert cells["snare"].velocity == 100
    assert cells["hat"].hits == 30


def test_rare_strokes_give_no_statistics() -> None:
    assert groove_statistics([("rock", [Hit("kick", 0, 0.0, 80)] * 29)]) == []


def test_only_four_four_beats_outside_the_test_split_are_read(tmp_path: Path) -> None:
    head = "style,bpm,beat_type,time_signature,midi_filename,split\n"
    rows = (
        "rock/x,120,beat,4-4,a.mid,train\nrock,120,fill,4-4,b.mid,train\n"
        "jazz,120,beat,3-4,c.mid,train\nfunk,120,beat,4-4,d.mid,test\n"
    )
    files = {f"groove/{n}.mid": drums([(0, 36)]) for n in "abcd"}
    write_archive(tmp_path / "groove-midi.tar.xz", {"groove/info.csv": (head + rows).encode(), **files})

    assert [style for style, _ in read_groove(tmp_path)] == ["rock"]
