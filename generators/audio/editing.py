"""Music that is there already, edited by the audio engine: parts made anew, more after its end, a stem beside it."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from generators.audio.conditions import Conditions
from generators.audio.engine import AROUND, AudioEngine, check_frames
from generators.audio.kept import Recording
from generators.audio.seam import cross_faded
from generators.audio.vae import FRAMES
from generators.errors import InvalidAudio
from generators.score.sampling import Sampling
from generators.waveform import Waveform

Floats = NDArray[np.float32]
AWAY = 2  # frames from what is new, in whose spectra it would show
SEAM = 882  # samples of a cross-fade between what was there and what is new: 20 ms


def repaint(
    engine: AudioEngine,
    original: Waveform,
    spans_s: Sequence[tuple[float, float]],
    conditions: Conditions,
    *,
    seed: int,
    sampling: Sampling | None = None,
) -> Waveform:
    """The original with some spans in seconds made anew; every sample outside the spans is the original's own.

    Raises:
        InvalidAudio: a span lies outside the piece, or the original cannot be used.
    """
    known = known_latents(engine, original)
    check_frames(conditions, len(known))
    spans = [_places(span, original) for span in spans_s]
    hop = engine.codec.hop_length
    stays = np.ones(len(known), bool)
    for first, last in spans:
        stays[first // hop : math.ceil(last / hop)] = False
    latents = engine.latents(conditions.with_sound(known, stays=stays), seed=seed, sampling=sampling)
    out = original.samples.copy()
    for first, last in spans:
        start, made = _joined(engine, latents, original, stays, first, last)
        _put(made[:, first - start : last - start], out, first, last)
    return Waveform(out, original.sample_rate)


def extend(
    engine: AudioEngine,
    original: Waveform,
    n_samples: int,
    conditions: Conditions,
    *,
    seed: int,
    sampling: Sampling | None = None,
) -> Waveform:
    """The original and what goes on after it, `n_samples` in all; the original's last SEAM samples are cross-faded.

    Raises:
        InvalidAudio: the original is not shorter than what is asked for, or cannot be used.
    """
    known = known_latents(engine, original)
    there = original.samples.shape[1]
    if n_samples <= there:
        raise InvalidAudio(f"{n_samples} samples are no longer than the {there} that are there; ask for more")
    frames = engine.frames_for(n_samples)
    check_frames(conditions, frames)
    whole = np.zeros((frames, known.shape[1]), np.float32)
    whole[: len(known)] = known
    stays = np.arange(frames) < there // engine.codec.hop_length
    latents = engine.latents(conditions.with_sound(whole, stays=stays), seed=seed, sampling=sampling)
    first = there - SEAM
    start, made = _joined(engine, latents, original, stays, first, n_samples)
    out = np.empty((2, n_samples), np.float32)
    out[:, :there], out[:, first:] = original.samples, made[:, first - start :]
    seam = slice(first, there)
    out[:, seam] = cross_faded(original.samples[:, seam], out[:, seam])
    return Waveform(out, original.sample_rate)


def accompany(
    engine: AudioEngine, original: Waveform, conditions: Conditions, *, seed: int, sampling: Sampling | None = None
) -> Waveform:
    """A further stem, as long as the original, that plays beside it; their sum is the new mix.

    Raises:
        InvalidAudio: the original cannot be used.
    """
    known = known_latents(engine, original)
    check_frames(conditions, len(known))
    latents = engine.latents(conditions.with_sound(known), seed=seed, sampling=sampling)
    return engine.decode(latents, original.samples.shape[1])


def known_latents(engine: AudioEngine, original: Waveform) -> Floats:
    """The latents [T C] of sound that is there.

    Raises:
        InvalidAudio: it is too short, at another rate than the codec's, not stereo, or holds what is no number.
    """
    rate = engine.codec.sample_rate
    if original.sample_rate != rate:
        raise InvalidAudio(f"the sound has {original.sample_rate} samples a second, not {rate}; resample it first")
    if original.samples.ndim != 2 or original.samples.shape[0] != 2:
        raise InvalidAudio(f"the sound is {original.samples.shape}, not stereo [2 N]; give it two channels")
    if not np.isfinite(original.samples).all():
        raise InvalidAudio("the sound holds values that are not numbers; write it again")
    engine.frames_for(original.samples.shape[1])
    return engine.codec.encode(original)


def _joined(
    engine: AudioEngine, latents: Floats, original: Waveform, stays: NDArray[np.bool_], first: int, last: int
) -> tuple[int, Floats]:
    """The sound of samples first..last and of what is around them, [2 n], and where it starts.

    Beside what is new the original itself is kept, so that waves go on where they are.
    """
    hop, total = engine.codec.hop_length, len(latents)
    a, b = max(0, first // hop - AROUND), min(total, math.ceil(last / hop) + AROUND)
    start, end = a * hop, max(last, min(b * hop, original.samples.shape[1]))
    frames = binary_erosion(np.repeat(stays, FRAMES), iterations=AWAY, border_value=1)[FRAMES * a : FRAMES * b]
    kept = Recording(original.samples[:, start:end], frames)
    return start, engine.decode(latents[a:b], end - start, kept=kept).samples


def _places(span_s: tuple[float, float], original: Waveform) -> tuple[int, int]:
    start_s, end_s = span_s
    if not 0.0 <= start_s < end_s <= original.duration_s + 0.5 / original.sample_rate:
        raise InvalidAudio(
            f"{start_s:g} s to {end_s:g} s is no span of a piece of {original.duration_s:g} s; give a start before an "
            "end, both inside it"
        )
    rate = original.sample_rate
    return math.floor(start_s * rate), min(math.ceil(end_s * rate), original.samples.shape[1])


def _put(made: Floats, out: Floats, first: int, last: int) -> None:
    """Write what was made [2 last - first] into a span, cross-faded at borders with what was there."""
    seam = min(SEAM, (last - first) // 2)
    was = out[:, first:last].copy()
    out[:, first:last] = made
    if first > 0:
        out[:, first : first + seam] = cross_faded(was[:, :seam], out[:, first : first + seam])
    if last < out.shape[1] and seam:
        out[:, last - seam : last] = cross_faded(out[:, last - seam : last], was[:, -seam:])
