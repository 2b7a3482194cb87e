"""Eight small scenes, each a function from its own time 0..1 to a picture; everything is drawn from formulas."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]  # [H W 3] in 0..1
Scene = Callable[["Canvas", float], Picture]


@dataclass(frozen=True)
class Canvas:
    """The picture's size and its coordinates: x in -aspect..aspect, y in -1 (top)..1 (bottom)."""

    width: int = 960
    height: int = 540

    @property
    def x(self) -> Picture:
        """Horizontal coordinate [1 W]."""
        aspect = self.width / self.height
        return np.linspace(-aspect, aspect, self.width, dtype=np.float32)[None, :]

    @property
    def y(self) -> Picture:
        """Vertical coordinate [H 1]."""
        return np.linspace(-1, 1, self.height, dtype=np.float32)[:, None]

    def noise(self, seed: int, cells: int, *, octaves: int = 4, shift: float = 0.0) -> Picture:
        """Smooth noise [H W] in about 0..1 that drifts to the left as `shift` (in cells) grows."""
        out = np.zeros((self.height, self.width), np.float32)
        for octave in range(octaves):
            n = cells * 2**octave
            rng = np.random.default_rng(seed + octave)
            wide = rng.random((n, 4 * n), dtype=np.float32)
            scale = self.width / (2 * n)
            warp = np.array([[scale, 0, -shift * 2**octave * scale], [0, self.height / n, 0]], np.float32)
            size = (self.width, self.height)
            out += cv2.warpAffine(wide, warp, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP) * 0.5**octave
        return out / (2 - 0.5 ** (octaves - 1))


def blend(low: Picture, high: Picture, amount: Picture) -> Picture:
    """From colour `low` to colour `high` by amounts [H W]."""
    a = np.clip(amount, 0, 1)[..., None]
    return low * (1 - a) + high * a


def colour(*hexes: str) -> list[Picture]:
    """Colours from hex strings."""
    return [np.array([int(h[i : i + 2], 16) for i in (0, 2, 4)], np.float32) / 255 for h in hexes]


def smooth(x: Picture | float, low: float, high: float) -> Picture:
    """A soft step from 0 at `low` to 1 at `high`."""
    t = np.clip((np.asarray(x, np.float32) - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _glow(c: Canvas, x: float, y: float, radius: float) -> Picture:
    return np.exp(-((c.x - x) ** 2 + (c.y - y) ** 2) / radius**2)


def sunrise(c: Canvas, t: float) -> Picture:
    """The sun comes up over the sea and lays a path of light on it."""
    night, violet, peach, gold, sea = colour("141b41", "5a3d7a", "f08a5d", "ffe1a1", "0d2b45")
    up = c.y * np.ones_like(c.x)
    sky = blend(blend(night, violet, smooth(up, -1.1, -0.2)), peach, smooth(up, -0.55, 0.28) * (0.35 + 0.65 * t))
    clouds = c.noise(3, 3, shift=0.35 * t)
    sky = blend(sky, gold, smooth(clouds, 0.52, 0.75) * smooth(up, -0.9, 0.2) * (0.15 + 0.5 * t))
    sun_y = 0.34 - 0.42 * t
    sky = sky + gold * (0.9 * _glow(c, 0.25, sun_y, 0.55) * (0.3 + 0.7 * t))[..., None]
    disc = smooth(-np.hypot(c.x - 0.25, c.y - sun_y), -0.17, -0.155)
    sky = np.minimum(sky, 0.96) + 0.3 * disc[..., None]
    depth = np.clip((c.y - 0.25) / 0.75, 1e-3, 1)
    ripple = np.sin(26 / (depth + 0.06) + 9 * t + 3 * np.sin(c.x * 3 / (depth + 0.2)))
    ripple = ripple + 0.7 * np.sin(c.x * 22 / (depth + 0.3) + 14 * t + 40 * depth)
    water = blend(sea, peach * 0.8, 0.18 + 0.14 * ripple * (1 - depth) + 0.2 * t * (1 - depth))
    path = np.exp(-(((c.x - 0.25) / (0.09 + 0.45 * depth)) ** 2)) * smooth(ripple, 0.1, 1.2)
    water = water + gold * (path * (0.25 + 0.75 * t))[..., None]
    return np.where((c.y > 0.25)[..., None], water, sky)


def forest(c: Canvas, t: float) -> Picture:
    """A walk past layers of trees with light falling through."""
    mist, far, near = colour("d9e7b8", "7fae7a", "10261b")
    out = blend(mist, far, smooth(c.noise(21, 3, shift=0.2 * t), 0.3, 0.8) * 0.6 + 0 * c.x)
    shafts = smooth(np.sin((c.x * 1.6 + c.y * 0.9) * 4 + 0.8 * t) + c.noise(8, 4) * 0.8, 0.5, 1.6)
    for layer in range(5):
        near_by = (layer + 1) / 5
        rng = np.random.default_rng(40 + layer)
        shade = blend(far, near, np.full((1, 1), near_by**0.8, np.float32))[0, 0]
        mask = np.zeros((c.height, c.width), np.float32)
        for k in range(16 - 2 * layer):
            width = (0.02 + 0.055 * near_by**1.6) * (0.7 + 0.6 * rng.random())
            at = (rng.random() * 6 - 3) - (0.25 + 1.5 * near_by**1.7) * (t - 0.5)
            sway = 0.012 * near_by * np.sin(3 * t + k) * (1 - c.y)
            trunk = np.abs(c.x - at - sway - 0.05 * (rng.random() - 0.5) * c.y) - width * (
                1 + 0.25 * smooth(c.y, 0.2, 1)
            )
            mask = np.maximum(mask, smooth(-trunk, -0.004, 0.004))
        ground = c.y - (0.62 + 0.08 * layer / 4 + 0.04 * np.sin(c.x * 2.2 + layer + 2 * near_by * t))
        leaves = c.noise(60 + layer, 5 + layer, shift=(0.3 + 1.2 * near_by) * t) - 0.58 - 0.42 * (c.y + 0.62)
        mask = np.maximum(mask, smooth(ground, -0.01, 0.01) * (layer > 1))
        mask = np.maximum(mask, smooth(leaves, 0.0, 0.06) * (layer > 2))
        out = blend(out, shade, mask * (0.55 + 0.45 * near_by))
        out = out + mist * (shafts * 0.07 * (1 - near_by))[..., None]
    return out


def city(c: Canvas, t: float) -> Picture:
    """A skyline at night, windows going on and off, cars as streaks of light."""
    top, low, amber, cyan = colour("070b1e", "35245c", "ffc46b", "6fd6ff")
    out = blend(top, low, smooth(c.y + 0 * c.x, -1, 0.5))
    rng = np.random.default_rng(5)
    for layer in range(3):
        base = np.array([0.15, 0.12, 0.27], np.float32) * (1.1 - 0.45 * layer)
        left, number = -2.2, 0
        while left < 2.2:
            width, tall = 0.16 + 0.2 * rng.random(), 0.15 + 0.85 * rng.random() * (1 - 0.22 * layer)
            at = left - (0.05 + 0.10 * layer) * t
            x, y = (c.x - at) / width, (c.y - (0.55 - tall)) / 0.06
            inside = (x > 0) & (x < 0.94) & (y > 0) & (c.y < 0.6)
            out = np.where(inside[..., None], base, out)
            cell = (np.floor(x * 7) * 37 + np.floor(y) * 101 + number * 53) % 97
            lit = inside & (cell < 26 + 10 * layer) & ((x * 7) % 1 > 0.3) & (y % 1 > 0.35) & ((cell + 40 * t) % 31 > 3)
            warm = (cell % 5 > 1)[..., None]
            out = np.where(lit[..., None], np.where(warm, amber, cyan) * (0.45 + 0.25 * layer), out)
            left, number = left + width, number + 1
    road = smooth(c.y + 0 * c.x, 0.58, 0.6)
    out = blend(out, np.array([0.03, 0.03, 0.07], np.float32), road)
    for k in range(26):
        speed, lane = (1.6 + rng.random()) * (1 if k % 2 else -1), 0.66 + 0.3 * rng.random()
        at = (rng.random() * 4 + speed * t) % 4.4 - 2.2
        streak = np.exp(-(((c.x - at) / 0.24) ** 2) - ((c.y - lane) / 0.008) ** 2)
        out = out + (amber if k % 2 else np.array([1, 0.25, 0.22], np.float32)) * (1.3 * streak)[..., None]
    return out


def tunnel(c: Canvas, t: float) -> Picture:
    """A rush through rings of light."""
    deep, pink, blue = colour("05020f", "ff3f8e", "37b6ff")
    x, y = c.x - 0.12 * np.sin(5 * t), c.y + 0.1 * np.cos(4 * t)
    radius, angle = np.hypot(x, y) + 1e-3, np.arctan2(y, x)
    z = 0.7 / radius + 7.5 * t
    rings = smooth(np.sin(z * 6.0), 0.55, 1.0) * smooth(np.sin(angle * 6 + z * 0.8), -0.4, 0.9)
    spokes = smooth(np.sin(angle * 24 + 1.5 * np.sin(z)), 0.93, 1.0) * 0.8
    bright = (rings + spokes) * smooth(radius, 0.02, 0.9)
    out = deep + blend(pink, blue, 0.5 + 0.5 * np.sin(z * 0.9 + angle)) * bright[..., None]
    return out + np.ones(3, np.float32) * (0.9 * np.exp(-((radius / 0.09) ** 2)))[..., None]


def runners(c: Canvas, t: float) -> Picture:
    """Bright shapes that race across the screen."""
    ground, *paints = colour("f6efe2", "e4572e", "17bebb", "ffc914", "2e282a", "76b041")
    out = np.broadcast_to(ground, (c.height, c.width, 3)).astype(np.float32)
    rng = np.random.default_rng(11)
    for k in range(22):
        size, y = 0.07 + 0.17 * rng.random(), -0.85 + 1.7 * rng.random()
        x = (rng.random() * 5 + (2.2 + 2.8 * rng.random()) * t) % 5 - 2.5
        bounce = 0.22 * np.abs(np.sin(9 * t + k)) - 0.1
        dx, dy = c.x - x, c.y - y + bounce
        turn = 7 * t + k
        u, v = dx * np.cos(turn) + dy * np.sin(turn), -dx * np.sin(turn) + dy * np.cos(turn)
        shape = (np.hypot(dx, dy), np.maximum(np.abs(u), np.abs(v)), np.abs(u) + np.abs(v))[k % 3] - size
        tail = smooth(-dx, 0, 0.02) * smooth(dx + 6 * size, 0, 6 * size) * (np.abs(dy) < size * 0.18)
        out = blend(out, paints[k % 5], 0.35 * tail)
        out = blend(out, paints[k % 5], smooth(-shape, -0.004, 0.004))
    return out


def storm(c: Canvas, t: float) -> Picture:
    """Heavy clouds, rain on the wind and lightning."""
    dark, grey, sea = colour("0b1016", "5d6b78", "10202a")
    clouds = c.noise(31, 3, octaves=5, shift=1.1 * t)
    flash = sum(
        np.exp(-max(t - at, 0) * 16) * (t >= at) * power for at, power in ((0.22, 0.8), (0.27, 0.5), (0.66, 1.0))
    )
    lit = 0.35 + 0.65 * flash
    out = blend(dark, grey, smooth(clouds, 0.3, 0.8) * lit + 0 * c.y)
    swell = 0.48 + 0.09 * np.sin(2.3 * c.x + 7 * t) + 0.05 * np.sin(5.1 * c.x - 9 * t)
    waves = blend(sea, grey, smooth(np.sin(9 * c.x + 30 * (c.y - swell) - 12 * t), 0.4, 1.2) * 0.5 * lit)
    out = np.where((c.y > swell)[..., None], waves, out)
    for at, power, seed in ((0.22, 0.8, 1), (0.66, 1.0, 2)):
        if 0 <= t - at < 0.09:
            rng = np.random.default_rng(seed)
            x = -0.6 + 1.1 * (seed - 1) + np.cumsum(rng.normal(0, 0.016, c.height)).astype(np.float32)[:, None]
            bolt = np.exp(-np.abs(c.x - x) / 0.012) + 0.35 * np.exp(-np.abs(c.x - x) / 0.09)
            out = out + np.array([0.8, 0.88, 1], np.float32) * (power * bolt * (c.y < swell))[..., None]
    slant = c.x + 0.35 * c.y
    column = np.floor(slant * 130)
    drop = (np.sin(column * 12.9898) * 43758.547) % 1
    fall = (c.y * (0.9 + 0.4 * drop) - 9 * t + 7 * drop) % 1.0
    rain = smooth(drop, 0.72, 0.8) * smooth(fall, 0.86, 0.97)
    return out + np.array([0.55, 0.65, 0.75], np.float32) * (0.5 * rain)[..., None]


def mountains(c: Canvas, t: float) -> Picture:
    """After the storm: ridges in warm light, clouds lifting."""
    zenith, glow, far, near = colour("4d7ea8", "ffd6a5", "b08ea2", "2d3047")
    out = blend(zenith, glow, smooth(c.y + 0 * c.x, -0.9, 0.35))
    out = blend(
        out,
        np.ones(3, np.float32),
        0.75 * smooth(c.noise(71, 3, octaves=5, shift=0.5 * t), 0.5, 0.78) * smooth(-c.y, -0.1, 0.9),
    )
    out = out + glow * (0.55 * _glow(c, -0.7, -0.05, 0.6))[..., None]
    for layer in range(5):
        rng = np.random.default_rng(80 + layer)
        xs = np.arange(2 * c.width, dtype=np.float32)
        ridge = np.zeros_like(xs)
        for octave in range(6):
            period = c.width / (1.3 * 2**octave)
            ridge += np.abs(np.sin(xs / period * 1.7 + 6 * rng.random())) * 0.5**octave
        offset = (0.05 + 0.09 * layer) * t * c.width
        line = np.interp(np.arange(c.width) + offset, xs, ridge).astype(np.float32)
        height = 0.12 + 0.17 * layer - (0.32 - 0.035 * layer) * (line - 0.9)
        shade = blend(far, near, np.full((1, 1), layer / 4, np.float32))[0, 0]
        haze = smooth(c.y - height[None, :], 0.0, 0.5) * 0.4 * (1 - layer / 5)
        face = blend(shade, glow, haze + 0 * c.x)
        out = np.where((c.y > height[None, :])[..., None], face, out)
    return out


def still_water(c: Canvas, t: float) -> Picture:
    """The moon over a quiet lake; the picture goes dark at the end."""
    night, teal, pale = colour("040817", "12395a", "f4f1de")
    out = blend(night, teal, smooth(c.y + 0 * c.x, -1, 0.15))
    rng = np.random.default_rng(9)
    for _ in range(110):
        x, y, size = rng.uniform(-1.78, 1.78), rng.uniform(-1, 0.0), rng.uniform(0.002, 0.005)
        out = (
            out
            + pale
            * (0.8 * np.exp(-((c.x - x) ** 2 + (c.y - y) ** 2) / size**2) * (0.7 + 0.3 * np.sin(9 * t + 40 * x)))[
                ..., None
            ]
        )
    out = out + pale * (0.35 * _glow(c, -0.35, -0.45, 0.42))[..., None]
    out = blend(out, pale, smooth(-np.hypot(c.x + 0.35, c.y + 0.45), -0.155, -0.145))
    hills = 0.12 - 0.1 * np.abs(np.sin(1.3 * c.x + 0.5)) - 0.03 * np.abs(np.sin(5 * c.x))
    out = np.where((c.y > hills)[..., None], night * 1.4, out)
    depth = np.clip((c.y - 0.15) / 0.85, 1e-3, 1)
    ripple = np.sin(18 / (depth + 0.07) + 4 * t + 2 * np.sin(2 * c.x + t))
    lake = blend(night, teal, 0.75 - 0.5 * depth + 0.07 * ripple)
    moon = np.exp(-(((c.x + 0.35) / (0.07 + 0.16 * depth)) ** 2)) * smooth(ripple, -0.1, 1.0) * (1 - 0.6 * depth)
    lake = lake + pale * (0.8 * moon)[..., None]
    out = np.where((c.y > 0.15)[..., None], lake, out)
    return out * float(1 - smooth(t, 0.72, 0.98))
