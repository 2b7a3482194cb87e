"""The scene bank: hand-made sentences first, then expansions, no sentence twice, held-out words kept apart."""

import re
from collections.abc import Iterable
from random import Random

from training.scenes.family import Family, Scene, load_families
from training.scenes.grammar import Modifiers, expand, load_modifiers

PER_FAMILY = 90
PER_HELD_OUT = 30


def build_bank(*, seed: int = 0, per_family: int = PER_FAMILY, per_held_out: int = PER_HELD_OUT) -> tuple[Scene, ...]:
    """All scenes; training scenes never hold a word that belongs to a held-out family."""
    families = load_families()
    modifiers = load_modifiers()
    banned = forbidden(families)
    seen: set[str] = set()
    out: list[Scene] = []
    for family in families:
        for scene in _scenes(family, modifiers, per_held_out if family.held_out else per_family, seed):
            key = plain(scene.text)
            if key in seen or (not family.held_out and mentions(scene.text, banned)):
                continue
            seen.add(key)
            out.append(scene)
    return tuple(out)


def forbidden(families: Iterable[Family]) -> frozenset[str]:
    """The words of all held-out families."""
    return frozenset(w for f in families if f.held_out for w in f.words)


def mentions(text: str, words: frozenset[str]) -> bool:
    """Does a text hold one of the words, in any number ("doll" is in "dolls", "strawberry" in "strawberries")?"""
    tokens = re.findall(r"[a-z]+", text.lower())
    stems = tuple(w[:-1] if w.endswith("y") else w for w in words)
    return any(t == w or (len(w) > 3 and t.startswith(w)) for t in tokens for w in stems)


def plain(text: str) -> str:
    """A sentence without case and punctuation, for comparing."""
    return " ".join(re.findall(r"\w+", text.lower()))


def _scenes(family: Family, modifiers: Modifiers, count: int, seed: int) -> list[Scene]:
    """`count` distinct sentences at most: every hand-made one, then expansions until they run dry."""
    rng = Random(f"{seed}/{family.name}")
    found = {plain(text): Scene(text, family.name, mood, family.held_out) for text, mood in family.lines}
    for _ in range(20 * count):
        if len(found) >= count:
            break
        text, mood = expand(family, modifiers, rng)
        found.setdefault(plain(text), Scene(text, family.name, mood, family.held_out))
    return list(found.values())
