"""Whether the audio engine, told a CLAP point alone, makes music that lies near it, and near real music."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.audio_context import AudioContext
from benchmarks.audio_distance import CLAP, Ears, Music, Rows, beginning, middle
from benchmarks.audio_sung import Stage, played
from benchmarks.studio import caption_request, counted, deranged
from benchmarks.table import Cell, Section, table, verdict
from generators.audio.conditions import FRAME_S
from generators.audio.windows import WINDOW
from generators.waveform import Waveform
from training.evaluation.intervals import Interval, bootstrap

Floats = NDArray[np.float64]
LENGTH_S = WINDOW * FRAME_S  # that is heard of every sound
COMPOSED_S = 24.0  # by the score engine, of which the middle is heard
REAL, ALONE, COMPOSED = "held-out music", "audio engine, caption only", "score engine, same captions"
SPOILED = ("held-out music in random order", "white noise")


def measure(context: AudioContext) -> tuple[Section, ...]:
    """Cosines to own and other captions, and Frechet distances to other held-out music."""
    stage = Stage.of(context, clips=4 * context.counts.clips)
    rest = len(stage.clips) // 2  # the first half is told of, the second is what music is measured against
    ears = Ears.of(stage.clap, context.tagger)
    rows: dict[str, dict[str, Rows]] = {}
    for name, sounds in all_sounds(stage, context.bundle, told=rest):
        rows[name] = ears.heard([beginning(sound, LENGTH_S) for sound in sounds])
    music = Music.heard(ears.heard([beginning(played(c), LENGTH_S) for c in stage.clips[rest:]]))
    aims = np.stack(stage.captions[:rest])
    others = deranged(rest, np.random.default_rng(context.seed))
    margins = {name: margin(found[CLAP], aims, others) for name, found in rows.items()}
    cosines = {name: float((found[CLAP] * aims).sum(1).mean()) for name, found in rows.items()}
    distances = {name: music.distances(found) for name, found in rows.items()}
    body = told(cosines, margins, distances, ears.said, others=len(stage.clips) - rest)
    return (Section("audio-words", "Audio engine: captions alone", body),)


def all_sounds(stage: Stage, bundle: Path, *, told: int) -> Iterator[tuple[str, list[Waveform]]]:
    """The sounds of each row for the first clips, one row at a time."""
    clips, captions = stage.clips[:told], stage.captions[:told]
    yield REAL, [played(clip) for clip in clips]
    yield "the same through the codec", [stage.through_codec(played(clip)) for clip in clips]
    yield ALONE, [stage.sung(stage.only_words(c, WINDOW), seed=i) for i, c in enumerate(captions)]
    yield "audio engine, whole score", [stage.performed(c, seed=i) for i, c in enumerate(clips)]
    yield (
        "audio engine, told nothing",
        [stage.sung(stage.only_words(0.0 * c, WINDOW), seed=i) for i, c in enumerate(captions)],
    )
    yield COMPOSED, composed([clip.caption for clip in clips], bundle)
    yield SPOILED[0], [shuffled(beginning(played(c), LENGTH_S), seed=i) for i, c in enumerate(clips)]
    yield SPOILED[1], [_noise(i) for i in range(told)]


def composed(captions: Sequence[str], bundle: Path) -> list[Waveform]:
    """Music that the score engine composes for captions and plays with its instruments, as the product does."""
    from benchmarks.product import StudioProduct

    product, say, out = StudioProduct(bundle), counted("composing"), []
    for seed, caption in enumerate(captions):
        sound = product.make(caption_request(caption, duration_s=COMPOSED_S, seed=seed))
        out.append(middle(sound, LENGTH_S))
        say(seed + 1, len(captions))
    return out


def told(
    cosines: Mapping[str, float],
    margins: Mapping[str, Interval],
    distances: Mapping[str, Mapping[str, float]],
    judged: str,
    *,
    others: int,
) -> str:
    """The section's text; a judge that finds no fault with spoiled music tells nothing of made music."""
    judges = list(distances[REAL])
    proved = {j: all(distances[spoiled][j] > distances[REAL][j] for spoiled in SPOILED) for j in judges}
    known = (REAL, *SPOILED)
    rows: list[list[Cell]] = [
        [n, cosines[n], str(margins[n]), *(distances[n][j] if proved[j] or n in known else "not valid" for j in judges)]
        for n in cosines
    ]
    failed = [j for j in judges if not proved[j]]
    gate = f"{' and '.join(failed)} did not rise with both" if failed else "both raise every distance"
    text = (
        f"{LENGTH_S:.1f} s for each caption of a held-out piece, at the default settings; of the score engine the "
        f"middle of {COMPOSED_S:g} s. Cosine in the bundle's CLAP between the sound and its caption; margin: the same "
        "less the cosine to another piece's caption, with a bootstrap interval of 95 %. Distances: to "
        f"{others} other held-out clips. {judged} A distance counts only if music in random order and noise raise it: "
        f"{gate}. Bar: the margin of captions alone lies above 0; {verdict(met=margins[ALONE].low > 0.0)}.\n\n"
    )
    header = ["sound", "cosine to its caption", "margin over another caption", *(f"{j} distance" for j in judges)]
    return text + table(header, rows)


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
