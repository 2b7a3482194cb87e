"""Full descriptions of rendered clips: every clause names one thing that is heard, measured on the clip's own bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from generators.render.palette import Palette
from generators.score.controls import measure
from generators.score.score import Mode, Role, Score
from training import caption_styles as styles
from training import caption_words as words
from training.pieces import Labels

_Bands = Sequence[tuple[float, Sequence[str]]]

#: Finer than the bands of captions, since a description is there to tell a clip from a thousand others.
_ENERGY: _Bands = (
    (0.3, ("very calm", "barely moving")),
    (0.38, ("calm", "quiet")),
    (0.45, ("gentle", "soft")),
    (0.52, ("restrained", "laid-back")),
    (0.6, ("steady", "moderate energy")),
    (0.68, ("flowing and lively", "lively")),
    (0.78, ("energetic", "strong")),
    (1.01, ("intense", "explosive")),
)
_DENSITY: _Bands = (
    (0.4, ("very few notes", "almost empty")),
    (0.5, ("sparse", "spacious")),
    (0.6, ("open texture", "uncluttered")),
    (0.7, ("medium texture", "moderately full texture")),
    (0.8, ("full texture", "busy")),
    (1.01, ("very dense", "packed with notes")),
)
_REGISTER: _Bands = (
    (0.38, ("very low register", "deep and dark")),
    (0.44, ("low register", "dark-toned")),
    (0.49, ("lowish register", "warm-toned")),
    (0.54, ("middle register", "neutral tone")),
    (0.6, ("highish register", "clear-toned")),
    (1.01, ("high register", "bright and shimmering")),
)
#: How many players a role is called by, at most: the loudest voices of a layer.
_VOICES = 2
_PLAYS: Mapping[Role, tuple[str, ...]] = {
    Role.LEAD: ("{} melody", "{} lead", "the tune on {}"),
    Role.COUNTER: ("{} counter-melody", "{} answers"),
    Role.CHORDS: ("{} chords", "chords on {}", "{} accompaniment"),
    Role.PAD: ("{} pad", "sustained {}", "{} underneath"),
    Role.BASS: ("{} bass line", "bass on {}"),
    Role.DRUMS: ("{} drums", "{} beat"),
}
_NAMES: Mapping[str, str] = {
    "cc0_kit": "sampled lo-fi",
    "lofi_kit": "lo-fi",
    "house_kit": "house",
    "deep_kit": "deep house",
    "chip_kit": "8-bit",
    "standard_kit": "acoustic kit",
    "orchestra_kit": "orchestral percussion",
    "taiko_kit": "taiko",
    "brush_kit": "brushed jazz",
    "synthwave_kit": "gated eighties",
    "vibes": "vibraphone",
    "fm_piano": "FM electric piano",
    "supersaw": "supersaw synth",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What a clip holds: the bars it spans (first, last + 1) and the roles that sound in it."""

    bars: tuple[int, int]
    roles: frozenset[Role]


def description(score: Score, labels: Labels, palette: Palette, heard: Heard, rng: Random) -> str:
    """All that is heard in a clip, as a sentence or two of short clauses."""
    head, levels, players = clauses(score, labels, palette, heard, rng)
    rng.shuffle(levels)
    rng.shuffle(players)
    text = f"{head[0]} {head[1]}, {', '.join([*head[2:], *levels])}. {', '.join(players)}."
    return text[0].upper() + text[1:]


def clauses(
    score: Score, labels: Labels, palette: Palette, heard: Heard, rng: Random
) -> tuple[list[str], list[str], list[str]]:
    """The same in parts: style, tempo, mode and metre; levels and mood; who plays what."""
    style = rng.choice(styles.STYLES[labels.style])
    tempo = rng.choice(("at {} bpm", "at about {} bpm", "at {} beats per minute")).format(round(labels.tempo_bpm))
    mode = rng.choice(words.MAJOR if score.key.mode is Mode.MAJOR else words.MINOR)
    metre = rng.choice(words.METRES[score.metre.value])
    energy, density, register = levels_of(score, heard)
    levels = [_banded(_ENERGY, energy, rng), _banded(_DENSITY, density, rng), _banded(_REGISTER, register, rng)]
    levels.append(rng.choice(words.MOODS[_third(labels.valence)][_third(labels.arousal)]))
    players = [_player(role, palette, rng) for role in Role if role in heard.roles and role in _PLAYS]
    players += [absent for role, absent in _ABSENT.items() if role not in heard.roles]
    return [style, tempo, mode, metre], levels, [p for p in players if p]


_ABSENT = {Role.DRUMS: "no drums", Role.BASS: "no bass", Role.LEAD: "no melody"}


def levels_of(score: Score, heard: Heard) -> tuple[float, float, float]:
    """Energy, density and register of the clip's bars, each 0..1, on the scale of the controls."""
    controls = measure(score)
    first, last = heard.bars
    span = slice(first, max(last, first + 1))
    bright = controls.values["brightness"][span][controls.mask("brightness")[span]]
    return (
        float(controls.values["energy"][span].mean()),
        float(controls.values["density"][span].mean()),
        float(np.mean(bright)) if len(bright) else 0.5,
    )


def _player(role: Role, palette: Palette, rng: Random) -> str:
    part = palette.parts.get(role)
    if part is None or not part.voices:
        return ""
    loudest = sorted(part.voices, key=lambda v: -v.gain_db)[:_VOICES]
    names = list(dict.fromkeys(_NAMES.get(v.instrument, v.instrument.replace("_", " ")) for v in loudest))
    return rng.choice(_PLAYS[role]).format(" and ".join(names))


def _banded(bands: _Bands, value: float, rng: Random) -> str:
    return rng.choice(next(choice for limit, choice in bands if value < limit))


def _third(value: float) -> int:
    return 0 if value < 0.36 else 1 if value < 0.64 else 2
