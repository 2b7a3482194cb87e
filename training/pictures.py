"""Training pictures: photographs under many lights, and painted skies and lamps, as photographs show mostly objects."""

import io
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIZE = 96


@dataclass(frozen=True)
class Picture:
    """rgb uint8 [SIZE SIZE 3], the folder of the photograph that it shows (None: a painted one), by what share 0..1."""

    rgb: NDArray[np.uint8]
    shows: str | None = None
    share: float = 0.0


def read_photos(archive: Path, *, limit: int, seed: int) -> list[Picture]:
    """`limit` pictures of a tar of photographs, chosen by the seed."""
    with tarfile.open(archive) as tar:
        names = sorted(m.name for m in tar if m.isfile() and m.name.lower().endswith((".jpg", ".jpeg", ".png")))
        chosen = np.random.default_rng(seed).permutation(len(names))[:limit]
        return [Picture(_decode(tar, names[i]), Path(names[i]).parent.name, 1.0) for i in sorted(chosen)]


def draw_pictures(photos: Sequence[Picture], n: int, *, seed: int) -> Iterator[Picture]:
    """`n` pictures: photographs relit, or painted ones where there is no photograph."""
    for i in range(n):
        rng = np.random.default_rng((seed, i))
        painted, shows, share = paint(rng), None, 0.0
        if photos and rng.random() < 0.75:
            photo = photos[int(rng.integers(len(photos)))]
            share = 1.0 - rng.random() ** 2 * 0.8
            painted, shows = share * (photo.rgb.astype(np.float64) / 255.0) + (1 - share) * painted, photo.shows
        yield Picture((255.0 * relight(painted, rng)).round().astype(np.uint8), shows, share)


def paint(rng: np.random.Generator) -> NDArray[np.float64]:
    """A sky over ground, or lamps in the dark: two colours, a horizon, grain and spots of light, 0..1."""
    above, below = _colour(rng), _colour(rng)
    horizon, soft = rng.uniform(0.2, 0.8), rng.uniform(0.02, 0.5)
    rows = np.linspace(0, 1, SIZE)
    share = 1.0 / (1.0 + np.exp((rows - horizon) / soft * 6.0))
    image = share[:, None, None] * above + (1 - share)[:, None, None] * below
    image = np.broadcast_to(image, (SIZE, SIZE, 3)) + rng.uniform(0, 0.04) * rng.standard_normal((SIZE, SIZE, 1))
    image = np.array(image)
    if rng.random() < 0.4:
        y, x = np.mgrid[:SIZE, :SIZE]
        for _ in range(rng.integers(1, 30)):
            at, radius = rng.uniform(0, SIZE, 2), rng.uniform(0.8, 8.0)
            spot = np.exp(-((y - at[0]) ** 2 + (x - at[1]) ** 2) / (2 * radius**2))
            image += spot[..., None] * _colour(rng, vivid=True)
    return image.clip(0, 1)


def relight(image: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Gamma, gain, saturation, tint and contrast drawn wide: day to night, pale to gaudy, cold to warm."""
    image = image.clip(0, 1) ** np.exp(rng.normal(0.0, 0.5)) * rng.choice([1.0, rng.uniform(0.15, 1.0)])
    grey = image.mean(-1, keepdims=True)
    image = grey + (image - grey) * np.exp(rng.normal(0.0, 0.7))
    image = image * np.exp(rng.normal(0.0, 0.18, 3))
    middle = image.mean()
    out: NDArray[np.float64] = (middle + (image - middle) * np.exp(rng.normal(0.0, 0.3))).clip(0, 1)
    return out


def _colour(rng: np.random.Generator, *, vivid: bool = False) -> NDArray[np.float64]:
    value = rng.uniform(0.7, 1.0) if vivid else rng.random()
    saturation = rng.uniform(0.5, 1.0) if vivid else rng.random() ** 1.5
    hue = np.clip(np.abs((rng.random() * 6.0 + np.array([0.0, 4.0, 2.0])) % 6.0 - 3.0) - 1.0, 0, 1)
    out: NDArray[np.float64] = value * (1 - saturation + saturation * hue)
    return out


def _decode(tar: tarfile.TarFile, name: str) -> NDArray[np.uint8]:
    file = tar.extractfile(name)
    data = b"" if file is None else file.read()
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR))
