from generators.score.score import Note, Role
from generators.score.style import Style
from tests.training.arranger.sketches import sketch_of
from training.arranger.polish import polished

SKETCH = sketch_of(Style.FOLK)


def test_a_bass_has_one_voice() -> None:
    parts = polished(SKETCH, {Role.BASS: [Note(0, 36, 8, 90), Note(4, 43, 4, 90), Note(4, 48, 4, 90)]})
    assert parts[Role.BASS] == (Note(0, 36, 4, 90), Note(4, 43, 4, 90))


def test_a_key_struck_again_ends_the_note_before() -> None:
    parts = polished(SKETCH, {Role.PAD: [Note(0, 60, 16, 80), Note(8, 60, 8, 80)]})
    assert parts[Role.PAD] == (Note(0, 60, 8, 80), Note(8, 60, 8, 80))


def test_notes_out_of_range_come_back_by_octaves() -> None:
    assert polished(SKETCH, {Role.BASS: [Note(0, 12, 4, 90)]})[Role.BASS][0].pitch == 36


def test_what_doubles_or_rubs_against_the_lead_goes() -> None:
    lead = [Note(0, 72, 8, 90)]
    chords = [Note(0, 60, 8, 80), Note(0, 71, 8, 80), Note(0, 72, 8, 80), Note(0, 64, 8, 80)]
    assert {n.pitch for n in polished(SKETCH, {Role.LEAD: lead, Role.CHORDS: chords})[Role.CHORDS]} == {60, 64}


def test_empty_parts_are_left_out() -> None:
    assert polished(SKETCH, {Role.PAD: [], Role.LEAD: []}) == {}
