from io import BytesIO

import mido
import pytest

from generators.errors import InvalidScore
from generators.score.midi_reading import read_midi
from generators.score.score import KICK, Form, Key, Metre, Mode, Role


def foreign(*messages: mido.Message | mido.MetaMessage, name: str = "Piano", ticks: int = 96) -> bytes:
    """A file as another program would write it: one track, its own resolution."""
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name), *messages])
    out = BytesIO()
    mido.MidiFile(type=0, tracks=[track], ticks_per_beat=ticks).save(file=out)
    return out.getvalue()


def struck(note: int, *, wait: int = 0, length: int = 96, channel: int = 0) -> list[mido.Message]:
    return [
        mido.Message("note_on", note=note, velocity=70, time=wait, channel=channel),
        mido.Message("note_on", note=note, velocity=0, time=length, channel=channel),
    ]


def test_a_foreign_melody_is_quantised_and_becomes_the_lead() -> None:
    score = read_midi(foreign(*struck(72, wait=3), *struck(74)))

    assert [(n.onset, n.pitch, n.duration) for n in score.parts[Role.LEAD]] == [(0, 72, 4), (4, 74, 4)]
    assert score.bars == 1
    assert score.sections[0].form is Form.A


def test_low_notes_are_the_bass_and_channel_ten_the_drums() -> None:
    score = read_midi(foreign(*struck(36), *struck(35, channel=9)))

    assert set(score.parts) == {Role.BASS, Role.DRUMS}
    assert score.parts[Role.DRUMS][0].pitch == KICK


def test_notes_together_are_chords() -> None:
    on = [mido.Message("note_on", note=p, velocity=70, time=0) for p in (60, 64, 67)]
    off = [mido.Message("note_off", note=p, time=96 if p == 60 else 0) for p in (60, 64, 67)]

    assert len(read_midi(foreign(*on, *off)).parts[Role.CHORDS]) == 3


def test_tempo_metre_and_key_are_read() -> None:
    metas = [
        mido.MetaMessage("time_signature", numerator=3, denominator=4),
        mido.MetaMessage("key_signature", key="Gm"),
        mido.MetaMessage("set_tempo", tempo=600_000),
    ]

    score = read_midi(foreign(*metas, *struck(72)))

    assert score.metre is Metre.THREE_FOUR
    assert score.key == Key(7, Mode.MINOR)
    assert score.tempo_bpm == pytest.approx(100.0)


def test_a_note_without_an_end_lasts_until_the_end() -> None:
    score = read_midi(foreign(*struck(72), mido.Message("note_on", note=76, velocity=70, time=0), *struck(74)))

    assert {n.pitch: n.duration for n in score.parts[Role.LEAD]} == {72: 4, 74: 4, 76: 4}


@pytest.mark.parametrize("data", [b"", b"not midi at all", b"MThd\x00\x00\x00\x06"])
def test_bytes_that_are_no_midi_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidScore, match="MIDI"):
        read_midi(data)


def test_a_file_without_notes_is_refused() -> None:
    with pytest.raises(InvalidScore, match="no notes"):
        read_midi(foreign())


def test_a_metre_that_no_score_has_is_refused_by_name() -> None:
    wide = mido.MetaMessage("time_signature", numerator=7, denominator=4)

    with pytest.raises(InvalidScore, match="28 sixteenths"):
        read_midi(foreign(wide, *struck(72)))
