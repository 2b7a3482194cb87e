"""How fast and how large the audio engine is, beside MusicGen-small's architecture in the same run."""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import torch

from benchmarks.audio_context import AudioContext
from benchmarks.speed import peak_mb
from benchmarks.table import Cell, Section, table, verdict
from generators.audio.conditions import Conditions, conditions
from generators.audio.engine import AudioEngine, sampling_for

if TYPE_CHECKING:
    from transformers import MusicgenConfig

THREADS = 2
SHORT_S, MUSICGEN_S = 10.0, 2.0  # of MusicGen only the beginning is waited for: later tokens take longer
SAMPLER_BAR, MEMORY_BAR_MB = 2.0, 2000.0
TOKENS_A_SECOND = 50  # of MusicGen's codec


@dataclass(frozen=True, slots=True)
class Pace:
    """Of one piece: its length, the seconds that the sampler and the decoder took, and the process's peak memory."""

    length_s: float
    sampler_s: float
    decoder_s: float
    peak_mb: float


def measure(context: AudioContext) -> tuple[Section, ...]:
    """Each length in a process of its own; MusicGen's architecture with random weights, whose speed is the same."""
    lengths = sorted({SHORT_S, context.counts.speed_s, context.counts.longest_s})
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=1) as alone:
        paces = [alone.submit(run_engine, context.audio, s, context.counts.runs).result() for s in lengths]
        musicgen_s, musicgen_mb = alone.submit(run_musicgen).result()
    short, longest = paces[0], paces[-1]
    rows: list[list[Cell]] = [
        [f"audio engine, {p.length_s:.0f} s", p.sampler_s, p.decoder_s, _factor(p), p.peak_mb] for p in paces
    ]
    pace = MUSICGEN_S / musicgen_s
    rows.append([f"MusicGen-small's architecture, {MUSICGEN_S:.0f} s", musicgen_s, None, pace, musicgen_mb])
    sampler = longest.length_s / longest.sampler_s
    bars: list[list[Cell]] = [
        ["sampler, times real time", sampler, f"at least {SAMPLER_BAR:g}", sampler >= SAMPLER_BAR],
        [
            f"peak memory for {longest.length_s:.0f} s, MB",
            longest.peak_mb,
            f"at most {MEMORY_BAR_MB:.0f}",
            longest.peak_mb <= MEMORY_BAR_MB,
        ],
    ]
    steps = sampling_for(AudioEngine.load(context.audio).net, free=True).steps
    times = _factor(short) / pace
    text = (
        f"{THREADS} threads, told a CLAP point alone, in {steps} steps, the default for that; each row in a process of "
        f"its own, median of {context.counts.runs}. MusicGen-small (Copet et al. 2023) as `transformers` builds it "
        f"from its published sizes, random weights, greedy, the first {MUSICGEN_S:g} s of a clip, which come fastest: "
        f"the engine is {times:.0f} times as fast. Bars: {verdict(met=all(bool(row[-1]) for row in bars))}.\n\n"
    )
    header = ["what", "sampler, s", "decoder, s", "x real time", "peak MB"]
    body = text + table(header, rows) + "\n" + table(["what", "measured", "bar", "met"], bars)
    return (Section("audio-speed", "Audio engine: speed and memory", body),)


def run_engine(audio: Path, length_s: float, runs: int) -> Pace:
    """Make so many seconds, of this process; a short piece warms it up."""
    torch.set_num_threads(THREADS)
    engine = AudioEngine.load(audio)
    sampler, decoder = [], []
    for seed, seconds in enumerate([2.0, *[length_s] * (runs if length_s <= 60.0 else 1)]):
        n_samples = round(seconds * engine.codec.sample_rate)
        told = _pointed(engine, engine.frames_for(n_samples))
        start = time.perf_counter()
        latents = engine.latents(told, seed=seed)
        middle = time.perf_counter()
        engine.decode(latents, n_samples)
        sampler.append(middle - start)
        decoder.append(time.perf_counter() - middle)
    return Pace(length_s, median(sampler[1:]), median(decoder[1:]), peak_mb())


def run_musicgen() -> tuple[float, float]:
    """Seconds and peak megabytes for MUSICGEN_S by MusicGen-small's architecture with random weights."""
    from transformers import MusicgenForConditionalGeneration

    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    model = MusicgenForConditionalGeneration(musicgen_small()).eval()
    words = torch.randint(0, 32_000, (1, 12))
    tokens = round(MUSICGEN_S * TOKENS_A_SECOND)
    settings = {"do_sample": False, "guidance_scale": 3.0, "pad_token_id": 2048, "decoder_start_token_id": 2048}
    with torch.inference_mode():
        model.generate(input_ids=words, max_new_tokens=8, min_new_tokens=8, **settings)
        start = time.perf_counter()
        model.generate(input_ids=words, max_new_tokens=tokens + 4, min_new_tokens=tokens + 4, **settings)
    return time.perf_counter() - start, peak_mb()


def musicgen_small() -> "MusicgenConfig":
    """The published sizes: T5 base, a decoder of 24 layers of 1024, EnCodec at 32 kHz with four codebooks."""
    from transformers import EncodecConfig, MusicgenConfig, MusicgenDecoderConfig, T5Config

    text = T5Config(d_model=768, d_ff=3072, num_layers=12, num_heads=12, d_kv=64, vocab_size=32_128)
    sound = EncodecConfig(
        sampling_rate=32_000,
        audio_channels=1,
        num_filters=64,
        upsampling_ratios=[8, 5, 4, 4],
        codebook_size=2048,
        codebook_dim=128,
        hidden_size=128,
        target_bandwidths=[2.2],
        use_causal_conv=False,
        use_conv_shortcut=False,
        normalize=False,
    )
    decoder = MusicgenDecoderConfig(
        vocab_size=2048, hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, ffn_dim=4096, num_codebooks=4
    )
    return MusicgenConfig(text_encoder=text.to_dict(), audio_encoder=sound.to_dict(), decoder=decoder.to_dict())


def _pointed(engine: AudioEngine, frames: int) -> Conditions:
    point = np.full(engine.net.config.embedding - 1, 0.1, np.float32)
    return conditions({}, {}, point, frames=frames, channels=engine.codec.channels)


def _factor(pace: Pace) -> float:
    return pace.length_s / (pace.sampler_s + pace.decoder_s)
