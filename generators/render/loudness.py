"""How loud a sound is: K-weighted level (ITU-R BS.1770) of its loudest moment."""

import numpy as np
from numpy.typing import NDArray

from generators.render.tone import Spectrum, high_pass, shelf

MOMENT_S = 0.4
#: Every note of the bank at full layer has this K-weighted level, so that palettes speak in plain decibels.
NOTE_LEVEL_DB = -20.0


def moment_level_db(samples: NDArray[np.float32], rate: int) -> float:
    """K-weighted level in dB of the loudest 400 ms of [C N]; about LUFS for a stereo sound. -120 for silence."""
    from scipy import fft

    window = int(MOMENT_S * rate)
    frames = min(samples.shape[1], 2 * rate)  # notes are loudest near their start
    size = fft.next_fast_len(frames + window, real=True)
    spectrum: Spectrum = fft.rfft(samples[:, :frames], size, axis=1)
    hz = np.arange(spectrum.shape[1]) * (rate / size)
    shaped: Spectrum = spectrum * high_pass(hz, 38.0) * shelf(hz, 2800.0, 0.0, 4.0)
    weighted = fft.irfft(shaped, size, axis=1)
    power = np.concatenate([np.zeros(1), np.cumsum(np.sum(weighted.astype(np.float64) ** 2, axis=0))])
    loudest = float(np.max(power[window:] - power[:-window])) / window
    return float(10.0 * np.log10(max(loudest, 1e-12)) - 0.691)
