"""Every palette has a General MIDI program for each of its roles."""

from generators.render.palettes import PALETTES
from generators.render.programs import PROGRAMS, programs_for
from generators.score.score import ROLES, Role


def test_every_role_of_every_palette_has_a_program() -> None:
    for palettes in PALETTES.values():
        for palette in palettes:
            assert set(programs_for(palette)) == set(ROLES)


def test_every_voice_of_every_palette_is_in_the_table() -> None:
    voices = {v.instrument for ps in PALETTES.values() for p in ps for part in p.parts.values() for v in part.voices}
    assert voices <= set(PROGRAMS)


def test_programs_are_midi_numbers() -> None:
    assert all(0 <= program <= 127 for program in PROGRAMS.values())


def test_the_first_voice_of_a_layer_decides() -> None:
    palette = next(p for ps in PALETTES.values() for p in ps if p.parts[Role.LEAD].voices[1:])
    first = palette.parts[Role.LEAD].voices[0].instrument
    assert programs_for(palette)[Role.LEAD] == PROGRAMS[first]
