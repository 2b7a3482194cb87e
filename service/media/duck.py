"""Music under the sound that a video already has: lowered where somebody speaks or something sounds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generators.waveform import Waveform


@dataclass(frozen=True, slots=True)
class DuckConfig:
    """How far and how fast the music steps back."""

    depth_db: float = 12.0
    threshold_db: float = -45.0  # speech-band level where the music starts to step back
    full_db: float = -30.0  # level where it has stepped back all the way
    look_ahead_s: float = 0.15  # the music is down before the first syllable
    attack_s: float = 0.08
    release_s: float = 0.6
    hop_s: float = 0.01


def ducked_under(original: Waveform, music: Waveform, config: DuckConfig | None = None) -> Waveform:
    """The plain sum of the original sound and the lowered music, as long as the music, at one sample rate for both."""
    config = config or DuckConfig()
    if original.sample_rate != music.sample_rate:
        raise ValueError(f"sound at {original.sample_rate} Hz cannot go over music at {music.sample_rate} Hz")
    length = music.samples.shape[1]
    over = np.zeros_like(music.samples)
    over[:, : original.samples.shape[1]] = original.samples[:, :length]
    gain = duck_gain(Waveform(over, music.sample_rate), config).astype(np.float32)
    return Waveform(over + music.samples * gain, music.sample_rate)


def duck_gain(original: Waveform, config: DuckConfig) -> NDArray[np.float64]:
    """The music's gain [N], 1 where the original is silent, `-depth_db` where it speaks."""
    hop = round(config.hop_s * original.sample_rate)
    level_db = _speech_level_db(original, hop)
    amount = np.clip((level_db - config.threshold_db) / (config.full_db - config.threshold_db), 0.0, 1.0)
    ahead = round(config.look_ahead_s / config.hop_s)
    padded = np.concatenate([amount, np.zeros(ahead)])
    early = np.lib.stride_tricks.sliding_window_view(padded, ahead + 1).max(axis=1)
    smooth = _follow(early, config)
    at = (np.arange(len(smooth)) + 0.5) * hop
    gain_db = -config.depth_db * np.interp(np.arange(original.samples.shape[1]), at, smooth)
    return np.asarray(10.0 ** (gain_db / 20.0))


def _speech_level_db(original: Waveform, hop: int) -> NDArray[np.float64]:
    from scipy.signal import butter, sosfilt

    mono = original.samples.mean(axis=0, dtype=np.float64)
    nyquist = original.sample_rate / 2
    band = sosfilt(butter(2, [200 / nyquist, min(4000 / nyquist, 0.99)], btype="band", output="sos"), mono)
    hops = -(-len(band) // hop)
    power = np.square(np.pad(band, (0, hops * hop - len(band)))).reshape(hops, hop).mean(axis=1)
    return np.asarray(10.0 * np.log10(power + 1e-12))


def _follow(amount: NDArray[np.float64], config: DuckConfig) -> NDArray[np.float64]:
    attack = np.exp(-config.hop_s / config.attack_s)
    release = np.exp(-config.hop_s / config.release_s)
    out = np.empty_like(amount)
    state = 0.0
    for i, target in enumerate(amount):
        keep = attack if target > state else release
        state = keep * state + (1.0 - keep) * target
        out[i] = state
    return out
