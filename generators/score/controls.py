"""Per-bar controls: what the flow is told about *when*, each value with a mask so that anything may stay free."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from generators.score.score import FORMS, ROLES, Form, Metre, Mode, Role, Score

#: name -> width of one bar's values
WIDTHS: dict[str, int] = {
    "energy": 1,
    "density": 1,
    "brightness": 1,
    "accents": 16,
    "roles": len(ROLES),
    "form": len(FORMS),
    "place": 4,  # bars since and until the section's borders, bars since the start and until the end, each / 8, clipped
    "tempo": 1,
    "metre": len(Metre),
    "mode": 1,
}
WIDTH = sum(WIDTHS.values())
DENSITY_FULL = 12.0  # pitched onsets a beat that count as density 1; sqrt scale
ROLE_FULL_VELOCITY = 110.0


@dataclass(frozen=True)
class Controls:
    """Values [T, width] by name, all in 0..1, and masks [T] (True: given, False: free)."""

    values: dict[str, NDArray[np.float32]]
    masks: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def bars(self) -> int:
        """T, the number of bars."""
        return len(self.values["place"])

    def mask(self, name: str) -> NDArray[np.bool_]:
        """The mask of one control; a control without a mask is given everywhere."""
        if name not in self.values:
            return np.zeros(self.bars, dtype=bool)
        return self.masks.get(name, np.ones(self.bars, dtype=bool))

    def stacked(self) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """All values [T, WIDTH] (0 where free) and masks [T, len(WIDTHS)], in the order of WIDTHS."""
        masks = np.stack([self.mask(name) for name in WIDTHS], axis=1)
        columns = [
            np.where(masks[:, i : i + 1], self.values.get(name, np.zeros((self.bars, width), np.float32)), 0.0)
            for i, (name, width) in enumerate(WIDTHS.items())
        ]
        return np.concatenate(columns, axis=1).astype(np.float32), masks


def scaled_tempo(tempo_bpm: float) -> float:
    """Tempo on a log scale: 40 bpm is 0, 200 bpm is 1."""
    return float(np.clip(np.log(tempo_bpm / 40.0) / np.log(5.0), 0.0, 1.0))


def place(sections: list[tuple[int, int]], bars: int) -> NDArray[np.float32]:
    """The `place` control [T, 4] of sections given as (start bar, bars)."""
    out = np.zeros((bars, 4), np.float32)
    for start, length in sections:
        for i in range(length):
            out[start + i] = (i, length - 1 - i, start + i, bars - 1 - start - i)
    limited: NDArray[np.float32] = np.minimum(out / np.float32(8.0), np.float32(1.0))
    return limited


def one_hot_forms(forms: list[Form]) -> NDArray[np.float32]:
    """The `form` control [T, F] of one form a bar."""
    out = np.zeros((len(forms), len(FORMS)), np.float32)
    out[np.arange(len(forms)), [FORMS.index(f) for f in forms]] = 1.0
    return out


def measure(score: Score) -> Controls:
    """The controls that a score itself fulfils; training conditions on these, and tests compare asked with measured.

    energy: 0.5 x loudness (mean velocity of sounding roles / 110) + 0.3 x share of roles sounding + 0.2 x drum onsets
    per beat / 8; density: sqrt(pitched onsets per beat / 12); brightness: (onset-weighted mean pitch - 36) / 48.
    """
    per = score.metre.steps_per_bar
    beats = score.metre.beats_per_bar
    count = np.zeros((score.bars, len(ROLES)))
    velocity = np.zeros((score.bars, len(ROLES)))
    sounding = np.zeros((score.bars, len(ROLES)), np.float32)
    pitch = np.zeros(score.bars)
    accents = np.zeros((score.bars, 16), np.float32)
    for r, role in enumerate(ROLES):
        for n in score.parts.get(role, ()):
            bar, step = divmod(n.onset, per)
            count[bar, r] += 1
            velocity[bar, r] += n.velocity
            accents[bar, step] += n.velocity / 127.0
            sounding[bar : (n.onset + n.duration - 1) // per + 1, r] = 1.0
            if role not in (Role.DRUMS, Role.EFFECTS):
                pitch[bar] += n.pitch
    pitched = count[:, :5].sum(axis=1)
    loud = velocity.sum(axis=1) / np.maximum(count.sum(axis=1), 1) / ROLE_FULL_VELOCITY
    drums = np.minimum(count[:, 5] / beats / 8.0, 1.0)
    share = sounding[:, :6].sum(axis=1) / 6.0
    mean_pitch = pitch / np.maximum(pitched, 1)
    where = pitched > 0
    forms = [s.form for s in score.sections for _ in range(s.bars)]
    values = {
        "energy": _column(0.5 * loud + 0.3 * share + 0.2 * drums),
        "density": _column(np.sqrt(pitched / beats / DENSITY_FULL)),
        "brightness": _column((mean_pitch - 36.0) / 48.0),
        "accents": np.clip(accents / 3.0, 0.0, 1.0),
        "roles": sounding,
        "form": one_hot_forms(forms),
        "place": place([(s.start_bar, s.bars) for s in score.sections], score.bars),
        "tempo": np.full((score.bars, 1), scaled_tempo(score.tempo_bpm), np.float32),
        "metre": np.tile(np.eye(len(Metre), dtype=np.float32)[list(Metre).index(score.metre)], (score.bars, 1)),
        "mode": np.full((score.bars, 1), float(score.key.mode is Mode.MAJOR), np.float32),
    }
    return Controls(values, {"brightness": where})


def _column(x: NDArray[np.float64]) -> NDArray[np.float32]:
    out: NDArray[np.float32] = np.clip(x, 0.0, 1.0).astype(np.float32)[:, None]
    return out
