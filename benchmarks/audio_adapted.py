"""What additions to the audio flow do: taught held-out clips through an old telephone, heard on other clips."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

from benchmarks.audio_context import AudioContext
from benchmarks.audio_score import Heard, heard
from benchmarks.audio_sung import Stage, played
from benchmarks.table import Cell, Section, table
from generators.audio.conditions import CURVES, FOLLOWED, Conditions, Follow, conditions
from generators.audio.engine import AudioEngine
from generators.audio.own import load_own
from generators.waveform import Waveform
from training.audio import flow
from training.audio.__main__ import read
from training.audio.aligned import Aligned
from training.audio.latents import told_of, tuning_of_clip

BAND_HZ = (350.0, 3200.0)  # of the telephone
IN_HZ, OUT_HZ = (300.0, 3400.0), (200.0, 5000.0)  # what is compared: within these, and below and above those
DRIVE, LEVEL, LONGEST = 4.0, 0.35, 362_000
RANK = 8
Rows = dict[str, list[tuple[Heard, float]]]


def measure(context: AudioContext) -> tuple[Section, ...]:
    """Adapt the engine as its command line does, and listen to it told more or less of a score."""
    counts = context.counts
    stage = Stage.of(context, clips=counts.recordings + counts.clips)
    taught, others = stage.clips[: counts.recordings], stage.clips[counts.recordings :]
    with TemporaryDirectory() as folder:
        work = Path(folder)
        record(taught, work / "phone")
        losses = adapt(context, work, minutes=counts.adapted_minutes)
        own = load_own(work / "run", context.audio)
    said = (
        f"{len(taught)} held-out clips of 8.2 s, made to sound like an old telephone, with captions: "
        f"`training.audio flow --audio FOLDER --lora {RANK} --float32 --minutes {counts.adapted_minutes:g}`. Held-out "
        f"loss on such clips: {losses['before']:.3f} before, {losses['after']:.3f} after. Below: {len(others)} other "
        "clips, means; how loud 300 to 3400 Hz are over all below 200 and above 5000 Hz; notes against the score, "
        "chroma against the sampled rendering. The product tells an adapted engine the notes alone.\n\n"
    )
    header = ["sound", "onset F1", "chroma correlation", "telephone's band, dB"]
    return (Section("audio-adapted", "Audio engine: another sound", said + table(header, rows(stage, own, others))),)


def record(clips: Sequence[Aligned], folder: Path) -> None:
    """Write clips as recordings of a telephone, each with its caption beside it."""
    folder.mkdir(parents=True)
    for i, clip in enumerate(clips):
        sound = telephone(played(clip))
        soundfile.write(folder / f"{i:03}.wav", sound.samples[:, :LONGEST].T, sound.sample_rate)
        (folder / f"{i:03}.txt").write_text(f"{clip.caption} Through an old telephone.", encoding="utf-8")


def telephone(sound: Waveform) -> Waveform:
    """In its band, in mono, overdriven, and always as loud."""
    mono = sosfilt(butter(6, BAND_HZ, "bandpass", fs=sound.sample_rate, output="sos"), sound.samples.mean(axis=0))
    mono = LEVEL * np.tanh(DRIVE * mono / (np.abs(mono).max() + 1e-6))
    return Waveform(np.stack([mono, mono]).astype(np.float32), sound.sample_rate)


def adapt(context: AudioContext, work: Path, *, minutes: float) -> dict[str, float]:
    """Train additions on `work/phone` into `work/run`; the held-out loss before and after."""
    asked = ["flow", "--audio", work / "phone", "--lora", RANK, "--float32", "--minutes", minutes]
    asked += ["--start", context.audio / "flow.safetensors", "--codec", context.audio]
    asked += ["--clap", context.bundle / "clap.safetensors", "--pool", work / "pool", "--latents", work / "latents"]
    flow.run(read([str(word) for word in [*asked, "--run", work / "run", "--seed", context.seed]]))
    losses: dict[str, float] = json.loads((work / "run" / "metrics.json").read_text(encoding="utf-8"))
    return losses


def rows(stage: Stage, own: AudioEngine, clips: Sequence[Aligned]) -> list[list[Cell]]:
    """A row for each way to make the music of the clips."""
    ways: dict[str, Callable[[Aligned, int], Waveform]] = {
        "sampled rendering": lambda clip, _: played(clip),
        "the same through the telephone": lambda clip, _: telephone(played(clip)),
        "the bundle's engine, whole score": lambda clip, i: sung(stage.engine, clip, Follow.SCORE, seed=i),
        "adapted, whole score": lambda clip, i: sung(own, clip, Follow.SCORE, seed=i),
        "adapted, notes alone": lambda clip, i: sung(own, clip, Follow.NOTES, seed=i),
        "adapted, nothing of the score": lambda clip, i: sung(own, clip, Follow.NOTHING, seed=i),
    }
    found: Rows = {}
    for i, clip in enumerate(clips):
        for name, way in ways.items():
            sound = way(clip, i)
            found.setdefault(name, []).append((heard(sound, clip, played(clip)), band_db(sound)))
    return [
        [name, *(mean(c) for c in zip(*((h.f1, h.chroma, db) for h, db in f), strict=True))]
        for name, f in found.items()
    ]


def sung(engine: AudioEngine, clip: Aligned, follow: Follow, *, seed: int) -> Waveform:
    """What an engine makes of a clip's curves, the point of its sound, and what it follows of its score."""
    frames = clip.mix.shape[1] // engine.codec.hop_length
    told, tuned = followed(engine, clip, follow, frames=frames), follow in (Follow.SCORE, Follow.NOTES)
    tuning = tuning_of_clip(clip, engine.timbres, frames=frames) if tuned else None
    return engine.generate(told, frames * engine.codec.hop_length, seed=seed, tuning=tuning)


def followed(engine: AudioEngine, clip: Aligned, follow: Follow, *, frames: int) -> Conditions:
    """The conditions of a clip, without what is not followed."""
    values, masks = told_of(clip, clip.performance(), frames, engine.timbres)
    told = {name: value for name, value in values.items() if name in CURVES or name in FOLLOWED[follow]}
    kept = {name: mask for name, mask in masks.items() if name in told}
    return conditions(told, kept, clip.clap, frames=frames, channels=engine.codec.channels)


def band_db(sound: Waveform) -> float:
    """How loud the telephone's band is over all that a telephone takes away, dB."""
    power = np.abs(np.fft.rfft(sound.samples.mean(axis=0))) ** 2
    hz = np.fft.rfftfreq(sound.samples.shape[1], 1.0 / sound.sample_rate)
    inside, outside = (hz > IN_HZ[0]) & (hz < IN_HZ[1]), (hz < OUT_HZ[0]) | (hz > OUT_HZ[1])
    return float(10.0 * np.log10((power[inside].sum() + 1e-12) / (power[outside].sum() + 1e-12)))
