"""A palette: which instruments play the roles of a piece, how they are mixed, and in which room."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from generators.render.tone import Tone
from generators.score.score import Effect, Role
from generators.score.style import Style


@dataclass(frozen=True, slots=True)
class Voice:
    """One instrument within a part. `attack_s` swells the start of every note; `release_s` 0 keeps the instrument's."""

    instrument: str
    gain_db: float = 0.0
    octave: int = 0
    pan: float = 0.0
    attack_s: float = 0.0
    release_s: float = 0.0
    tone: Tone = field(default_factory=Tone)


@dataclass(frozen=True, slots=True)
class Part:
    """What plays one role: layered voices, level, reverb send (0..1), and how deep the kick ducks it."""

    voices: tuple[Voice, ...]
    gain_db: float = 0.0
    send: float = 0.2
    pump_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Room:
    """A synthetic room: time to -60 dB, gap before the first reflection, and where the highs die."""

    decay_s: float = 1.6
    predelay_s: float = 0.015
    damping_hz: float = 5000.0


@dataclass(frozen=True, slots=True)
class Palette:
    """The sound of a piece.

    The renderer plays every note exactly when it is told to: `swing` (0 straight .. 1 full triplets) and `humanise_ms`
    are hints for whoever times the notes. `accent` is the effect that marks a strong cut in this sound, `soft_accent`
    a weak one. `dynamics` is the exponent from velocity to level, `glue_db` how much the bus compressor holds loud
    passages back.
    """

    name: str
    style: Style
    parts: Mapping[Role, Part]
    room: Room = Room()
    swing: float = 0.0
    humanise_ms: float = 6.0
    accent: Effect = Effect.IMPACT
    soft_accent: Effect = Effect.SHIMMER
    dynamics: float = 1.2
    glue_db: float = 2.0
