"""General MIDI programs that come near to what a palette plays, so that a MIDI file sounds alike elsewhere."""

from collections.abc import Mapping

from generators.render.palette import Palette
from generators.score.score import Role

#: Programs by instrument, counted from 0; kits are the drum kits of Roland's GS, which plain General MIDI ignores.
PROGRAMS: Mapping[str, int] = {
    "piano": 0,
    "electric_piano": 4,
    "fm_piano": 5,
    "celesta": 8,
    "glockenspiel": 9,
    "music_box": 10,
    "vibes": 11,
    "marimba": 12,
    "glass_bell": 14,
    "organ": 16,
    "accordion": 21,
    "nylon_guitar": 24,
    "steel_guitar": 25,
    "jazz_guitar": 26,
    "clean_guitar": 27,
    "muted_guitar": 28,
    "overdrive_guitar": 29,
    "acoustic_bass": 32,
    "finger_bass": 33,
    "picked_bass": 34,
    "round_bass": 35,
    "octave_bass": 38,
    "synth_bass": 38,
    "sub_bass": 39,
    "violin": 40,
    "cello": 42,
    "contrabass": 43,
    "tremolo_strings": 44,
    "pizzicato": 45,
    "harp": 46,
    "timpani": 47,
    "strings": 48,
    "string_machine": 50,
    "choir": 52,
    "trumpet": 56,
    "trombone": 57,
    "tuba": 58,
    "horns": 60,
    "brass": 61,
    "alto_sax": 65,
    "oboe": 68,
    "bassoon": 70,
    "clarinet": 71,
    "flute": 73,
    "chip_lead": 80,
    "chip_pulse": 80,
    "chip_square": 80,
    "chip_triangle": 80,
    "pulse_lead": 80,
    "saw_lead": 81,
    "house_stab": 81,
    "supersaw": 81,
    "saw_pluck": 84,
    "soft_pluck": 88,
    "glass_pad": 88,
    "warm_pad": 89,
    "dark_pad": 95,
    "taiko": 116,
    "standard_kit": 0,
    "cc0_kit": 0,
    "brush_kit": 40,
    "lofi_kit": 8,
    "deep_kit": 8,
    "house_kit": 25,
    "synthwave_kit": 24,
    "chip_kit": 24,
    "taiko_kit": 48,
    "orchestra_kit": 48,
}
EFFECTS_PROGRAM = 118  # synth drum: the nearest to booms and impacts that has a pitch for each


def programs_for(palette: Palette) -> dict[Role, int]:
    """The program of every role: that of its first voice, which leads the layers."""
    voiced = {role: PROGRAMS[part.voices[0].instrument] for role, part in palette.parts.items() if part.voices}
    return voiced | {Role.EFFECTS: EFFECTS_PROGRAM}
