"""What the measurements of the audio engine share: its weights, the held-out clips, and how much is measured."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from generators.audio.codec import AudioCodec
from training.audio.pool import Pool, load_pool
from training.tagger import WEIGHTS


@dataclass(frozen=True)
class AudioCounts:
    """How much of everything is measured; `recordings` teach additions to the flow for so many minutes."""

    clips: int = 24
    longest_s: float = 600.0
    speed_s: float = 60.0
    runs: int = 3
    recordings: int = 60
    adapted_minutes: float = 6.0


AUDIO_QUICK = AudioCounts(4, 60.0, 20.0, 1, 4, 0.2)


@dataclass(frozen=True)
class AudioContext:
    """`audio` holds the weights of the engine, `pool` and `aligned` held-out clips, `bundle` all the rest.

    `teacher` and `strided` are other weights of the flow, guided and distilled; `tagger` judges, where it exists.
    """

    audio: Path
    pool: Path
    bundle: Path
    data: Path
    counts: AudioCounts
    seed: int = 0
    aligned: Path = Path("runs/audio/aligned/valid")
    teacher: Path | None = None
    strided: Path | None = None
    tagger: Path = WEIGHTS

    @cached_property
    def codec(self) -> AudioCodec:
        """The codec and its vocoder."""
        return AudioCodec.load(self.audio)

    @cached_property
    def held_out(self) -> Pool:
        """Clips of pieces that nothing was trained on."""
        return load_pool(self.pool / "valid")
