"""The scene bank: hand-made sentences first, then expansions, no sentence twice, held-out words kept apart.

`python -m training.scenes.bank` prints what it holds and what is there twice; `--out BANK.jsonl` writes every entry
with all that it wants of music.
"""

import argparse
import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from random import Random

from training.scenes.family import Family, Scene, load_families
from training.scenes.grammar import Modifiers, expand, load_modifiers
from training.scenes.wanted import wanted

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
    return bool(words) and _pattern(words).search(text.lower()) is not None


@cache
def _pattern(words: frozenset[str]) -> re.Pattern[str]:
    """Any of the words, those of more than three letters with any ending; a last y may be another letter."""
    stems = sorted(w[:-1] if w.endswith("y") else w for w in words)
    endless = "|".join(f"{re.escape(w)}[a-z]*" if len(w) > 3 else re.escape(w) for w in stems)
    return re.compile(rf"(?<![a-z])(?:{endless})(?![a-z])")


def plain(text: str) -> str:
    """A sentence without case and punctuation, for comparing."""
    return " ".join(re.findall(r"\w+", text.lower()))


def write_bank(scenes: Iterable[Scene], path: Path) -> None:
    """One JSON object a line: the sentence, its family, whether it is held out, and what it wants of music."""
    rows = (asdict(s) | {"mood": asdict(wanted(s.mood))} for s in scenes)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def main() -> None:
    """Print the statistics of the bank and its duplicates."""
    from training.scenes.census import duplicates, summary

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, help="a file for the whole bank, one JSON object a line")
    args = parser.parse_args()
    families, bank = load_families(), build_bank()
    print("\n".join(summary(bank, families)))
    found = duplicates(families)
    print("\n".join([f"{len(found)} duplicates", *found]))
    if args.out:
        write_bank(bank, args.out)


def _scenes(family: Family, modifiers: Modifiers, count: int, seed: int) -> list[Scene]:
    """`count` distinct sentences at most: every hand-made one, then expansions until they run dry."""
    rng = Random(f"{seed}/{family.name}")
    found = {plain(text): Scene(text, family.name, mood, family.held_out) for text, mood in family.lines}
    drawn = 20 * count if family.topics or family.feelings else 0
    for _ in range(drawn):
        if len(found) >= count:
            break
        text, mood = expand(family, modifiers, rng)
        found.setdefault(plain(text), Scene(text, family.name, mood, family.held_out))
    return list(found.values())


if __name__ == "__main__":
    main()
