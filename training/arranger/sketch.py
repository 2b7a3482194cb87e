"""What every part writer is given: the asking, the chords, how strong each bar is and who plays in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from random import Random

from generators.score.score import INTERVALS, Chord, Form, Metre, Mode, Role, Section
from generators.score.style import Style
from training.arranger.harmony import final_bar
from training.arranger.spec import PieceSpec

#: How many degrees above its root a chord spells an interval.
_MEMBER = {0: 0, 2: 1, 3: 2, 4: 2, 5: 3, 6: 4, 7: 4, 8: 4, 10: 6, 11: 6}
#: From which strength of a bar (0..1) a role plays; beyond 1 it never does.
_NEVER = 2.0
LAYERS: Mapping[Style, tuple[float, float, float, float, float, float, float]] = {
    #                  lead  count chord pad   bass  drums effects
    Style.AMBIENT: (0.18, 0.5, 0.14, 0.0, 0.2, _NEVER, 0.1),
    Style.CINEMATIC: (0.03, 0.45, 0.12, 0.0, 0.16, 0.5, 0.4),
    Style.TENSION: (0.3, 0.62, 0.15, 0.0, 0.1, 0.28, 0.15),
    Style.EPIC: (0.25, 0.6, 0.08, 0.0, 0.15, 0.3, 0.3),
    Style.LOFI: (0.03, 0.62, 0.0, 0.5, 0.16, 0.2, 0.6),
    Style.CORPORATE: (0.1, 0.6, 0.0, 0.3, 0.12, 0.28, 0.5),
    Style.FOLK: (0.0, 0.5, 0.0, 0.6, 0.1, 0.4, _NEVER),
    Style.ACOUSTIC: (0.0, 0.6, 0.0, 0.62, 0.12, _NEVER, _NEVER),
    Style.HOUSE: (0.42, 0.72, 0.2, 0.1, 0.22, 0.12, 0.35),
    Style.SYNTHWAVE: (0.28, 0.66, 0.2, 0.0, 0.12, 0.25, 0.4),
    Style.JAZZ: (0.0, 0.78, 0.0, _NEVER, 0.02, 0.18, _NEVER),
    Style.FUNK: (0.3, 0.6, 0.12, 0.75, 0.0, 0.1, 0.8),
    Style.CHIPTUNE: (0.05, 0.5, 0.1, 0.75, 0.05, 0.25, 0.85),
    Style.ROMANTIC: (0.0, 0.4, 0.0, 0.55, 0.1, _NEVER, _NEVER),
}
_LIFT: Mapping[Form, float] = {
    Form.INTRO: -0.22,
    Form.A: -0.04,
    Form.B: 0.12,
    Form.BRIDGE: -0.14,
    Form.BUILD: -0.02,
    Form.OUTRO: -0.1,
}
_ROLE_VELOCITY: Mapping[Role, int] = {
    Role.LEAD: 8,
    Role.COUNTER: -3,
    Role.CHORDS: -7,
    Role.PAD: -12,
    Role.BASS: 2,
    Role.DRUMS: 0,
    Role.EFFECTS: 0,
}


@dataclass(frozen=True)
class Sketch:
    """The frame of a piece; `chords` has two a bar, the other tuples one value a bar."""

    spec: PieceSpec
    seed: int
    chords: tuple[Chord, ...]
    strength: tuple[float, ...]
    layers: tuple[frozenset[Role], ...]

    @property
    def per(self) -> int:
        """Steps in a bar."""
        return self.spec.metre.steps_per_bar

    @property
    def final_step(self) -> int:
        """Where the last chord is struck."""
        return final_bar(self.spec) * self.per

    def rng(self, *names: object) -> Random:
        """Randomness for one purpose, so that material returns whenever its name does."""
        return Random("/".join([str(self.seed), *map(str, names)]))

    def chord_at(self, step: int) -> Chord:
        """The chord that sounds at a step of the piece."""
        return self.chords[min(2 * step // self.per, len(self.chords) - 1)]

    def changes(self, bar: int) -> bool:
        """Whether the chord changes in the middle of a bar."""
        return self.chords[2 * bar] != self.chords[2 * bar + 1]

    def plays(self, role: Role, bar: int) -> bool:
        """Whether a role plays in a bar (never after the last chord: `ending` writes that)."""
        return role in self.layers[bar] and bar * self.per < self.final_step

    def velocity(self, role: Role, step: int, accent: float = 0.0) -> int:
        """How hard a note is played: strength of the bar, role, place in the bar and `accent` (-1..1)."""
        bar, inside = divmod(step, self.per)
        metre = 5 if inside == 0 else 2 if inside % self.spec.metre.steps_per_beat == 0 else -3
        swell = (
            0.0 if role is Role.DRUMS else 2.5 * (1.0 - abs(bar % 4 + inside / self.per - 2.0))
        )  # in and out of four bars
        value = 26 + 78 * self.strength[bar] + _ROLE_VELOCITY[role] + metre + swell + 18 * accent
        return int(min(126, max(10, value)))


def strengths(spec: PieceSpec) -> tuple[float, ...]:
    """How strong each bar is: the asked energy, shaped by form; builds rise, the last chorus is the strongest."""
    out: list[float] = []
    for section in spec.form:
        place = section.start_bar / spec.bars
        for i in range(section.bars):
            inside = i / max(1, section.bars - 1)
            value = spec.energy * 0.94 + 0.03 + _LIFT[section.form] * (0.5 + 0.5 * spec.energy) + 0.08 * (place - 0.4)
            if section.form is Form.BUILD:
                value += 0.2 * (inside - 0.5)
            elif section.form is Form.INTRO:
                value += 0.12 * inside
            elif section.form is Form.OUTRO:
                value -= 0.12 * inside * (1.0 - spec.energy)
            else:
                value += 0.04 * inside
            out.append(min(1.0, max(0.02, value)))
    return tuple(out)


def layers(spec: PieceSpec, strength: tuple[float, ...], seed: int) -> tuple[frozenset[Role], ...]:
    """Who plays in each bar: roles whose threshold the section's strength reaches; intros and outros go by two bars."""
    rng = Random(f"{seed}/layers")
    base = dict(zip(Role, LAYERS[spec.style], strict=True))
    threshold = {role: value + rng.uniform(-0.07, 0.07) * min(1.0, value / 0.15) for role, value in base.items()}
    keep = rng.choice((Role.CHORDS, Role.PAD)) if base[Role.PAD] <= base[Role.CHORDS] + 0.1 else Role.CHORDS
    out: list[frozenset[Role]] = []
    for k, section in enumerate(spec.form):
        mean = sum(strength[section.start_bar : section.start_bar + section.bars]) / section.bars
        fresh = Random(f"{seed}/layers/{section.form}")
        away = _away(section, fresh, k)
        for i in range(section.bars):
            level = mean + _stagger(section, i)
            playing = {role for role in Role if threshold[role] <= level and role not in away}
            out.append(frozenset(playing | ({keep} if not playing & {Role.CHORDS, Role.PAD} else set())))
    return tuple(out)


def _away(section: Section, rng: Random, index: int) -> set[Role]:
    """Roles that rest in a section whatever its strength."""
    out: set[Role] = set()
    if section.form is Form.INTRO:
        out |= {Role.COUNTER} | ({Role.LEAD} if rng.random() < 0.75 else set())
        out |= {Role.DRUMS} if rng.random() < 0.35 else set()
    if section.form is Form.BRIDGE:
        out |= {Role.DRUMS} if rng.random() < 0.5 else set()
        out |= {Role.BASS} if rng.random() < 0.25 else set()
    if section.form is Form.BUILD and rng.random() < 0.4:
        out |= {Role.LEAD}
    if section.form is Form.A and index <= 1 and rng.random() < 0.6:
        out |= {Role.COUNTER}
    return out


def _stagger(section: Section, bar: int) -> float:
    """Less at the start of an intro, less at the end of an outro, so that roles enter and leave one by one."""
    if section.form is Form.INTRO:
        return -0.2 * (1.0 - (bar // 2 + 1) / max(1, (section.bars + 1) // 2))
    if section.form is Form.OUTRO:
        return 0.02 - 0.12 * (bar // 2) / max(1, section.bars // 2)
    return 0.0


@lru_cache(maxsize=8192)
def scale_at(chord: Chord, tonic: int, mode: Mode) -> tuple[int, ...]:
    """Pitch classes of the seven degrees over a chord: the key's scale, bent where the chord spells one otherwise."""
    plain = (0, 2, 4, 5, 7, 9, 11) if mode is Mode.MAJOR else (0, 2, 3, 5, 7, 8, 10)
    root = (chord.root - tonic) % 12
    degrees = list(plain)
    home = _degree(root, plain)
    for interval in INTERVALS[chord.quality]:
        degrees[(home + _MEMBER[interval]) % 7] = (root + interval) % 12
    if degrees[0] > 6:
        degrees[0] -= 12
    if any(low >= high for low, high in pairwise(degrees)):  # too far from the key to be spelt by thirds
        degrees = _bent(plain, {(root + interval) % 12 for interval in INTERVALS[chord.quality]})
    return tuple((tonic + d) % 12 for d in degrees)


def _bent(plain: tuple[int, ...], inside: set[int]) -> list[int]:
    """The scale with its nearest free degrees (never the tonic) moved to the chord's notes."""
    out = list(plain)
    for pc in sorted(inside - set(plain)):
        free = [i for i in range(1, 7) if abs(out[i] - pc) == 1 and out[i] not in inside]
        if free:
            out[free[0]] = pc
    return out


def _degree(root: int, plain: tuple[int, ...]) -> int:
    """The degree that a root belongs to: its own, the raised seventh, or else the lowered one above."""
    if root in plain:
        return plain.index(root)
    return 6 if root == 11 else plain.index(root + 1)


def is_compound(metre: Metre) -> bool:
    """Whether beats part in three."""
    return metre is Metre.SIX_EIGHT
