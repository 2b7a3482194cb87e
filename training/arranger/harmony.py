"""Chords for every half bar: loops by form, turns at section ends, a close to the tonic."""

import re
from functools import lru_cache
from random import Random

from generators.score.score import Chord, Form, Key, Metre, Mode, Quality, Section
from generators.score.style import Style
from training.arranger.progressions import builds, closes, progressions, turns
from training.arranger.spec import PieceSpec

_NUMERAL = re.compile(r"^(b|#)?([ivIV]+)(maj7|7|o|h|sus2|sus4|\+)?$")
_DEGREES = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
_SUFFIXES = {
    "maj7": Quality.MAJ7,
    "o": Quality.DIM,
    "h": Quality.HDIM7,
    "sus2": Quality.SUS2,
    "sus4": Quality.SUS4,
    "+": Quality.AUG,
}
#: chance of a seventh on a plain triad, of a suspension on a major one, of a turn at a section's end, of slow harmony
_COLOUR: dict[Style, tuple[float, float, float, float]] = {
    Style.AMBIENT: (0.35, 0.3, 0.1, 0.6),
    Style.CINEMATIC: (0.1, 0.08, 0.7, 0.2),
    Style.TENSION: (0.0, 0.05, 0.4, 0.45),
    Style.EPIC: (0.0, 0.06, 0.6, 0.3),
    Style.LOFI: (0.95, 0.0, 0.4, 0.0),
    Style.CORPORATE: (0.08, 0.16, 0.5, 0.1),
    Style.FOLK: (0.05, 0.06, 0.5, 0.05),
    Style.ACOUSTIC: (0.2, 0.1, 0.5, 0.05),
    Style.HOUSE: (0.4, 0.05, 0.2, 0.2),
    Style.SYNTHWAVE: (0.12, 0.08, 0.3, 0.25),
    Style.JAZZ: (1.0, 0.0, 0.85, 0.0),
    Style.FUNK: (0.9, 0.0, 0.25, 0.1),
    Style.CHIPTUNE: (0.0, 0.0, 0.6, 0.05),
    Style.ROMANTIC: (0.08, 0.0, 0.8, 0.0),
}


@lru_cache(maxsize=4096)
def chord_of(numeral: str, tonic: int) -> Chord:
    """The chord that a Roman numeral (`bVImaj7`, `iih` for half-diminished, `Vsus4`) means in a key."""
    found = _NUMERAL.match(numeral)
    if found is None:
        raise ValueError(f"{numeral!r} is not a Roman numeral; write it like bVImaj7 or ii7")
    sign, name, suffix = found.groups()
    root = (tonic + _DEGREES[name.lower()] + {"b": -1, "#": 1, None: 0}[sign]) % 12
    upper = name[0].isupper()
    if suffix == "7":
        return Chord(root, Quality.DOM7 if upper else Quality.MIN7)
    if suffix is None:
        return Chord(root, Quality.MAJ if upper else Quality.MIN)
    return Chord(root, _SUFFIXES[suffix])


def bars_of(text: str, key: Key) -> list[tuple[Chord, Chord]]:
    """Two chords for each bar of a progression."""
    out = []
    for word in text.split():
        first, _, second = word.partition("/")
        out.append((chord_of(first, key.tonic), chord_of(second or first, key.tonic)))
    return out


def harmonise(spec: PieceSpec, seed: int) -> tuple[Chord, ...]:
    """Two chords for every bar; sections of one form and length have the same ones, and the piece ends on its tonic."""
    out: list[tuple[Chord, Chord]] = []
    for section in spec.form:
        out += _section_chords(spec, section, seed)
    return close(spec, out, seed)


def close(spec: PieceSpec, bars: list[tuple[Chord, Chord]], seed: int) -> tuple[Chord, ...]:
    """The chords with a cadence before the final bar, and the tonic from there on."""
    rng = Random(f"{seed}/close")
    final = final_bar(spec)
    tonic = home(spec)
    if final >= 4:
        bars[final - 2 : final] = bars_of(rng.choice(closes(spec.style, spec.key.mode)), spec.key)
    bars[final:] = [(tonic, tonic)] * (len(bars) - final)
    if spec.metre is not Metre.FOUR_FOUR:
        bars[max(0, final - 2) : final] = [(late, late) for _, late in bars[max(0, final - 2) : final]]
    return tuple(chord for bar in bars for chord in bar)


def home(spec: PieceSpec) -> Chord:
    """The tonic chord as the style ends on it."""
    major = spec.key.mode is Mode.MAJOR
    if spec.style in (Style.JAZZ, Style.LOFI):
        return Chord(spec.key.tonic, Quality.MAJ7 if major else Quality.MIN7)
    return Chord(spec.key.tonic, Quality.MAJ if major else Quality.MIN)


def final_bar(spec: PieceSpec) -> int:
    """The bar of the last chord: the last one when bars are long, the one before it when they are short."""
    bar_s = spec.metre.beats_per_bar * 60.0 / spec.tempo_bpm
    return max(0, spec.bars - (1 if bar_s >= 2.6 else 2))


def _section_chords(spec: PieceSpec, section: Section, seed: int) -> list[tuple[Chord, Chord]]:
    rng = Random(f"{seed}/harmony")
    loops = rng.sample(progressions(spec.style, spec.key.mode), 3)
    if rng.random() < 0.75:  # the first theme mostly starts at home, so that the mode is plain
        loops.sort(key=lambda text: not re.match(r"[iI](maj7|7)?[ /]", text))
    seventh, sus, turn, slow = _COLOUR[spec.style]
    stretch = 2 if rng.random() < slow else 1
    form = section.form
    if form is Form.BUILD:
        text = rng.choice(builds(spec.key.mode))
    elif form in (Form.INTRO, Form.A, Form.OUTRO):
        text = loops[0]
    else:
        text = loops[1] if form is Form.B else loops[2]
    rng = Random(f"{seed}/harmony/{Form.A if form in (Form.INTRO, Form.OUTRO) else form}")
    bars = [_coloured(bar, spec.key, seventh, sus, rng) for bar in bars_of(text, spec.key)]
    if stretch == 2 and section.bars >= 8 and len(bars) <= 4:
        bars = [bar for bar in bars for _ in range(2)]
    out = [bars[i % len(bars)] for i in range(section.bars)]
    if rng.random() < turn and section.bars >= 4 and form is not Form.OUTRO:
        out[-1] = bars_of(rng.choice(turns(spec.style, spec.key.mode)), spec.key)[0]
    if spec.metre is not Metre.FOUR_FOUR:
        out = [(first, first) for first, _ in out]
    return out


def dressed(chords: list[tuple[Chord, Chord]], spec: PieceSpec, seed: int) -> list[tuple[Chord, Chord]]:
    """Given chords with the sevenths of the style: a chord that returns is dressed alike."""
    seventh = _COLOUR[spec.style][0]
    rng = Random(f"{seed}/dressed")
    worn = {
        chord: colour(chord, spec.key, seventh, 0.0, rng) for chord in dict.fromkeys(c for bar in chords for c in bar)
    }
    return [(worn[first], worn[second]) for first, second in chords]


def _coloured(bar: tuple[Chord, Chord], key: Key, seventh: float, sus: float, rng: Random) -> tuple[Chord, Chord]:
    first = colour(bar[0], key, seventh, sus, rng)
    return first, first if bar[1] == bar[0] else colour(bar[1], key, seventh, sus, rng)


def colour(chord: Chord, key: Key, seventh: float, sus: float, rng: Random) -> Chord:
    """The chord with a seventh from the scale, or suspended, by chance; the tonic keeps its third."""
    if rng.random() < seventh:
        if chord.quality is Quality.MIN:
            return Chord(chord.root, Quality.MIN7)
        if chord.quality is Quality.MAJ:
            in_scale = (chord.root + 11) % 12 in key.scale
            return Chord(chord.root, Quality.MAJ7 if in_scale else Quality.DOM7)
    if chord.quality is Quality.MAJ and chord.root != key.tonic and rng.random() < sus:
        fourth = (chord.root + 5) % 12 in key.scale
        return Chord(chord.root, Quality.SUS4 if fourth and rng.random() < 0.4 else Quality.SUS2)
    return chord
