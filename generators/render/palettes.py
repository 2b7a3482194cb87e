"""The palettes of every style, and the choice of one by seed."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from generators.render.palette import Palette, Part, Room, Voice
from generators.render.tone import Tone
from generators.score.score import Effect, Role
from generators.score.style import STYLES, Style

L, C, H, P, B, D, E = tuple(Role)  # lead, counter, chords, pad, bass, drums, effects

#: Level of each role before a palette's own trim, in dB beside the lead; chords and pads sound several notes at once.
LEVELS_DB = {L: 0.0, C: -1.5, H: -5.0, P: -8.5, B: 1.0, D: 1.0}
#: Equalisers: room for the bass below chords and pads, and a lead that cuts through.
TONES = {
    L: Tone(low_cut_hz=110.0, air_db=1.5),
    C: Tone(low_cut_hz=130.0),
    H: Tone(low_cut_hz=130.0, width=1.35),
    P: Tone(low_cut_hz=170.0, width=1.5),
    B: Tone(low_cut_hz=32.0, width=0.4),
    D: Tone(low_cut_hz=32.0, air_db=1.0),
}
SENDS = {L: 0.22, C: 0.26, H: 0.2, P: 0.28, B: 0.03, D: 0.08, E: 0.25}
PANS = {C: -0.3, H: 0.12}
STUDIO = Room(0.9, 0.01, 6000.0)
CHAMBER = Room(1.5, 0.016, 5500.0)
HALL = Room(2.4, 0.028, 4800.0)
CATHEDRAL = Room(3.4, 0.035, 4200.0)
PLATE = Room(1.8, 0.02, 8000.0)
BOOTH = Room(0.45, 0.006, 7000.0)

SLOW = {"strings": 0.25, "choir": 0.3, "horns": 0.06, "brass": 0.03}  # swell as a pad, seconds


def _voice(role: Role, spec: str) -> Voice:
    """A voice from 'name', 'name:-3' (dB), 'name+12' or 'name-12' (semitones up or down), in any order."""
    name, octave, gain = spec, 0, 0.0
    if ":" in name:
        name, trim = name.split(":")
        gain = float(trim)
    for mark, step in (("+12", 1), ("-12", -1)):
        if name.endswith(mark):
            name, octave = name[: -len(mark)], step
    attack = SLOW.get(name, 0.0) if role is P else 0.0
    return Voice(name, gain, octave, PANS.get(role, 0.0), attack, 0.0, TONES.get(role, Tone()))


def _parts(
    pump_db: float = 0.0, effects_db: float = 0.0, high_cut_hz: float = 0.0, **roles: str
) -> Mapping[Role, Part]:
    """Parts from one line for each role: 'a | b:-4' layers two voices, a last '@-2' trims the whole part in dB."""
    parts = {E: Part((), effects_db, SENDS[E])}
    for name, line in roles.items():
        role = Role(name)
        voices, _, trim = line.partition("@")
        layers = [_voice(role, v.strip()) for v in voices.split("|")]
        if high_cut_hz:
            layers = [replace(v, tone=replace(v.tone, high_cut_hz=high_cut_hz)) for v in layers]
        if role in {C, H, P} and len(layers) > 1:  # layers stand apart
            layers = [replace(v, pan=pan) for v, pan in zip(layers, (0.3, -0.4, 0.0), strict=False)]
        ducked = pump_db if role in {C, H, P, B} else 0.0
        parts[role] = Part(tuple(layers), LEVELS_DB[role] + float(trim or 0.0), SENDS[role], ducked)
    return parts


PALETTES: Mapping[Style, tuple[Palette, ...]] = {
    Style.AMBIENT: (
        Palette("glass", Style.AMBIENT, _parts(effects_db=-4.0, lead="glass_bell | soft_pluck:-6 @-3",
                counter="vibes @-1", chords="soft_pluck | electric_piano:-5",
            pad="warm_pad | choir:-6 @3", bass="sub_bass @-2", drums="deep_kit @-5"),
            CATHEDRAL, accent=Effect.BOOM, dynamics=1.0, glue_db=1.0),
        Palette("felt", Style.AMBIENT, _parts(effects_db=-4.0, lead="piano @-1", counter="celesta @-2",
                chords="piano:-2 | glass_pad:-8",
            pad="glass_pad | strings:-5 @3", bass="sub_bass | cello:-8 @-3", drums="brush_kit @-6"),
            CATHEDRAL, accent=Effect.BOOM, dynamics=1.0, glue_db=1.0),
        Palette("drift", Style.AMBIENT, _parts(effects_db=-4.0, lead="flute @-2", counter="harp",
                chords="electric_piano", pad="dark_pad | warm_pad:-3 @3",
            bass="sub_bass @-2", drums="deep_kit @-6"),
            CATHEDRAL, accent=Effect.SHIMMER, soft_accent=Effect.SHIMMER, dynamics=1.0, glue_db=1.0),
    ),
    Style.CINEMATIC: (
        Palette("orchestra", Style.CINEMATIC, _parts(effects_db=-1.0, lead="violin | strings:-5 @0",
                counter="horns", chords="strings | harp:-4", pad="strings | choir:-7 @1",
            bass="contrabass | cello:-4", drums="orchestra_kit @-2"),
            HALL, accent=Effect.IMPACT, soft_accent=Effect.BOOM),
        Palette("piano and strings", Style.CINEMATIC, _parts(effects_db=-1.0, lead="piano", counter="cello",
                chords="piano:-2 | strings:-6", pad="strings @2",
                bass="contrabass | cello:-3",
            drums="orchestra_kit @-2"),
            HALL, accent=Effect.BOOM),
        Palette("woodwinds", Style.CINEMATIC, _parts(effects_db=-1.0, lead="oboe | flute:-4", counter="clarinet",
                chords="harp | strings:-3", pad="strings | horns:-6 @1",
            bass="contrabass | bassoon:-6", drums="orchestra_kit @-2"),
            HALL, accent=Effect.SHIMMER, soft_accent=Effect.SHIMMER),
    ),
    Style.TENSION: (
        Palette("low strings", Style.TENSION, _parts(effects_db=1.0, lead="cello", counter="tremolo_strings",
                chords="pizzicato | strings:-6",
                pad="tremolo_strings | dark_pad:-3 @2",
            bass="contrabass | sub_bass:-5", drums="orchestra_kit"),
            HALL, accent=Effect.IMPACT, soft_accent=Effect.BOOM),
        Palette("pulse", Style.TENSION, _parts(effects_db=1.0, lead="music_box | glass_bell:-6",
                counter="saw_pluck:-3", chords="dark_pad | tremolo_strings:-4",
                pad="dark_pad @2",
            bass="octave_bass | sub_bass:-4", drums="deep_kit | taiko_kit:-2", pump_db=3.0),
            HALL, accent=Effect.IMPACT, soft_accent=Effect.SUB_DROP),
    ),
    Style.EPIC: (
        Palette("trailer", Style.EPIC, _parts(effects_db=7.0, lead="horns | strings:-2 | brass:-6",
                counter="strings+12:-1", chords="strings | brass:-6",
            pad="choir | strings:-2 @3", bass="contrabass | tuba:-4 | sub_bass:-7 @1",
                drums="taiko_kit | orchestra_kit:-3 @1"),
            HALL, accent=Effect.IMPACT, soft_accent=Effect.BOOM, glue_db=3.0),
        Palette("hybrid", Style.EPIC, _parts(effects_db=7.0, lead="brass | saw_lead:-8", counter="violin",
                chords="strings | supersaw:-10", pad="choir | warm_pad:-4 @3",
            bass="synth_bass | contrabass:-2 @1", drums="taiko_kit | house_kit:-5 @1", pump_db=1.5),
            HALL, accent=Effect.IMPACT, soft_accent=Effect.SUB_DROP, glue_db=3.0),
    ),
    Style.LOFI: (
        Palette("tape", Style.LOFI, _parts(effects_db=-7.0, lead="vibes @-1", counter="jazz_guitar",
                chords="electric_piano @2", pad="warm_pad", bass="acoustic_bass",
            drums="lofi_kit @-1", pump_db=2.0, high_cut_hz=7500.0),
            BOOTH, 0.5, 12.0, accent=Effect.REVERSE, glue_db=3.0),
        Palette("bedroom", Style.LOFI, _parts(effects_db=-7.0, lead="nylon_guitar", counter="celesta @-2",
                chords="fm_piano | electric_piano:-2 @2",
                pad="string_machine @-1",
            bass="round_bass @-1", drums="lofi_kit | brush_kit:-8 @-1", pump_db=2.0, high_cut_hz=7500.0),
            BOOTH, 0.55, 12.0, accent=Effect.SHIMMER, glue_db=3.0),
        Palette("dusty keys", Style.LOFI, _parts(effects_db=-7.0, lead="piano", counter="flute @-2",
                chords="piano | electric_piano:-3 @1", pad="warm_pad",
                bass="finger_bass",
            drums="cc0_kit @-1", pump_db=2.0, high_cut_hz=7500.0),
            STUDIO, 0.5, 12.0, accent=Effect.REVERSE, glue_db=3.0),
    ),
    Style.CORPORATE: (
        Palette("bright", Style.CORPORATE, _parts(effects_db=4.0, lead="piano | glockenspiel:-12",
                counter="muted_guitar @1", chords="clean_guitar | piano:-3",
                pad="warm_pad | strings:-4 @1",
            bass="finger_bass", drums="standard_kit"),
            PLATE, accent=Effect.IMPACT),
        Palette("uplift", Style.CORPORATE, _parts(effects_db=4.0, lead="soft_pluck | piano:-3",
                counter="muted_guitar | marimba:-6",
                chords="steel_guitar | electric_piano:-4",
            pad="string_machine | choir:-7 @1", bass="synth_bass", drums="house_kit | standard_kit:-4", pump_db=2.0),
            PLATE, accent=Effect.SWEEP_DOWN),
    ),
    Style.FOLK: (
        Palette("campfire", Style.FOLK, _parts(effects_db=-1.0, lead="steel_guitar | glockenspiel:-14",
                counter="accordion @-2", chords="steel_guitar @2",
                pad="accordion | strings:-3",
            bass="acoustic_bass", drums="brush_kit @-1"),
            STUDIO, 0.1, 10.0, accent=Effect.SHIMMER),
        Palette("porch", Style.FOLK, _parts(effects_db=-1.0, lead="violin", counter="nylon_guitar",
                chords="steel_guitar | nylon_guitar:-3 @2", pad="strings",
                bass="acoustic_bass",
            drums="standard_kit @-3"),
            STUDIO, 0.1, 10.0, accent=Effect.SHIMMER),
    ),
    Style.ACOUSTIC: (
        Palette("solo piano", Style.ACOUSTIC, _parts(effects_db=-11.0, lead="piano", counter="piano @2",
                chords="piano @1", pad="strings @-2", bass="piano @-2",
                drums="brush_kit @-3"),
            CHAMBER, 0.0, 12.0, Effect.SHIMMER, dynamics=1.3, glue_db=1.0),
        Palette("solo guitar", Style.ACOUSTIC, _parts(effects_db=-11.0, lead="nylon_guitar",
                counter="nylon_guitar @2", chords="nylon_guitar @2", pad="strings @-2",
            bass="nylon_guitar | acoustic_bass:-6 @-1", drums="brush_kit @-3"),
            CHAMBER, 0.0, 12.0, Effect.SHIMMER, dynamics=1.3, glue_db=1.0),
    ),
    Style.HOUSE: (
        Palette("club", Style.HOUSE, _parts(effects_db=5.0, lead="supersaw @-1", counter="saw_pluck",
                chords="house_stab | piano:-4 @1", pad="warm_pad @1",
                bass="octave_bass",
            drums="house_kit @1", pump_db=7.0),
            PLATE, accent=Effect.IMPACT, soft_accent=Effect.SWEEP_DOWN, humanise_ms=1.0, glue_db=3.0),
        Palette("deep", Style.HOUSE, _parts(effects_db=5.0, lead="soft_pluck", counter="vibes",
                chords="organ | house_stab:-3", pad="string_machine",
                bass="round_bass @1",
            drums="house_kit @1", pump_db=6.0),
            PLATE, 0.12, 1.0, Effect.SWEEP_DOWN, glue_db=3.0),
    ),
    Style.SYNTHWAVE: (
        Palette("neon", Style.SYNTHWAVE, _parts(effects_db=4.0, lead="saw_lead", counter="saw_pluck",
                chords="string_machine | saw_pluck:-4", pad="warm_pad @1",
                bass="octave_bass",
            drums="synthwave_kit @1", pump_db=3.0),
            PLATE, accent=Effect.IMPACT, soft_accent=Effect.SWEEP_DOWN, humanise_ms=1.0, glue_db=2.5),
        Palette("arcade dusk", Style.SYNTHWAVE, _parts(effects_db=4.0, lead="pulse_lead", counter="glass_bell @-2",
                chords="supersaw @-1", pad="string_machine | choir:-8 @1",
            bass="synth_bass", drums="synthwave_kit @1", pump_db=3.0),
            PLATE, accent=Effect.SUB_DROP, soft_accent=Effect.SHIMMER, humanise_ms=1.0, glue_db=2.5),
    ),
    Style.JAZZ: (
        Palette("trio", Style.JAZZ, _parts(effects_db=-1.0, lead="piano", counter="vibes", chords="piano @1",
                pad="organ @-2", bass="acoustic_bass @1",
                drums="brush_kit @4"),
            STUDIO, 0.62, 12.0, Effect.SHIMMER, Effect.SHIMMER, 1.3, 1.5),
        Palette("quartet", Style.JAZZ, _parts(effects_db=-1.0, lead="alto_sax", counter="jazz_guitar",
                chords="jazz_guitar | piano:-4 @1", pad="strings @-2",
                bass="acoustic_bass @1",
            drums="brush_kit @4"),
            STUDIO, 0.62, 12.0, Effect.SHIMMER, Effect.SHIMMER, 1.3, 1.5),
    ),
    Style.FUNK: (
        Palette("horns", Style.FUNK, _parts(effects_db=3.0, lead="brass | alto_sax:-4", counter="clean_guitar",
                chords="muted_guitar | organ:-5 @2", pad="organ",
                bass="finger_bass @1",
            drums="standard_kit @1"),
            BOOTH, 0.15, 7.0, glue_db=3.0),
        Palette("clav", Style.FUNK, _parts(effects_db=3.0, lead="organ", counter="muted_guitar @2",
                chords="electric_piano | clean_guitar:-3 @1", pad="string_machine",
            bass="picked_bass @1", drums="standard_kit @1"),
            BOOTH, 0.2, 7.0, glue_db=3.0),
    ),
    Style.CHIPTUNE: (
        Palette("console", Style.CHIPTUNE, _parts(effects_db=4.0, lead="chip_lead", counter="chip_pulse",
                chords="chip_pulse", pad="chip_square @-1", bass="chip_triangle @1",
            drums="chip_kit"),
            BOOTH, 0.0, 0.0, Effect.SUB_DROP, dynamics=0.8, glue_db=2.0),
        Palette("handheld", Style.CHIPTUNE, _parts(effects_db=4.0, lead="chip_square", counter="chip_lead",
                chords="chip_pulse | chip_square:-8", pad="string_machine @-3",
            bass="chip_triangle @1", drums="chip_kit | house_kit:-8"),
            BOOTH, 0.0, 0.0, Effect.SWEEP_DOWN, dynamics=0.8, glue_db=2.0),
    ),
    Style.ROMANTIC: (
        Palette("song", Style.ROMANTIC, _parts(effects_db=-11.0, lead="violin", counter="cello", chords="piano @2",
                pad="strings", bass="piano | contrabass:-5",
                drums="orchestra_kit @-4"),
            CHAMBER, 0.0, 14.0, Effect.SHIMMER, dynamics=1.3, glue_db=1.0),
        Palette("quintet", Style.ROMANTIC, _parts(effects_db=-11.0, lead="flute", counter="clarinet",
                chords="harp | piano:-3 @1", pad="strings", bass="cello",
                drums="orchestra_kit @-4"),
            CHAMBER, 0.0, 14.0, Effect.SHIMMER, dynamics=1.3, glue_db=1.0),
        Palette("nocturne", Style.ROMANTIC, _parts(effects_db=-11.0, lead="piano", counter="oboe",
                chords="piano @1", pad="strings", bass="piano @-1",
                drums="orchestra_kit @-4"),
            HALL, 0.0, 14.0, Effect.SHIMMER, dynamics=1.3, glue_db=1.0),
    ),
}  # fmt: skip


def palette_for(style: Style, seed: int) -> Palette:
    """One of the style's palettes, its room a little larger or smaller: the same seed, the same palette."""
    rng = np.random.default_rng([seed % 2**32, STYLES.index(style)])
    palette = PALETTES[style][int(rng.integers(len(PALETTES[style])))]
    decay_s = palette.room.decay_s * float(rng.choice([0.9, 1.0, 1.1]))
    return replace(palette, room=replace(palette.room, decay_s=decay_s))
