"""Captions that tell the truth about a piece, in many wordings, from one tag to a paragraph."""

from collections.abc import Sequence
from random import Random
from string import Formatter

from generators.score.score import Metre, Mode
from training import caption_patterns as forms
from training import caption_styles as styles
from training import caption_words as words
from training.arranger.spec import PieceSpec
from training.caption_uses import USES

#: Words that say fast as well as strong.
_QUICK = ("lively", "driving", "racing", "frantic", "playful")
_KINDS = ("tags", "short", "sentence", "paragraph")
_PATTERNS = {
    "short": forms.SHORT,
    "sentence": forms.SENTENCES,
    "paragraph": forms.PARAGRAPHS,
}
_ODDS = (0.3, 0.3, 0.28, 0.12)
_TAG_SLOTS = (
    "style",
    "tempo",
    "energy",
    "mood",
    "tone",
    "mode",
    "instrument",
    "texture",
    "use",
    "metre",
    "bpm_tag",
    "nodrums",
)


def captions(spec: PieceSpec, rng: Random, n: int) -> tuple[str, ...]:
    """`n` captions of a piece, each naming some of its attributes and none that it lacks."""
    return tuple(_caption(spec, rng) for _ in range(n))


def _caption(spec: PieceSpec, rng: Random) -> str:
    said = vocabulary(spec, rng)
    kind = rng.choices(_KINDS, _ODDS)[0]
    text = _tags(said, rng) if kind == "tags" else _filled(_PATTERNS[kind], said, rng)
    text = " ".join(text.split())
    return _articles(text[0].upper() + text[1:] if kind in ("sentence", "paragraph") else text)


def _tags(said: dict[str, str], rng: Random) -> str:
    slots = [slot for slot in _TAG_SLOTS if slot in said]
    return ", ".join(said[slot] for slot in rng.sample(slots, min(len(slots), rng.choice((1, 2, 2, 3, 3, 4, 5, 6)))))


def _filled(patterns: Sequence[str], said: dict[str, str], rng: Random) -> str:
    """A pattern for which all words are there; the first ones need style or mood only, so there always is one."""
    while True:
        pattern = rng.choice(patterns)
        if all(slot in said for slot in _slots(pattern)):
            return pattern.format(**said)


def _slots(pattern: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(pattern) if name]


def _articles(text: str) -> str:
    """`a` before a vowel becomes `an`, and a doubled article goes."""
    out = text.split(" ")
    for i, word in enumerate(out[:-1]):
        follows = out[i + 1][:1].lower()
        if word in ("a", "A") and (
            follows in tuple("aeio8")
            or out[i + 1].startswith(("up-", "upb", "upl", "unp", "unh", "und", "une", "urg", "EDM"))
        ):
            out[i] = word + "n"
        elif word in ("an", "An") and follows.isalpha() and follows not in "aeiou":
            out[i] = word[0]
    return " ".join(out)


def vocabulary(spec: PieceSpec, rng: Random) -> dict[str, str]:
    """One true wording for every slot of the patterns; slots of which nothing definite can be said are absent."""
    major = spec.key.mode is Mode.MAJOR
    # the tonic is left out: scores are transposed to a common key before anything learns from them
    keymode = spec.key.mode.value
    pace = spec.tempo_bpm * (1.3 if spec.metre is Metre.SIX_EIGHT else 1.0)
    moods = words.MOODS[_third(spec.valence)][_third(spec.arousal)]
    said = {
        "style": rng.choice(styles.STYLES[spec.style]),
        "instrument": rng.choice(styles.INSTRUMENTS[spec.style]),
        "tempo": _band(words.TEMPO, pace, rng),
        "energy": _band(words.ENERGY, spec.energy, rng, () if pace > 82 else _QUICK),
        "mood": _from(moods, rng, () if pace > 66 else _QUICK),
        "mode": rng.choice(words.MAJOR if major else words.MINOR),
        "keymode": keymode,
        "keyphrase": rng.choice((f"in {keymode}", f"in a {keymode} key")),
        "metre": rng.choice(words.METRES[spec.metre.value]),
        "bpm": str(round(spec.tempo_bpm + rng.uniform(-2.0, 2.0))),
        "texture": _band(words.DENSITY, spec.density, rng),
        "tone": _tone(spec, rng),
        "use": _use(spec, rng),
        "nodrums": rng.choice(styles.NO_DRUMS) if spec.style in styles.DRUMLESS else "",
    }
    said["bpm_tag"] = rng.choice(("{} bpm", "around {} bpm", "{} BPM", "about {} beats per minute")).format(said["bpm"])
    for slot in ("style", "mood", "instrument"):
        said[f"{slot}_c"] = said[slot][0].upper() + said[slot][1:]
    return {slot: text for slot, text in said.items() if text}


def _band(bands: Sequence[tuple[float, Sequence[str]]], value: float, rng: Random, but: Sequence[str] = ()) -> str:
    found = next(choice for limit, choice in bands if value < limit)
    return _from(found, rng, but) if found else ""


def _from(choice: Sequence[str], rng: Random, but: Sequence[str]) -> str:
    return rng.choice([word for word in choice if word not in but])


def _third(value: float) -> int:
    return 0 if value < 0.36 else 1 if value < 0.64 else 2


def _tone(spec: PieceSpec, rng: Random) -> str:
    b = spec.brightness
    if b < 0.25:
        # `dark` would be heard as a mood where the music is happy
        return rng.choice([w for w in words.LOW if spec.valence < 0.6 or "dark" not in w])
    if b < 0.4:
        return rng.choice([w for w in words.LOWISH if spec.valence < 0.6 or "dark" not in w])
    if b < 0.6:
        return ""
    return rng.choice(words.HIGHISH if b < 0.75 else words.HIGH)


def _use(spec: PieceSpec, rng: Random) -> str:
    fits = [
        use
        for use in USES
        if use.valence[0] <= spec.valence <= use.valence[1]
        and use.arousal[0] <= spec.arousal <= use.arousal[1]
        and (not use.styles or spec.style in use.styles)
    ]
    return rng.choice(rng.choice(fits).words) if fits else ""
