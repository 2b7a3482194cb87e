"""What the bank holds: how much, how long, about what, in which wording, and what is there twice."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from training.scenes.family import Family, Scene

#: Words that show what a sentence is about, by their beginnings; a count of hits, not a classifier.
SUBJECTS: Mapping[str, str] = {
    "places": "beach city street forest desert mountain sea lake river village church school office kitchen house "
    "garden space station bar castle field harbour cave stadium studio island road",
    "actions": "run walk danc sing fight chas kiss cry laugh sleep jump cook play driv fly climb swim shout hold wait "
    "rac fall build work",
    "weather": "rain snow storm fog wind sun cloud thunder lightning hail ice mist heat drizzl breez",
    "times of day": "night morning evening dawn dusk midnight noon sunset sunrise afternoon",
    "genres of film": "documentar horror western noir comed thriller fantas epic advert commercial vlog tutorial news "
    "trailer cartoon drama superhero gothic",
    "emotions": "sad happ joy fear angr lonel love hope calm tens proud griev tender scar peace melanchol nostalg "
    "guilt jealous rage",
    "turns": "but until then yet instead finally suddenly again only",
}
_LENGTHS = ((1, 1), (2, 4), (5, 9), (10, 19), (20, 999))


def summary(scenes: Sequence[Scene], families: Sequence[Family]) -> list[str]:
    """The statistics as lines of text."""
    by_hand = {text for family in families for text, _ in family.lines}
    held_out = sum(s.held_out for s in scenes)
    lines = [
        f"{len(scenes):,} sentences: {len(scenes) - held_out:,} to train on, {held_out:,} held out by their words",
        f"{len(families)} families, {sum(f.held_out for f in families)} of them held out",
        f"{sum(s.text in by_hand for s in scenes):,} sentences written by hand, the others grown from their grammar",
        f"{len({w for s in scenes for w in _words(s.text)}):,} different words",
        "words a sentence: " + ", ".join(f"{name} {n:,}" for name, n in lengths(scenes).items()),
        "wordings: " + ", ".join(f"{name} {n:,}" for name, n in sorted(Counter(map(wording, scenes)).items())),
        "quarters (valence, arousal): " + ", ".join(f"{name} {n:,}" for name, n in quarters(scenes).items()),
    ]
    for subject, counts in coverage(scenes).items():
        found = ", ".join(f"{word} {n}" for word, n in counts.most_common())
        lines.append(f"{subject}: {sum(counts.values()):,} hits; {found}")
    return lines


def lengths(scenes: Iterable[Scene]) -> dict[str, int]:
    """How many sentences have how many words."""
    counts = [len(s.text.split()) for s in scenes]
    names = [f"{a}" if a == b else f"{a} and more" if b > 100 else f"{a} to {b}" for a, b in _LENGTHS]
    return {name: sum(a <= n <= b for n in counts) for name, (a, b) in zip(names, _LENGTHS, strict=True)}


def coverage(scenes: Iterable[Scene]) -> dict[str, Counter[str]]:
    """For each subject how many sentences hold each of its words; a word that no sentence holds counts 0."""
    texts = [set(_words(s.text)) for s in scenes]
    vocabulary = frozenset[str]().union(*texts)

    def count(beginning: str) -> int:
        forms = {word for word in vocabulary if word.startswith(beginning)}
        return sum(not forms.isdisjoint(text) for text in texts)

    return {subject: Counter({word: count(word) for word in words.split()}) for subject, words in SUBJECTS.items()}


def wording(scene: Scene) -> str:
    """How a sentence is put: word, typed (as a search or a wish), plain, story (several sentences) or poetic.

    Poetic is a sentence that has no finite order of its own: a colon, a dash, a comparison with like or as if.
    """
    text = scene.text
    if len(text.split()) == 1:
        return "word"
    if len(re.findall(r"[.!?]+(?:\s|$)", text)) > 1:
        return "story"
    if text == text.lower() and not text.endswith((".", "!", "?")):
        return "typed"
    return "poetic" if re.search(r":| like | as if |, and |\bas \w+ as\b", text) else "plain"


def quarters(scenes: Iterable[Scene]) -> dict[str, int]:
    """How many sentences lie in each quarter of the plane of moods."""
    counts = Counter((s.mood.valence > 0.5, s.mood.arousal > 0.5) for s in scenes)
    names = {(True, True): "high high", (True, False): "high low", (False, True): "low high", (False, False): "low low"}
    return {name: counts[key] for key, name in names.items()}


def duplicates(families: Iterable[Family]) -> list[str]:
    """Lines, clauses and topics that are there twice, with their families; the bank itself keeps each once."""
    places: dict[str, list[str]] = defaultdict(list)
    for family in families:
        for text in (*family.topics, *family.acts, *(text for text, _ in family.lines)):
            places[" ".join(_words(text))].append(family.name)
    return [f"{text!r} in {', '.join(names)}" for text, names in sorted(places.items()) if len(names) > 1]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
