"""What can be read off finished audio: length, loudness, peaks, offset and how it ends."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from generators.waveform import Waveform

LAST_S = 0.05
QUIET_DBFS = -50.0
SILENT_DBFS = -60.0
TAIL_BAR_S = 1.5
OVERSAMPLING = 8


@dataclass(frozen=True, slots=True)
class Sound:
    """Measurements of one piece of audio."""

    n_samples: int
    loudness_lufs: float
    true_peak_dbtp: float
    clipped: int  # samples at or beyond full scale
    offset: float  # mean of the worse channel
    last_dbfs: float  # peak of the last 50 ms
    silent_tail_s: float  # from the last sample above SILENT_DBFS to the end

    @property
    def ends_well(self) -> bool:
        """Quiet at the very end, and not for long before."""
        return self.last_dbfs < QUIET_DBFS and self.silent_tail_s <= TAIL_BAR_S


def measured(audio: Waveform) -> Sound:
    """Measure; loudness by pyloudnorm, true peak by eightfold oversampling, neither by the code that mastered."""
    import pyloudnorm

    x, rate = audio.samples, audio.sample_rate
    loud = np.flatnonzero(np.abs(x).max(axis=0) > 10.0 ** (SILENT_DBFS / 20.0))
    after = x.shape[1] - (int(loud[-1]) + 1 if len(loud) else 0)
    return Sound(
        n_samples=x.shape[1],
        loudness_lufs=float(pyloudnorm.Meter(rate).integrated_loudness(x.T.astype(np.float64))),
        true_peak_dbtp=decibels(max(_peaks(audio), default=0.0)),
        clipped=int(np.count_nonzero(np.abs(x) >= 1.0)),
        offset=float(np.max(np.abs(x.mean(axis=1, dtype=np.float64)))),
        last_dbfs=decibels(float(np.abs(x[:, -round(LAST_S * rate) :]).max())),
        silent_tail_s=after / rate,
    )


def decibels(amplitude: float) -> float:
    """Amplitude in dB of full scale; silence is -200."""
    return 20.0 * float(np.log10(max(amplitude, 1e-10)))


def _peaks(audio: Waveform) -> Iterator[float]:
    """Peaks between samples of every second that is loud enough to matter, with a margin on both sides."""
    from scipy import signal

    x, rate, margin = audio.samples, audio.sample_rate, 256
    whole = float(np.abs(x).max(initial=0.0))
    yield whole
    for start in range(0, x.shape[1], rate):
        before, after = min(start, margin), min(margin, max(x.shape[1] - start - rate, 0))
        part = x[:, start - before : start + rate + after].astype(np.float64)
        if float(np.abs(part).max()) > 0.6 * whole:
            fine = np.abs(signal.resample_poly(part, OVERSAMPLING, 1, axis=1))
            yield float(fine[:, before * OVERSAMPLING : fine.shape[1] - after * OVERSAMPLING].max())
