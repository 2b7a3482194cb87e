"""Painted places for the eyes to learn, since the photographs show objects: skies, seas, woods, lamps, fog and fire."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Canvas = NDArray[np.float64]  # [N N 3], 0..1
Plane = NDArray[np.float64]  # [N N]
Brush = Callable[[np.random.Generator, int], Canvas]


def paint_scene(name: str, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A picture [size size 3] of one of `BRUSHES`.

    Raises:
        KeyError: a scene that nobody can paint.
    """
    canvas = BRUSHES[name](rng, size)
    canvas = canvas * rng.uniform(0.85, 1.1) + rng.uniform(0.0, 0.03) * rng.standard_normal((size, size, 1))
    return (255.0 * canvas.clip(0, 1)).round().astype(np.uint8)


def _field(rng: np.random.Generator, size: int, cells: float, octaves: int = 4) -> Plane:
    """Smooth noise in 0..1, `cells` bumps across, finer and weaker by halves."""
    total, weight = np.zeros((size, size)), 0.0
    for octave in range(octaves):
        n = max(2, round(cells * 2**octave))
        bumps = cv2.resize(rng.random((n, n)), (size, size), interpolation=cv2.INTER_CUBIC)
        total += bumps * 0.5**octave
        weight += 0.5**octave
    return np.asarray((total / weight).clip(0, 1))


def _shade(low: tuple[float, ...], high: tuple[float, ...], share: Plane) -> Canvas:
    return np.asarray(np.array(low) + share[..., None] * (np.array(high) - np.array(low)))


def _rows(size: int) -> Plane:
    return np.repeat(np.linspace(0, 1, size)[:, None], size, axis=1)


def _over(below: Canvas, above: Canvas, mask: Plane) -> Canvas:
    return np.asarray(below + mask[..., None] * (above - below))


def _land(rng: np.random.Generator, size: int, horizon: float, rough: float = 0.08) -> Plane:
    """1 below a hilly skyline."""
    hills = cv2.resize(rng.random((1, int(rng.integers(3, 9)))), (size, 1), interpolation=cv2.INTER_CUBIC)[0]
    edge = horizon + rough * (hills - 0.5)
    return np.asarray(1.0 / (1.0 + np.exp(-(_rows(size) - edge[None]) * 2.0 * size)).clip(1e-9))


def _sky(rng: np.random.Generator, size: int, top: tuple[float, ...], low: tuple[float, ...]) -> Canvas:
    clouds = ((_field(rng, size, 2.5) - rng.uniform(0.45, 0.7)) * 4).clip(0, 1) * rng.uniform(0, 0.9)
    return _over(_shade(top, low, _rows(size)), np.full((size, size, 3), 0.96), clouds)


def _spots(rng: np.random.Generator, size: int, count: int, *, radius: tuple[float, float], below: float) -> Canvas:
    """Coloured lamps in the lower part of a black canvas."""
    out = np.zeros((size, size, 3))
    y, x = np.mgrid[:size, :size]
    for _ in range(count):
        at, wide = (rng.uniform(below, 1) * size, rng.uniform(0, size)), rng.uniform(*radius)
        colour = rng.uniform(0.1, 1, 3)
        colour = colour / colour.max()
        out += np.exp(-((y - at[0]) ** 2 + (x - at[1]) ** 2) / (2 * wide**2))[..., None] * colour
    return out


def _clear_day(rng: np.random.Generator, size: int) -> Canvas:
    sky = _sky(rng, size, (0.2, 0.45, 0.9), (0.65, 0.82, 1.0))
    field = _shade((0.15, 0.4, 0.08), (0.6, 0.78, 0.3), _field(rng, size, 6))
    return _over(sky, field, _land(rng, size, rng.uniform(0.4, 0.75)))


def _beach(rng: np.random.Generator, size: int) -> Canvas:
    sea = _shade((0.05, 0.4, 0.6), (0.3, 0.8, 0.85), _field(rng, size, 4))
    horizon = rng.uniform(0.25, 0.5)
    picture = _over(_sky(rng, size, (0.3, 0.6, 0.95), (0.75, 0.9, 1.0)), sea, _land(rng, size, horizon, 0.0))
    sand = _shade((0.8, 0.68, 0.45), (0.98, 0.9, 0.7), _field(rng, size, 10))
    return _over(picture, sand, _land(rng, size, horizon + rng.uniform(0.12, 0.35), 0.12))


def _sunset(rng: np.random.Generator, size: int) -> Canvas:
    sky = _shade((0.25, 0.1, 0.4), (1.0, 0.55, 0.15), _rows(size) ** rng.uniform(0.5, 1.3))
    y, x = np.mgrid[:size, :size] / size
    horizon = rng.uniform(0.55, 0.8)
    sun = np.exp(-(((y - horizon + rng.uniform(0, 0.2)) ** 2) + (x - rng.random()) ** 2) / rng.uniform(0.002, 0.02))
    bands = ((_field(rng, size, 3) - 0.5) * 3).clip(0, 1) * 0.6
    sky = _over(_over(sky, _shade((0.5, 0.15, 0.2), (0.9, 0.4, 0.3), _rows(size)), bands), sky * 0 + 1.0, sun)
    ground = _shade((0.03, 0.02, 0.05), (0.3, 0.15, 0.12), _field(rng, size, 6))
    return _over(sky, ground, _land(rng, size, horizon))


def _night_city(rng: np.random.Generator, size: int) -> Canvas:
    dark = _shade((0.01, 0.01, 0.04), (0.1, 0.07, 0.16), _rows(size))
    return dark + _spots(
        rng, size, int(rng.integers(15, 60)), radius=(0.007 * size, 0.045 * size), below=rng.uniform(0.1, 0.5)
    )


def _starry_night(rng: np.random.Generator, size: int) -> Canvas:
    sky = _shade((0.0, 0.01, 0.06), (0.06, 0.08, 0.22), _rows(size) * _field(rng, size, 2))
    sky += (rng.random((size, size, 1)) > 1 - rng.uniform(0.003, 0.015)) * rng.uniform(0.4, 1.0, (size, size, 1))
    return _over(sky, np.zeros((size, size, 3)), _land(rng, size, rng.uniform(0.65, 1.0)))


def _snow(rng: np.random.Generator, size: int) -> Canvas:
    sky = _shade((0.6, 0.7, 0.82), (0.85, 0.9, 0.95), _rows(size))
    snow = _shade((0.82, 0.87, 0.95), (1.0, 1.0, 1.0), _field(rng, size, 4))
    picture = _over(sky, snow, _land(rng, size, rng.uniform(0.3, 0.65), 0.25))
    flakes = (rng.random((size, size)) > 1 - rng.uniform(0, 0.02)).astype(np.float64)
    return _over(picture, np.ones((size, size, 3)), cv2.GaussianBlur(flakes, (3, 3), 0.8).clip(0, 1))


def _fog(rng: np.random.Generator, size: int) -> Canvas:
    grey = rng.uniform(0.4, 0.8)
    hills = _land(rng, size, rng.uniform(0.4, 0.7), 0.2) * rng.uniform(0.05, 0.3)
    return _over(_shade((grey,) * 3, (grey + 0.1,) * 3, _field(rng, size, 2)), np.full((size, size, 3), 0.2), hills)


def _storm(rng: np.random.Generator, size: int) -> Canvas:
    sky = _shade((0.05, 0.06, 0.09), (0.45, 0.47, 0.52), _field(rng, size, 2.5) ** 1.5)
    if rng.random() < 0.4:
        x = int(rng.integers(size))
        for y in range(int(0.7 * size)):
            x = int(np.clip(x + rng.integers(-2, 3), 0, size - 1))
            sky[y, x] = 1.0
    return _over(sky, np.full((size, size, 3), 0.05), _land(rng, size, rng.uniform(0.6, 0.9)))


def _fire(rng: np.random.Generator, size: int) -> Canvas:
    rise = _field(rng, size, 3) * 0.9 + _rows(size) * rng.uniform(0.3, 0.8)
    heat = ((rise - rng.uniform(0.4, 0.65)) * 2.5).clip(0, 1)
    return np.stack([(2.2 * heat).clip(0, 1), (1.5 * heat - 0.35).clip(0, 1), (2.0 * heat - 1.4).clip(0, 1)], axis=-1)


def _forest(rng: np.random.Generator, size: int) -> Canvas:
    leaves = _shade((0.03, 0.14, 0.03), (0.4, 0.62, 0.2), _field(rng, size, 8, 5))
    for _ in range(int(rng.integers(2, 9))):
        at, wide = rng.uniform(0, size), rng.uniform(0.01, 0.05) * size
        mask = (np.abs(np.arange(size) - at) < wide)[None].repeat(size, 0) * (_rows(size) > rng.uniform(0, 0.4))
        leaves = _over(leaves, _shade((0.1, 0.07, 0.04), (0.3, 0.2, 0.12), _field(rng, size, 12)), mask.astype(float))
    floor = _shade((0.15, 0.1, 0.04), (0.35, 0.35, 0.12), _field(rng, size, 8))
    return _over(leaves, floor, _land(rng, size, rng.uniform(0.7, 1.0)))


def _underwater(rng: np.random.Generator, size: int) -> Canvas:
    deep = _shade((0.2, 0.7, 0.8), (0.0, 0.1, 0.35), _rows(size) * 0.8 + 0.2 * _field(rng, size, 3))
    rays = cv2.resize(rng.random((1, 14)), (size, 1), interpolation=cv2.INTER_CUBIC)[0].clip(0, 1)
    return np.asarray(deep + (rays[None] * (1 - _rows(size)) * rng.uniform(0, 0.3))[..., None])


def _desert(rng: np.random.Generator, size: int) -> Canvas:
    dunes = _shade((0.6, 0.38, 0.18), (0.95, 0.76, 0.48), _field(rng, size, 3, 3))
    sky = _sky(rng, size, (0.25, 0.5, 0.85), (0.85, 0.85, 0.8))
    return _over(sky, dunes, _land(rng, size, rng.uniform(0.35, 0.7), 0.2))


def _dark_room(rng: np.random.Generator, size: int) -> Canvas:
    y, x = np.mgrid[:size, :size] / size
    light = np.exp(-((y - rng.random()) ** 2 + (x - rng.random()) ** 2) / rng.uniform(0.01, 0.1))
    tint = np.array([1.0, rng.uniform(0.6, 1.0), rng.uniform(0.3, 1.0)])
    walls = _shade((0.0,) * 3, (0.12,) * 3, _field(rng, size, 3))
    return np.asarray(walls + (rng.uniform(0, 0.35) * light)[..., None] * tint)


BRUSHES: dict[str, Brush] = {
    "clear_day": _clear_day,
    "beach": _beach,
    "sunset": _sunset,
    "night_city": _night_city,
    "starry_night": _starry_night,
    "snow": _snow,
    "fog": _fog,
    "storm": _storm,
    "fire": _fire,
    "forest": _forest,
    "underwater": _underwater,
    "desert": _desert,
    "dark_room": _dark_room,
}
