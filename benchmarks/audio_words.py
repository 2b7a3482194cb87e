"""Whether the audio engine, told a CLAP point alone, makes music that lies near it, and near real music."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.audio_context import AudioContext
from benchmarks.audio_sung import Stage, played
from benchmarks.studio import deranged
from benchmarks.table import Cell, Section, table, verdict
from generators.audio.windows import WINDOW
from generators.waveform import Waveform
from training.evaluation.intervals import Interval, bootstrap
from training.frechet import Gaussian, frechet

Floats = NDArray[np.float64]


def measure(context: AudioContext) -> tuple[Section, ...]:
    """Cosines to own and other captions, and Frechet distances in CLAP's own space."""
    stage = Stage.of(context, clips=4 * context.counts.clips)
    rest = len(stage.clips) // 2  # the first half is told of, the second is what music is measured against
    told, captions = stage.clips[:rest], stage.captions[:rest]
    others = deranged(rest, np.random.default_rng(context.seed))
    points = {
        "held-out music": np.stack([clip.clap for clip in told]),
        "audio engine, caption only": _points(
            stage, [stage.sung(stage.only_words(c, WINDOW), seed=i) for i, c in enumerate(captions)]
        ),
        "audio engine, whole score": _points(stage, [stage.sung(stage.told(c), seed=i) for i, c in enumerate(told)]),
        "audio engine, told nothing": _points(
            stage, [stage.sung(stage.only_words(0.0 * c, WINDOW), seed=i) for i, c in enumerate(captions)]
        ),
        "held-out music in random order": _points(stage, [shuffled(played(c), seed=i) for i, c in enumerate(told)]),
        "white noise": _points(stage, [_noise(i) for i in range(rest)]),
    }
    music = Gaussian.of(np.stack([clip.clap for clip in stage.clips[rest:]]))
    aims = np.stack(captions)
    margins = {name: margin(found, aims, others) for name, found in points.items()}
    rows: list[list[Cell]] = [
        [name, float((p * aims).sum(1).mean()), str(margins[name]), frechet(Gaussian.of(p), music)]
        for name, p in points.items()
    ]
    ahead = margins["audio engine, caption only"].low > 0.0
    text = (
        f"{rest} captions of held-out pieces, 8.2 s each at the default settings. Cosine in the bundle's CLAP between "
        "the sound and its caption; margin: the same less the cosine to another piece's caption, with a bootstrap "
        f"interval of 95 %. Distance: Frechet distance in the same CLAP's space (not FAD) to {len(stage.clips) - rest} "
        f"other held-out clips. Bar: the margin of captions alone lies above 0; {verdict(met=ahead)}.\n\n"
    )
    header = ["sound", "cosine to its caption", "margin over another caption", "distance to held-out music"]
    return (Section("audio-words", "Audio engine: captions alone", text + table(header, rows)),)


def margin(points: NDArray[np.floating], captions: NDArray[np.floating], others: Sequence[int]) -> Interval:
    """Mean cosine of points [N D] to their own captions less that to others', with its interval."""
    own = (points * captions).sum(axis=1)
    other = (points * captions[list(others)]).sum(axis=1)
    return bootstrap(lambda rows: float(np.mean(rows)), own - other)


def shuffled(sound: Waveform, *, seed: int, piece_s: float = 0.1) -> Waveform:
    """The same sound, cut into short pieces that are put together in random order."""
    size = round(piece_s * sound.sample_rate)
    whole = sound.samples[:, : sound.samples.shape[1] // size * size].reshape(2, -1, size)
    order = np.random.default_rng(seed).permutation(whole.shape[1])
    return Waveform(whole[:, order].reshape(2, -1), sound.sample_rate)


def _noise(seed: int) -> Waveform:
    samples = 0.1 * np.random.default_rng(seed).standard_normal((2, 44_100 * 8))
    return Waveform(samples.astype(np.float32), 44_100)


def _points(stage: Stage, sounds: Sequence[Waveform]) -> NDArray[np.float32]:
    return np.stack([stage.clap.embed_audio(sound.samples, sound.sample_rate) for sound in sounds])
