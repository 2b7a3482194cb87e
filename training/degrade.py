"""What happens to music on its way: rooms, equalisers, noise and lossy codecs; a tower must know it all the same."""

import io

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import fftconvolve

CLEAN = 0.4  # of all clips
CODECS = (("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS"))
_Floats = NDArray[np.float32]


def degraded(samples: _Floats, sample_rate: int, rng: np.random.Generator) -> _Floats:
    """Mono samples [N] as they are, or through one or two of: a room, an equaliser, noise, a codec, a clipped level."""
    if rng.random() < CLEAN:
        return samples
    ways = (room, equaliser, noise, level, codec)
    for i in rng.permutation(len(ways))[: int(rng.integers(1, 3))]:
        samples = ways[i](samples, sample_rate, rng)
    return samples


def room(samples: _Floats, sample_rate: int, rng: np.random.Generator) -> _Floats:
    """More of a room: exponentially decaying noise of 0.2 to 1.2 s beside the dry sound."""
    length = int(sample_rate * rng.uniform(0.2, 1.2))
    tail = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    wet = fftconvolve(samples, tail / np.sqrt(np.sum(tail**2)))[: len(samples)]
    out: _Floats = (samples + rng.uniform(0.1, 0.5) * wet).astype(np.float32)
    return out


def equaliser(samples: _Floats, sample_rate: int, rng: np.random.Generator) -> _Floats:
    """A smooth curve of up to 8 dB, drawn by five points over the octaves."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1.0 / sample_rate)
    at = np.geomspace(60.0, 0.5 * sample_rate, 5)
    gain_db = np.interp(np.log(np.maximum(hz, 1.0)), np.log(at), rng.uniform(-8.0, 8.0, 5))
    out: _Floats = np.fft.irfft(spectrum * 10.0 ** (gain_db / 20.0), len(samples)).astype(np.float32)
    return out


def noise(samples: _Floats, sample_rate: int, rng: np.random.Generator) -> _Floats:
    """White to brownish noise, 15 to 40 dB below the music."""
    spectrum = np.fft.rfft(rng.standard_normal(len(samples)))
    hz = np.maximum(np.fft.rfftfreq(len(samples), 1.0 / sample_rate), 20.0)
    hiss = np.fft.irfft(spectrum * hz ** -rng.uniform(0.0, 1.0), len(samples))
    want = np.sqrt(np.mean(samples**2) + 1e-12) * 10.0 ** (-rng.uniform(15.0, 40.0) / 20.0)
    out: _Floats = (samples + want / np.sqrt(np.mean(hiss**2)) * hiss).astype(np.float32)
    return out


def level(samples: _Floats, sample_rate: int, rng: np.random.Generator) -> _Floats:
    """Another level, and where it is high the soft clipping of a pushed master."""
    out: _Floats = np.tanh(samples * 10.0 ** (rng.uniform(-12.0, 9.0) / 20.0)).astype(np.float32)
    return out


def codec(samples: _Floats, sample_rate: int, rng: np.random.Generator) -> _Floats:
    """There and back through MP3 or Vorbis at some of their lower qualities."""
    file = io.BytesIO()
    form, subtype = CODECS[int(rng.integers(len(CODECS)))]
    peak = max(float(np.abs(samples).max()), 1.0)
    quality = float(rng.uniform(0.6, 0.99))
    soundfile.write(file, samples / peak, sample_rate, format=form, subtype=subtype, compression_level=quality)
    file.seek(0)
    back, _ = soundfile.read(file, dtype="float32")
    out = np.zeros_like(samples)
    out[: len(back)] = peak * back[: len(samples)]
    return out
