"""MIDI files keep the elastic grid: bar lines and notes lie where they sound."""

from pathlib import Path

import mido
import numpy as np
import pytest

from generators.score.performance import Performance, TimedNote
from generators.score.plan.brief import Brief, Cut, Plan
from generators.score.plan.plan import plan
from generators.score.score import Key, Mode, Role
from generators.score.style import Style
from service.midi import write_midi


@pytest.fixture(scope="module")
def bent() -> Plan:
    """A plan whose bars bend to three cuts."""
    cuts = tuple(Cut(t, 1.0) for t in (3.1, 6.45, 9.2))
    return plan(Brief(12.0, Style.CINEMATIC, 97.0, Key(2, Mode.MINOR), cuts=cuts))


def test_notes_come_back_at_their_times(tmp_path: Path, bent: Plan) -> None:
    notes = tuple(TimedNote(t, 0.3, 60 + i, 80) for i, t in enumerate((0.0, 3.1, 6.45, 9.2, 11.5)))
    write_midi(tmp_path / "a.mid", Performance(12.0, {Role.LEAD: notes}), bent, title="Sea")
    at, onsets = 0.0, []
    for message in mido.MidiFile(tmp_path / "a.mid"):
        at += message.time
        if message.type == "note_on" and message.velocity:
            onsets.append(at)
    assert np.allclose(onsets, [n.onset_s for n in notes], atol=0.004)


def test_roles_have_tracks_and_drums_their_channel(tmp_path: Path, bent: Plan) -> None:
    parts = {Role.DRUMS: (TimedNote(0, 0.1, 36, 90),), Role.EFFECTS: (TimedNote(1, 1, 0, 90),)}
    write_midi(tmp_path / "a.mid", Performance(12.0, parts), bent, title="Sea")
    file = mido.MidiFile(tmp_path / "a.mid")
    assert [t.name for t in file.tracks] == ["Sea", "drums", "effects"]
    assert {m.channel for m in file.tracks[1] if m.type == "note_on"} == {9}


def test_the_conductor_names_the_metre_and_bends_with_the_bars(tmp_path: Path, bent: Plan) -> None:
    write_midi(tmp_path / "a.mid", Performance(12.0, {}), bent, title="Sea")
    conductor = mido.MidiFile(tmp_path / "a.mid").tracks[0]
    assert len([m for m in conductor if m.type == "set_tempo"]) == len(bent.bars)
    assert next(m for m in conductor if m.type == "time_signature").numerator == 4
