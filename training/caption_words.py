"""The words of captions: synonyms by attribute."""

from collections.abc import Mapping

#: Upper limits of a band, and its words.
TEMPO = (
    (62.0, ("very slow", "slow", "slow-paced", "unhurried", "at a slow tempo", "in very slow tempo")),
    (82.0, ("slow", "slow-paced", "leisurely", "at a slow tempo", "relaxed in tempo", "in slow tempo")),
    (104.0, ("mid-tempo", "medium tempo", "moderate", "at a walking pace", "moderately paced", "in moderate tempo")),
    (128.0, ("upbeat", "lively tempo", "brisk", "quick", "at an upbeat tempo", "fairly fast")),
    (152.0, ("fast", "fast-paced", "quick", "at a fast tempo", "up-tempo", "in fast tempo")),
    (999.0, ("very fast", "fast", "racing", "breakneck", "at a very fast tempo", "rapid")),
)
ENERGY = (
    (
        0.2,
        ("very calm", "calm", "quiet", "still", "hushed", "peaceful in energy", "minimal", "low-energy", "very soft"),
    ),
    (0.4, ("calm", "gentle", "soft", "restrained", "laid-back", "subdued", "understated", "low-energy")),
    (0.6, ("moderate-energy", "steady", "flowing", "medium-energy", "balanced", "easy-going", "medium intensity")),
    (0.8, ("energetic", "lively", "strong", "driving", "high-energy", "full", "dynamic", "punchy")),
    (
        1.1,
        (
            "intense",
            "very energetic",
            "powerful",
            "explosive",
            "full-on",
            "driving",
            "massive",
            "high-octane",
            "loud and full",
        ),
    ),
)
DENSITY = (
    (0.22, ("sparse", "few notes", "open", "spacious", "minimalist")),
    (0.72, ()),
    (1.1, ("busy", "dense", "many notes", "intricate", "full of notes")),
)
LOW = (
    "low register",
    "deep",
    "low-pitched",
    "dark-toned",
    "low and warm",
    "bass-heavy",
    "warm low tones",
    "dark in tone",
)
LOWISH = ("warm", "mellow in tone", "lowish register", "rounded tone", "rather dark in tone")
HIGHISH = ("clear-toned", "rather bright", "light in tone", "open in tone", "fairly high register")
HIGH = ("high register", "bright", "airy", "high-pitched", "bright-toned", "sparkling", "shimmering", "light and airy")
MAJOR = ("major", "major key", "in a major key", "in major", "major-key")
MINOR = ("minor", "minor key", "in a minor key", "in minor", "minor-key")
METRES: Mapping[str, tuple[str, ...]] = {
    "4/4": ("in 4/4", "four-four time"),
    "3/4": ("waltz time", "in 3/4", "three-four time", "a waltz feel"),
    "6/8": ("in 6/8", "six-eight time", "a rolling 6/8 feel", "lilting 6/8"),
}
#: Mood words by valence (low, middle, high) and arousal (low, middle, high).
MOODS: tuple[tuple[tuple[str, ...], ...], ...] = (
    (
        ("sad", "melancholic", "mournful", "lonely", "sorrowful", "grieving", "bleak", "wistful"),
        ("dark", "brooding", "troubled", "somber", "anxious", "uneasy", "moody", "bittersweet"),
        ("aggressive", "angry", "menacing", "frantic", "threatening", "dangerous", "desperate", "fierce"),
    ),
    (
        ("reflective", "dreamy", "pensive", "contemplative", "nostalgic", "thoughtful", "mysterious", "introspective"),
        ("neutral", "serious", "curious", "focused", "determined", "cool", "emotional", "ambivalent"),
        ("urgent", "dramatic", "restless", "bold", "adventurous", "exciting", "gripping", "thrilling"),
    ),
    (
        ("peaceful", "tender", "serene", "relaxed", "soothing", "warm-hearted", "loving", "comforting"),
        ("happy", "hopeful", "optimistic", "cheerful", "uplifting", "friendly", "sunny", "positive"),
        ("joyful", "triumphant", "euphoric", "playful", "jubilant", "victorious", "celebratory", "exhilarating"),
    ),
)
