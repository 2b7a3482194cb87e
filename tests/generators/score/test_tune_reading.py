"""Tunes out of MIDI files of other programs."""

from io import BytesIO

import mido
import pytest

from generators.errors import InvalidScore
from generators.score.score import Key, Metre, Mode
from generators.score.tune import Tune
from generators.score.tune_reading import MOST_NOTES, read_tune

QUARTER = 96


def played(*pitches: int, wait: int = 0, channel: int = 0) -> list[mido.Message]:
    """Quarter notes, one after the other."""
    out = []
    for i, pitch in enumerate(pitches):
        out.append(mido.Message("note_on", note=pitch, velocity=70, time=0 if i else wait, channel=channel))
        out.append(mido.Message("note_off", note=pitch, velocity=0, time=QUARTER, channel=channel))
    return out


def chord(*pitches: int) -> list[mido.Message]:
    on = [mido.Message("note_on", note=p, velocity=70, time=0) for p in pitches]
    return [*on, *(mido.Message("note_off", note=p, time=0 if i else QUARTER) for i, p in enumerate(pitches))]


def signature(above: int, below: int, wait: int = 0) -> mido.MetaMessage:
    return mido.MetaMessage("time_signature", numerator=above, denominator=below, time=wait)


def midi(*tracks: list[mido.Message | mido.MetaMessage], names: tuple[str, ...] = ()) -> bytes:
    file = mido.MidiFile(type=1, ticks_per_beat=QUARTER)
    for i, messages in enumerate(tracks):
        name = mido.MetaMessage("track_name", name=names[i] if i < len(names) else "Piano")
        file.tracks.append(mido.MidiTrack([name, *messages]))
    out = BytesIO()
    file.save(file=out)
    return out.getvalue()


def pitches(tune: Tune) -> list[int]:
    return [n.pitch for n in tune.notes]


def test_notes_come_on_their_steps_with_tempo_metre_and_key() -> None:
    head = [signature(3, 4), mido.MetaMessage("set_tempo", tempo=600_000), mido.MetaMessage("key_signature", key="G")]

    tune = read_tune(midi([*head, *played(67, 71, 74, 67)]))

    assert [(n.onset, n.pitch, n.duration) for n in tune.notes] == [(0, 67, 4), (4, 71, 4), (8, 74, 4), (12, 67, 4)]
    assert (tune.metre, tune.key) == (Metre.THREE_FOUR, Key(7, Mode.MAJOR))
    assert tune.tempo_bpm == pytest.approx(100.0)


def test_the_part_that_is_called_the_melody_is_the_tune_though_another_is_higher() -> None:
    data = midi(played(60, 62), played(84, 86), names=("Vocals", "Flute"))

    assert pitches(read_tune(data)) == [60, 62]


def test_without_a_name_the_highest_part_that_sings_alone_is_the_tune() -> None:
    data = midi([*chord(80, 84, 88), *chord(79, 83, 86)], played(72, 74), played(50, 52))

    assert pitches(read_tune(data)) == [72, 74]


def test_of_chords_alone_the_top_line_is_taken() -> None:
    assert pitches(read_tune(midi([*chord(60, 64, 67), *chord(59, 62, 69)]))) == [67, 69]


def test_channels_of_one_track_are_parts_of_their_own() -> None:
    together = [*played(48, 50, 52, channel=1), *played(76, 77, channel=2)]

    assert pitches(read_tune(midi(together))) == [76, 77]


def test_drums_are_no_tune() -> None:
    with pytest.raises(InvalidScore, match="no pitched notes; give one with a melody"):
        read_tune(midi(played(36, 38, channel=9)))


def test_a_file_without_notes_and_one_that_is_no_midi_are_refused() -> None:
    with pytest.raises(InvalidScore, match="no pitched notes"):
        read_tune(midi([signature(4, 4)]))
    with pytest.raises(InvalidScore, match="not a readable MIDI file"):
        read_tune(b"MThd and nothing more")


def test_a_file_that_counts_frames_is_refused() -> None:
    data = bytearray(midi(played(60)))
    data[12:14] = (0xE7, 0x28)  # 25 frames a second, 40 ticks each

    with pytest.raises(InvalidScore, match="ticks per quarter note"):
        read_tune(bytes(data))


def test_too_many_notes_are_refused() -> None:
    with pytest.raises(InvalidScore, match="give one with the melody alone"):
        read_tune(midi(played(*[60] * (MOST_NOTES + 1))))


@pytest.mark.parametrize(
    "messages",
    [[signature(5, 4), *played(60, 62)], [signature(4, 4), *played(60, 62, 64, 65), signature(3, 4), *played(67, 69)]],
)
def test_a_metre_that_no_score_has_or_that_changes_is_refused_with_those_that_are_taken(
    messages: list[mido.Message | mido.MetaMessage],
) -> None:
    with pytest.raises(InvalidScore, match=r"4/4, 3/4, 6/8 throughout"):
        read_tune(midi(messages))


def test_a_short_first_bar_is_a_pickup() -> None:
    tune = read_tune(midi([signature(1, 4), *played(67), signature(4, 4), *played(72, 74, 76, 77)]))

    assert (tune.metre, tune.pickup, [n.onset for n in tune.notes]) == (Metre.FOUR_FOUR, 4, [-4, 0, 4, 8, 12])


@pytest.mark.parametrize(("rests", "onset"), [(3, -4), (1, 4), (4, 0), (7, -4)])
def test_rests_before_the_tune_are_left_out_and_a_late_beginning_is_a_pickup(rests: int, onset: int) -> None:
    tune = read_tune(midi([signature(4, 4), *played(67, 72, wait=rests * QUARTER)]))

    assert tune.notes[0].onset == onset


def test_a_signature_that_the_notes_contradict_is_not_believed() -> None:
    sharp = [66, 68, 70, 71, 73, 70, 68, 66]

    assert read_tune(midi([mido.MetaMessage("key_signature", key="C"), *played(*sharp)])).key == Key(6, Mode.MAJOR)


def test_a_signature_without_sharps_or_flats_may_mean_minor() -> None:
    minor = [69, 71, 72, 74, 76, 72, 71, 69]

    assert read_tune(midi([mido.MetaMessage("key_signature", key="C"), *played(*minor)])).key == Key(9, Mode.MINOR)
