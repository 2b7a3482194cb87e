"""Painted pictures of nothing in particular: their mean says where a model's pictures lie, apart from its texts."""

import numpy as np
from numpy.typing import NDArray

COUNT = 16


def calibration_pictures(size: int, *, count: int = COUNT, seed: int = 0) -> NDArray[np.uint8]:
    """Return pictures [count size size 3]: colours that run into each other under clouds of every coarseness.

    Pictures lie in a narrow cone of CLIP's space whatever they show, noise too (Liang et al. 2022, "Mind the gap",
    section 3), so that a few, unlike each other, are enough to find its middle.
    """
    return np.stack([_painted(size, np.random.default_rng((seed, i))) for i in range(count)])


def _painted(size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    y, x = np.mgrid[:size, :size] / size - 0.5
    angle, softness = rng.uniform(0.0, 2 * np.pi), rng.uniform(0.05, 0.8)
    share = 1.0 / (1.0 + np.exp(-(np.cos(angle) * x + np.sin(angle) * y) / softness * 6.0))
    one, other, cloud = rng.random((3, 3))
    picture = share[..., None] * one + (1.0 - share[..., None]) * other
    cover = rng.uniform(0.1, 0.7) * _clouds(size, rng)[..., None]
    picture = (1.0 - cover) * picture + cover * cloud
    return np.asarray((255.0 * picture).round(), np.uint8)


def _clouds(size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Noise [size size] in 0..1 whose amplitude falls with frequency by a random power, as in natural pictures."""
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None])
    frequency[0, 0] = np.inf
    spectrum = np.fft.rfft2(rng.standard_normal((size, size))) / frequency ** rng.uniform(0.5, 2.0)
    clouds = np.fft.irfft2(spectrum, s=(size, size))
    return np.asarray((clouds - clouds.min()) / max(float(np.ptp(clouds)), 1e-9))
