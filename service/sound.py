"""What a take is written with: the music alone, or the music under what the video already sounds like."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from generators.waveform import Waveform
from service.media.duck import ducked_under
from service.media.probe import probe
from service.media.reading import read_audio

if TYPE_CHECKING:
    from generators.render.render import Mix


@dataclass(frozen=True)
class Sound:
    """Samples as they are written, and what they measure; both are -inf for silence."""

    wave: Waveform
    loudness_lufs: float
    true_peak_dbtp: float


def alone(mix: "Mix") -> Sound:
    """The music by itself, which is at its loudness already."""
    return Sound(mix.mix, mix.loudness_lufs, mix.true_peak_dbtp)


def under_video(mix: "Mix", video: Path, *, lufs: float) -> Sound:
    """The music, stepping back, under a video's own sound; alone where the video has none."""
    if probe(video).audio_codec is None:
        return alone(mix)
    original = read_audio(video, sample_rate=mix.mix.sample_rate, max_duration_s=mix.mix.duration_s)
    return levelled(ducked_under(original, mix.mix), lufs=lufs)


def levelled(wave: Waveform, *, lufs: float) -> Sound:
    """A mixture at its loudness, its true peak below -1 dBTP, measured after both; silence stays silence."""
    from generators.render.master import HOP, Target, apply_curve, master
    from generators.render.render import true_peak_dbtp

    samples = wave.samples.copy()
    points = -(-samples.shape[1] // HOP) + 1
    mastering = master(samples, wave.sample_rate, Target(lufs, glue_db=0.0, loop=False), np.ones(points))
    apply_curve(samples, mastering.curve)
    return Sound(Waveform(samples, wave.sample_rate), mastering.loudness_lufs, true_peak_dbtp(samples))
