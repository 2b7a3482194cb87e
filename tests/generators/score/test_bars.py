"""Rolls are an exact view of a score."""

from hypothesis import given, settings
from hypothesis import strategies as st

from generators.score.bars import from_rolls, to_rolls
from generators.score.score import DRUM_KEYS, QUALITIES, Chord, Key, Metre, Mode, Note, Role

BARS = 3


@st.composite
def _parts(draw: st.DrawFn, metre: Metre) -> dict[Role, list[Note]]:
    """Notes whose pitches never overlap with themselves in a part, one velocity a step."""
    steps = BARS * metre.steps_per_bar
    parts: dict[Role, list[Note]] = {}
    for role, pitches in ((Role.LEAD, range(40, 96)), (Role.BASS, range(34, 56)), (Role.DRUMS, DRUM_KEYS)):
        notes = []
        for pitch in draw(st.lists(st.sampled_from(list(pitches)), unique=True, max_size=5)):
            onset = draw(st.integers(0, steps - 1))
            duration = draw(st.integers(1, steps - onset))
            notes.append(Note(onset, pitch, duration, 20 + onset))
        parts[role] = sorted(notes)
    return parts


@settings(max_examples=60)
@given(st.data(), st.sampled_from(list(Metre)), st.integers(0, 11), st.sampled_from(list(Mode)))
def test_rolls_give_the_same_notes_and_chords_back(data: st.DataObject, metre: Metre, tonic: int, mode: Mode) -> None:
    key = Key(tonic, mode)
    parts = data.draw(_parts(metre))
    chords = data.draw(
        st.lists(
            st.one_of(st.none(), st.builds(Chord, st.integers(0, 11), st.sampled_from(QUALITIES))),
            min_size=2 * BARS,
            max_size=2 * BARS,
        )
    )

    rolls = to_rolls(parts, chords, bars=BARS, metre=metre, key=key)
    back = from_rolls(rolls, metre=metre, key=key)

    for role, notes in parts.items():
        assert back[role] == tuple(notes)


@given(st.integers(-5, 6))
def test_a_bass_pattern_is_one_roll_whatever_key_and_chord_it_is_in(shift: int) -> None:
    def rolls_in(semitones: int) -> bytes:
        key = Key(semitones % 12, Mode.MAJOR)
        root = Chord((5 + semitones) % 12, QUALITIES[0])
        notes = [Note(0, 41 + semitones, 4, 90), Note(8, 48 + semitones, 2, 90)]
        rolls = to_rolls({Role.BASS: notes}, [root, root], bars=1, metre=Metre.FOUR_FOUR, key=key)
        return rolls.onset.tobytes() + rolls.sustain.tobytes()

    assert rolls_in(shift) == rolls_in(0)
