"""Onsets of rendered audio: spectral flux by librosa, at a hop fine enough for a frame of film."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generators.waveform import Waveform

HOP = 256  # 5.8 ms at 44.1 kHz
WINDOW = 1024
BANDS = 64
THRESHOLD_DB = 1.0  # mean rise over all bands above its surroundings; not relative to the loudest hit of the piece
REACH_S = 0.0417  # a frame of film: what counts as at the cut
ACCENT_REACH_S = 0.25  # where the accent of a cut is looked for
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Onsets:
    """Flux [F] at `times_s` [F], and the times [K] of its peaks."""

    flux: Floats
    times_s: Floats
    peaks_s: Floats

    def nearest_s(self, at_s: float) -> float:
        """Distance to the nearest peak; infinite without any."""
        return float(np.min(np.abs(self.peaks_s - at_s), initial=np.inf))

    def strongest_s(self, at_s: float, reach_s: float = ACCENT_REACH_S) -> float:
        """Distance to the strongest flux around a time."""
        near = np.flatnonzero(np.abs(self.times_s - at_s) <= reach_s)
        return float(abs(self.times_s[near[np.argmax(self.flux[near])]] - at_s)) if len(near) else np.inf

    def strength(self, at_s: float, reach_s: float = REACH_S) -> float:
        """The highest flux within reach of a time."""
        return float(np.max(self.flux[np.abs(self.times_s - at_s) <= reach_s], initial=0.0))


def onsets(audio: Waveform) -> Onsets:
    """Log-mel flux with centred windows, and its peaks without backtracking (Boeck and Widmer 2013, in librosa)."""
    import librosa
    from librosa.onset import onset_detect, onset_strength

    rate = audio.sample_rate
    mono = audio.samples.mean(axis=0)
    mel = librosa.feature.melspectrogram(y=mono, sr=rate, n_fft=WINDOW, hop_length=HOP, n_mels=BANDS, fmin=30.0)
    flux = onset_strength(
        S=librosa.power_to_db(mel, top_db=80.0), sr=rate, hop_length=HOP, n_fft=WINDOW, lag=2, max_size=3
    )
    peaks = onset_detect(
        onset_envelope=flux, sr=rate, hop_length=HOP, backtrack=False, normalize=False, delta=THRESHOLD_DB
    )
    times = librosa.times_like(flux, sr=rate, hop_length=HOP)
    return Onsets(np.asarray(flux, np.float64), np.asarray(times, np.float64), times[peaks].astype(np.float64))


def beat_tempo(audio: Waveform) -> float:
    """Tempo that librosa's beat tracker hears; 0 where it hears none."""
    import librosa
    from librosa.beat import beat_track

    mono = librosa.resample(audio.samples.mean(axis=0), orig_sr=audio.sample_rate, target_sr=22050)
    return float(np.atleast_1d(beat_track(y=mono, sr=22050)[0])[0])
