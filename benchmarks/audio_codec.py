"""How well music comes back from the latents of the audio engine, how fast, and in how much memory."""

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import mean, median

import numpy as np
import torch
from torch import Tensor

from benchmarks.audio_context import AudioContext
from benchmarks.reconstruction import (
    LOW_HZ,
    RESOLUTIONS,
    ROUNDS,
    Blemishes,
    Floats,
    blemishes,
    griffin_lim,
    log_spectral_distance,
    low_band_si_sdr,
)
from benchmarks.table import Cell, Section, table, verdict
from generators.audio.codec import AudioCodec
from generators.audio.inverse import Inverse
from generators.audio.kept import PER_LATENT, LowWave
from generators.audio.mel import MelConfig, log_mel
from generators.audio.phase import PhaseWalk
from generators.waveform import Waveform
from training.audio.pool import FULL

SPEED_BAR, MEMORY_BAR_MB = 20.0, 2000.0
THREADS = 2


def measure(context: AudioContext) -> tuple[Section, ...]:
    """Reconstruction of held-out clips next to Griffin-Lim on the same mel; speed; memory."""
    clips = np.asarray(context.held_out.clips[: context.counts.clips], dtype=np.float32) / np.float32(FULL)
    rows, ahead = reconstruction(context.codec, list(clips))
    factor = decode_factor(context.codec, context.counts.speed_s, context.counts.runs)
    peaks = {s: _peak_mb(context.audio, s) for s in sorted({context.counts.speed_s, context.counts.longest_s})}
    return (Section("audio-codec", "Audio codec", told(rows, ahead, len(clips), factor, peaks)),)


def reconstruction(codec: AudioCodec, clips: list[Floats]) -> tuple[list[list[Cell]], tuple[bool, bool]]:
    """Rows of the table, means over clips; is the codec ahead of Griffin-Lim, with its low wave, and without?"""
    ways: dict[str, Callable[[Floats], Floats]] = {
        "codec and vocoder": lambda x: codec.decode(_latents(codec, x), x.shape[1]).samples,
        f"the same, and the low wave, {PER_LATENT} numbers a latent": lambda x: with_low_wave(codec, x),
        f"Griffin-Lim, {ROUNDS} rounds, on the codec's mel": lambda x: griffin_lim(_decoded(codec, x), _mel(codec)),
        "vocoder on the true mel": lambda x: vocoded(codec, _views(codec, x)),
        f"Griffin-Lim, {ROUNDS} rounds, on the true mel": lambda x: griffin_lim(_views(codec, x), _mel(codec)),
        "the original": lambda x: x,
    }
    rows: list[list[Cell]] = []
    figures: list[tuple[float, float]] = []
    for name, way in ways.items():
        made = [way(clip)[:, : clip.shape[1]] for clip in clips]
        pairs = list(zip(made, clips, strict=True))
        distance = mean(log_spectral_distance(m, c) for m, c in pairs)
        low = mean(min(low_band_si_sdr(m, c, codec.sample_rate), 99.0) for m, c in pairs)
        marks = [blemishes(m, _mel(codec)) for m in made]
        figures.append((-distance, low))
        rows.append([name, distance, low, *_means(marks)])
        print(rows[-1], flush=True)
    alone, lows, guessed, true, guessed_true = figures[:5]
    return rows, (_ahead(lows, guessed), _ahead(alone, guessed) and _ahead(true, guessed_true))


def _ahead(own: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(a > b for a, b in zip(own, other, strict=True))


def with_low_wave(codec: AudioCodec, clip: Floats) -> Floats:
    """A clip [2 N] from its latents and the wave of its lowest band."""
    return codec.decode(_latents(codec, clip), clip.shape[1], kept=LowWave.of(clip, _mel(codec))).samples


@torch.inference_mode()
def vocoded(codec: AudioCodec, views: Tensor) -> Floats:
    """The vocoder's sound of views [3 bands F], [2 F hop]."""
    inverse = Inverse(_mel(codec))
    first = inverse.push(PhaseWalk(codec.vocoder.config).along(codec.vocoder(views[None])))
    sound: Floats = torch.cat([first, inverse.finish()], dim=1).numpy()
    return sound


def decode_factor(codec: AudioCodec, seconds: float, runs: int) -> float:
    """Seconds of sound made in one second, median of runs, on THREADS threads and warm."""
    latents = _noise(codec, seconds)
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    taken = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        for _piece in codec.decode_stream(latents, len(latents) * codec.hop_length):
            pass
        taken.append(time.perf_counter() - began)
    torch.set_num_threads(before)
    return seconds / median(taken[1:])


def told(rows: list[list[Cell]], ahead: tuple[bool, bool], clips: int, factor: float, peaks: dict[float, float]) -> str:
    """The section's text."""
    memory = ", ".join(f"{mb:.0f} MB for {s:.0f} s" for s, mb in peaks.items())
    resolutions = ", ".join(str(r) for r in RESOLUTIONS)
    return (
        f"{clips} clips of 8.2 s, rendered in stereo at 44.1 kHz from pieces of the held-out split. LSD: log-spectral "
        f"distance in dB, mean over windows of {resolutions} samples, left and right, down to -80 dB. SI-SDR: of the "
        f"middle below {LOW_HZ:.0f} Hz, in dB, as a wave; a mel holds no phase, so that latents alone have none. The "
        "low wave: what the codec tells of a recording beside its latents; music that is made anew has no wave to be "
        "true to. "
        "Between partials: the quiet quarter of bins below 2 kHz under the loudest hundredth, in dB. Clicks: steepness "
        "at the worst place within a hop over that of all places. Buzz: level at multiples of the frame rate over that "
        "half-way between, in dB; both are to be read against the original's.\n\n"
        + table(["", "LSD", "SI-SDR low band", "between partials", "clicks", "buzz"], rows)
        + f"\nBar: ahead of Griffin-Lim on the same mel in both figures: {verdict(met=ahead[0])} with the low wave, "
        f"{verdict(met=ahead[1])} from latents or a mel alone. "
        f"Decoding runs at {factor:.1f} x real time on {THREADS} threads (bar {SPEED_BAR:.0f}: "
        f"{verdict(met=factor >= SPEED_BAR)}). Peak memory of a process that decodes as a stream: {memory} "
        f"(bar {MEMORY_BAR_MB:.0f} MB: {verdict(met=max(peaks.values()) <= MEMORY_BAR_MB)}).\n"
    )


def _means(marks: list[Blemishes]) -> list[float]:
    return [mean(getattr(m, name) for m in marks) for name in ("between_db", "click_ratio", "buzz_db")]


def _mel(codec: AudioCodec) -> MelConfig:
    return codec.vae.config.mel


def _latents(codec: AudioCodec, clip: Floats) -> Floats:
    return codec.encode(Waveform(clip, codec.sample_rate))


@torch.inference_mode()
def _decoded(codec: AudioCodec, clip: Floats) -> Tensor:
    return codec.vae.decode(codec.vae.colour(torch.from_numpy(_latents(codec, clip).T)[None]))[0]


def _views(codec: AudioCodec, clip: Floats) -> Tensor:
    return log_mel(torch.from_numpy(clip), codec.vae.config.mel)


def _noise(codec: AudioCodec, seconds: float) -> Floats:
    count = round(seconds * codec.sample_rate / codec.hop_length)
    return np.random.default_rng(0).standard_normal((count, codec.channels)).astype(np.float32)


def _peak_mb(folder: Path, seconds: float) -> float:
    """Peak memory of a fresh process that decodes so many seconds."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(decode_alone, folder, seconds).result()


def decode_alone(folder: Path, seconds: float) -> float:
    """Decode noise as a stream in this process; its peak memory in MB."""
    import resource

    codec = AudioCodec.load(folder)
    latents = _noise(codec, seconds)
    count = sum(p.shape[1] for p in codec.decode_stream(latents, len(latents) * codec.hop_length))
    if count != len(latents) * codec.hop_length:
        raise RuntimeError(f"{count} samples came out of {len(latents)} latents")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
