"""Where notes are added up: into a stem or the mix and into the room's send, ducked by the kick on their way."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from generators.render.room import add_wrapped
from generators.render.tone import Floats
from generators.score.performance import TimedNote
from generators.score.score import KICK

HOLD_S, RELEASE_S = 0.05, 0.22


@dataclass(frozen=True, slots=True)
class Duck:
    """How deep a kick presses other sounds down, as a compressor keyed by it would; kicks are frames, in order."""

    kicks: NDArray[np.int64]
    depth_db: float
    rate: int

    @classmethod
    def by(cls, notes: Sequence[TimedNote], depth_db: float, rate: int, *, loop_frames: int = 0) -> "Duck":
        """Of the kicks among drum notes; a loop's come again before its start and after its end."""
        once = np.array(sorted(round(n.onset_s * rate) for n in notes if n.pitch == KICK), np.int64)
        turns = (-loop_frames, 0, loop_frames) if loop_frames else (0,)
        return cls(np.concatenate([once + turn for turn in turns]), depth_db, rate)

    def gains(self, start: int, frames: int) -> NDArray[np.float32]:
        """Gains [frames] from frame `start` on."""
        dip = _dip(self.rate)
        curve = np.zeros(frames, np.float32)
        first, last = np.searchsorted(self.kicks, (start - len(dip) + 1, start + frames))
        for kick in self.kicks[first:last].tolist():
            a, b = max(kick - start, 0), min(kick - start + len(dip), frames)
            np.maximum(curve[a:b], dip[a + start - kick : b + start - kick], out=curve[a:b])
        curve *= np.float32(-self.depth_db / 20.0)
        ducked: NDArray[np.float32] = np.power(np.float32(10.0), curve)
        return ducked


@dataclass(frozen=True, slots=True)
class Bus:
    """A stem or a mix [2 N] and a mono send [N] that sounds are added to, `wet` of them to the send.

    A minute of it is 30 MB: notes go straight in, without a stem of their own where none is wanted.
    """

    target: Floats
    send: NDArray[np.float32]
    wet: float
    loop: bool
    duck: Duck | None = None

    def add(self, sound: Floats, start: int) -> None:
        """Add a sound [2 n], which is scaled in place, at a frame that may lie outside."""
        if self.duck is not None:
            sound *= self.duck.gains(start, sound.shape[1])
        add_wrapped(self.target, sound, start, loop=self.loop)
        middle = (sound[0] + sound[1]) * np.float32(0.5 * self.wet)
        add_wrapped(self.send[None], middle[None], start, loop=self.loop)


@lru_cache(maxsize=8)
def _dip(rate: int) -> NDArray[np.float32]:
    """How far down, of the whole depth, after a kick."""
    hold, release = round(HOLD_S * rate), round(RELEASE_S * rate)
    parts = [np.linspace(0.2, 1.0, hold // 4), np.ones(hold), np.linspace(1.0, 0.0, release) ** 1.5]
    return np.concatenate(parts).astype(np.float32)
