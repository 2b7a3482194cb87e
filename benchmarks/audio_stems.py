"""How well a score tells the stems of a mix apart: of sampled renderings, whose true stems are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from benchmarks.audio_context import AudioContext
from benchmarks.audio_sung import Stage, played
from benchmarks.reconstruction import Floats, si_sdr
from benchmarks.table import Cell, Section, table
from generators.audio.separation import separated
from generators.audio.sketch import Orchestra
from generators.score.score import ROLES
from generators.waveform import Waveform
from training.audio.aligned import FULL, Aligned

QUIETEST = 0.01  # peak of a stem that counts


@dataclass(frozen=True, slots=True)
class Told:
    """Of one stem: SI-SDR in dB of the mix, of the stem that is told apart, and how far all are from the mix."""

    role: str
    mix_db: float
    stem_db: float
    astray: float


def measure(context: AudioContext) -> tuple[Section, ...]:
    """A stem of each held-out clip that has one."""
    stage = Stage.of(context, clips=2 * context.counts.clips)
    found = [told for clip in stage.clips if (told := told_apart(clip, stage)) is not None]
    text = (
        f"{len(found)} held-out clips of 11.9 s, rendered by the sampler, one true stem of each; the audio engine's "
        "own mixes have none to compare with. SI-SDR (Le Roux et al. 2019) in dB, medians. Stems add up to the mix "
        f"within {max(t.astray for t in found):.1g}.\n\n"
    )
    rows = [_row(role, [t for t in found if t.role == role]) for role in sorted({t.role for t in found})]
    heads = ["role", "stems", "the mix as it is", "told apart by the score"]
    return (Section("audio-stems", "Audio engine: stems", text + table(heads, [*rows, _row("all", found)])),)


def told_apart(clip: Aligned, stage: Stage) -> Told | None:
    """The stem of a clip, told apart from its mix; None where it has none that sounds."""
    true = clip.stem.astype(np.float32) / np.float32(FULL)
    if clip.stem_role < 0 or np.abs(true).max() < QUIETEST:
        return None
    mix, role = played(clip), ROLES[clip.stem_role]
    stems = separated(mix, Orchestra(clip.palette(), stage.engine.timbres), clip.performance())
    astray = np.abs(sum((s.samples for s in stems.values()), start=np.float32(0.0)) - mix.samples).max()
    made = stems.get(role, Waveform(np.zeros_like(true), mix.sample_rate)).samples
    return Told(role.value, _db(mix.samples, true), _db(made, true), float(astray))


def _db(made: Floats, true: Floats) -> float:
    return si_sdr(made.ravel().astype(np.float64), true.ravel().astype(np.float64))


def _row(name: str, found: Sequence[Told]) -> list[Cell]:
    return [name, len(found), median(t.mix_db for t in found), median(t.stem_db for t in found)]
