"""Instruments to roles."""

from generators.score.score import FLOOR_TOM, KICK, SNARE, Metre, Note, Role
from training.corpus.passage import Passage, Track
from training.corpus.roles import assign_roles

BARS = 8


def line(program: int, pitch: int, every: int, duration: int, *, drums: bool = False, moving: bool = True) -> Track:
    shape = (0, 2, 4, 2, 5, 4, 2, -1)
    steps = range(0, BARS * 16, every)
    notes = tuple(Note(s, pitch + (shape[i % 8] if moving else 0), duration, 80) for i, s in enumerate(steps))
    return Track(program, drums, notes)


def passage(*tracks: Track) -> Passage:
    return Passage(Metre.FOUR_FOUR, 100.0, BARS, tracks, final=True)


def mean_pitch(notes: tuple[Note, ...]) -> float:
    return sum(n.pitch for n in notes) / len(notes)


def piano(bars: int = BARS) -> tuple[Track, Track]:
    right = tuple(Note(16 * b + 4 * i, p, 4, 70) for b in range(bars) for i in range(4) for p in (60, 64, 67))
    left = tuple(Note(16 * b + 8 * i, 36 + 7 * i, 8, 70) for b in range(bars) for i in range(2))
    return Track(0, drums=False, notes=right), Track(0, drums=False, notes=left)


def test_a_song_has_lead_chords_and_bass() -> None:
    parts = assign_roles(passage(line(52, 72, 4, 4), *piano()))

    assert set(parts) == {Role.LEAD, Role.CHORDS, Role.BASS}
    assert mean_pitch(parts[Role.LEAD]) > 70
    assert {n.pitch for n in parts[Role.BASS]} == {36, 43}


def test_a_low_singer_still_leads() -> None:
    parts = assign_roles(passage(line(52, 53, 4, 4), *piano()))

    assert 50 < mean_pitch(parts[Role.LEAD]) < 58


def test_a_quartet_has_a_lead_a_second_melody_and_a_bass() -> None:
    strings = (line(40, 76, 2, 2), line(40, 67, 4, 4), line(41, 60, 16, 16, moving=False), line(42, 48, 8, 8))
    parts = assign_roles(passage(*strings))

    assert mean_pitch(parts[Role.LEAD]) > 75
    assert 66 < mean_pitch(parts[Role.COUNTER]) < 72
    assert {n.pitch for n in parts[Role.PAD]} == {60}
    assert mean_pitch(parts[Role.BASS]) < 52


def test_a_piano_alone_gives_melody_chords_and_bass() -> None:
    parts = assign_roles(passage(*piano()))

    assert set(parts) == {Role.LEAD, Role.CHORDS, Role.BASS}
    assert {n.pitch for n in parts[Role.LEAD]} == {67}


def test_a_flute_that_doubles_the_violin_is_left_out() -> None:
    violin, flute, bass = line(40, 72, 2, 2), line(73, 84, 2, 2), line(43, 40, 8, 8)
    parts = assign_roles(passage(violin, flute, bass))

    assert set(parts) == {Role.LEAD, Role.BASS}


def test_the_drum_channel_and_timpani_become_drums() -> None:
    kit = Track(0, drums=True, notes=(Note(0, 35, 4, 90), Note(4, 40, 4, 90), Note(8, 84, 4, 90)))
    timpani = Track(47, drums=False, notes=(Note(12, 41, 4, 90),))
    parts = assign_roles(passage(kit, timpani, line(40, 72, 4, 4)))

    assert [n.pitch for n in parts[Role.DRUMS]] == [KICK, SNARE, FLOOR_TOM]


def test_in_an_orchestra_the_lead_may_change_hands_after_eight_bars() -> None:
    def half(track: Track, second: bool) -> Track:
        shift = 8 * 16 if second else 0
        moved = (Note(n.onset + shift, n.pitch, n.duration, n.velocity) for n in track.notes)
        return Track(track.program, track.drums, tuple(moved))

    violin, oboe = half(line(40, 79, 2, 2), second=False), half(line(68, 74, 2, 2), second=True)
    others = [
        half(line(p, 50 + i, 8 + i, 4, moving=False), second=False) for i, p in enumerate((60, 60, 70, 41, 42, 43))
    ]
    parts = assign_roles(Passage(Metre.FOUR_FOUR, 100.0, 16, (violin, oboe, *others), final=True))

    assert {n.onset // 128 for n in parts[Role.LEAD]} == {0, 1}


def test_silence_has_no_roles() -> None:
    assert assign_roles(passage()) == {}


def test_the_piano_sings_while_the_singer_rests() -> None:
    singer = line(52, 72, 4, 4)
    first_half = Track(52, drums=False, notes=tuple(n for n in singer.notes if n.onset < 64))
    tune = line(0, 76, 2, 2)
    right = Track(0, drums=False, notes=tuple(sorted({*tune.notes, *piano()[0].notes})))
    parts = assign_roles(passage(first_half, right, piano()[1]))

    assert {n.onset // 16 for n in parts[Role.COUNTER]} == {4, 5, 6, 7}
    assert mean_pitch(parts[Role.COUNTER]) > 75
    assert {n.onset // 16 for n in parts[Role.LEAD]} == {0, 1, 2, 3}


def test_an_instrument_is_bass_only_while_it_is_low() -> None:
    low, high = line(19, 45, 4, 4), line(19, 76, 4, 4)
    notes = tuple(n for n in low.notes if n.onset < 96) + tuple(n for n in high.notes if n.onset >= 96)
    parts = assign_roles(passage(Track(19, drums=False, notes=notes), line(4, 64, 16, 16, moving=False)))

    assert max(n.pitch for n in parts[Role.BASS]) <= 50
    assert min(n.pitch for n in parts[Role.LEAD]) >= 75
