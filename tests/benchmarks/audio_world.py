"""A stage as the audio engine's measurements have it: a tiny engine, plucked clips, and judges that hear bands."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.audio_distance import CLAP, TAGGER, Ears
from benchmarks.audio_sung import Stage
from encoders.clap import Clap, ClapConfig, ClapNet
from generators.audio.engine import AudioEngine
from generators.score.controls import WIDTHS
from generators.score.score import ROLES, Role
from generators.waveform import Waveform
from tests.generators.audio.worlds import DIM, LevelCodec, tiny_net
from training.audio.aligned import FULL, SAMPLE_RATE, Aligned

FRAMES = 86  # 4 s
CONTROLS = sum(WIDTHS.values())


def bands(sound: Waveform) -> NDArray[np.float32]:
    """Where a sound lies: where its energy does [DIM], at unit length."""
    power = np.abs(np.fft.rfft(sound.samples.mean(axis=0))) ** 2
    levels = np.log1p([part.sum() for part in np.array_split(power[: len(power) // 4], DIM)])
    unit: NDArray[np.float32] = (levels / max(float(np.linalg.norm(levels)), 1e-9)).astype(np.float32)
    return unit


def judges() -> Ears:
    """Both distances, heard by the same ears: in the halves of a sound, and in the whole."""

    def halves(sound: Waveform) -> NDArray[np.float32]:
        parts = np.array_split(sound.samples, 2, axis=1)
        return np.stack([bands(Waveform(part, sound.sample_rate)) for part in parts])

    return Ears({TAGGER: halves, CLAP: lambda sound: bands(sound)[None]})


def plucked(pitch: int) -> Aligned:
    """Four seconds of one note, twice a second."""
    times = np.arange(0.5, 3.6, 0.5)
    sound = np.zeros(FRAMES * 2048, np.float32)
    t = np.arange(SAMPLE_RATE // 4) / SAMPLE_RATE
    pluck = 0.5 * np.sin(2 * np.pi * 440.0 * 2 ** ((pitch - 69) / 12) * t) * np.exp(-40.0 * t)
    for at in (times * SAMPLE_RATE).astype(int):
        sound[at : at + len(pluck)] += pluck[: len(sound) - at]
    notes = np.array([(ROLES.index(Role.LEAD), t, 0.2, pitch, 100) for t in times], np.float32)
    mix = np.round(np.stack([sound, sound]) * FULL).astype(np.int16)
    bars = np.array([(0.0, 2.0, 16), (2.0, 4.0, 16)])
    point = np.eye(DIM, dtype=np.float32)[pitch % DIM]
    controls, name = np.zeros((2, CONTROLS), np.float32), f"note {pitch}"
    return Aligned(mix, mix, 0, notes, bars, controls, "4/4", point, name, "lofi", 0)


def small_stage(*, clips: int = 8, strides: bool = False) -> Stage:
    """A tiny engine and clips; their captions lie where the clips do."""
    clap = Clap(ClapNet(ClapConfig(dim=DIM, width=8)), [])
    engine = AudioEngine(LevelCodec(), tiny_net(strides=strides))
    stage = Stage(engine, clap, [plucked(60 + 2 * i) for i in range(clips)])
    stage.__dict__["captions"] = [clip.clap for clip in stage.clips]  # else read by the sentence encoder
    return stage
