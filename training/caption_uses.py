"""What music may be for, and which moods and styles suit it."""

from dataclasses import dataclass

from generators.score.style import Style


@dataclass(frozen=True, slots=True)
class Use:
    """What music may be for: words, and the valence and arousal (from, to) that it suits; `styles` empty: any."""

    words: tuple[str, ...]
    valence: tuple[float, float]
    arousal: tuple[float, float]
    styles: tuple[Style, ...] = ()


_ORCHESTRAL = (Style.CINEMATIC, Style.EPIC, Style.TENSION)
_SOFT = (Style.ROMANTIC, Style.ACOUSTIC, Style.CINEMATIC, Style.FOLK, Style.JAZZ, Style.AMBIENT)
_BEAT = (Style.HOUSE, Style.SYNTHWAVE, Style.FUNK, Style.CHIPTUNE, Style.EPIC)
USES: tuple[Use, ...] = (
    Use(("a movie trailer", "a blockbuster trailer", "a game trailer"), (0, 1), (0.6, 1), _ORCHESTRAL),
    Use(
        ("a chase scene", "a car chase", "an escape scene"),
        (0, 0.7),
        (0.7, 1),
        (*_ORCHESTRAL, Style.SYNTHWAVE, Style.CHIPTUNE),
    ),
    Use(("a battle scene", "a fight scene", "a boss fight"), (0, 0.7), (0.7, 1), (*_ORCHESTRAL, Style.CHIPTUNE)),
    Use(("a funeral", "a farewell scene", "a memorial film"), (0, 0.3), (0, 0.4), _SOFT),
    Use(("a sad scene", "a break-up scene", "a lonely night"), (0, 0.35), (0, 0.5), (*_SOFT, Style.LOFI)),
    Use(("a wedding film", "a love story", "an engagement video"), (0.6, 1), (0, 0.65), _SOFT),
    Use(("a crime documentary", "a thriller scene", "a detective story"), (0, 0.55), (0.2, 0.85), (Style.TENSION,)),
    Use(("a horror film", "a haunted house", "a nightmare scene"), (0, 0.4), (0.1, 1), (Style.TENSION,)),
    Use(
        ("a nature documentary", "a landscape film", "a drone flight over mountains"),
        (0.3, 1),
        (0, 0.65),
        (Style.CINEMATIC, Style.AMBIENT, Style.FOLK),
    ),
    Use(("a history documentary", "a war documentary"), (0, 0.6), (0.1, 0.8), (Style.CINEMATIC, Style.TENSION)),
    Use(("a product video", "an explainer video", "a company presentation"), (0.5, 1), (0.3, 0.9), (Style.CORPORATE,)),
    Use(
        ("an advert", "a commercial", "a start-up advert"),
        (0.55, 1),
        (0.35, 0.95),
        (Style.CORPORATE, Style.FUNK, Style.FOLK, Style.HOUSE),
    ),
    Use(
        ("a travel vlog", "a holiday video", "a road trip"),
        (0.5, 1),
        (0.3, 0.9),
        (Style.FOLK, Style.CORPORATE, Style.HOUSE, Style.FUNK),
    ),
    Use(
        ("a vlog", "a daily vlog", "a lifestyle video"),
        (0.45, 1),
        (0.15, 0.8),
        (Style.LOFI, Style.CORPORATE, Style.FOLK, Style.FUNK),
    ),
    Use(
        ("studying", "late-night work", "homework", "reading"),
        (0.2, 1),
        (0, 0.5),
        (Style.LOFI, Style.AMBIENT, Style.ACOUSTIC),
    ),
    Use(("meditation", "a yoga class", "sleep", "a spa"), (0.35, 1), (0, 0.35), (Style.AMBIENT,)),
    Use(
        ("a game menu", "a title screen"),
        (0.2, 1),
        (0, 0.65),
        (Style.CHIPTUNE, Style.AMBIENT, Style.SYNTHWAVE, Style.CINEMATIC),
    ),
    Use(("a platform game", "a retro game level", "a puzzle game"), (0.35, 1), (0.3, 1), (Style.CHIPTUNE,)),
    Use(("a night drive", "a neon city", "a retro montage"), (0, 1), (0.25, 0.9), (Style.SYNTHWAVE,)),
    Use(
        ("a cyberpunk film", "a science fiction scene"),
        (0, 0.7),
        (0.2, 1),
        (Style.SYNTHWAVE, Style.TENSION, Style.AMBIENT),
    ),
    Use(("a fashion show", "a club night", "a party"), (0.3, 1), (0.5, 1), (Style.HOUSE, Style.FUNK)),
    Use(("a sports montage", "a workout video", "a highlight reel"), (0.3, 1), (0.65, 1), _BEAT),
    Use(
        ("a cooking show", "a coffee shop", "a restaurant"), (0.35, 1), (0.1, 0.7), (Style.JAZZ, Style.LOFI, Style.FUNK)
    ),
    Use(("a hotel lobby", "a cocktail bar", "a dinner party"), (0.3, 1), (0.05, 0.6), (Style.JAZZ,)),
    Use(("a film noir scene", "a rainy night in the city"), (0, 0.45), (0, 0.55), (Style.JAZZ,)),
    Use(("a period drama", "a ballroom scene", "a costume film"), (0.1, 1), (0, 0.75), (Style.ROMANTIC,)),
    Use(
        ("a children's film", "a family video", "a cartoon"),
        (0.6, 1),
        (0.25, 0.9),
        (Style.FOLK, Style.CHIPTUNE, Style.CORPORATE, Style.ROMANTIC),
    ),
    Use(("a baby video", "a bedtime story", "a lullaby scene"), (0.5, 1), (0, 0.3), _SOFT),
    Use(("a victory scene", "an award ceremony", "a finale"), (0.6, 1), (0.6, 1), (Style.EPIC, Style.CINEMATIC)),
    Use(
        ("a charity film", "an emotional story", "a hopeful ending"),
        (0.4, 1),
        (0.1, 0.65),
        (Style.CINEMATIC, Style.ACOUSTIC, Style.CORPORATE),
    ),
    Use(("a space film", "slow motion under water", "a starry sky"), (0.1, 1), (0, 0.5), (Style.AMBIENT,)),
    Use(("a heist scene", "a comedy chase", "a street scene"), (0.3, 1), (0.4, 0.95), (Style.FUNK, Style.JAZZ)),
    Use(
        ("a podcast", "a tutorial", "a slide show"),
        (0.3, 1),
        (0.1, 0.65),
        (Style.LOFI, Style.CORPORATE, Style.ACOUSTIC),
    ),
    Use(("a campfire scene", "an autumn walk", "a farm at sunrise"), (0.25, 1), (0, 0.6), (Style.FOLK, Style.ACOUSTIC)),
)
