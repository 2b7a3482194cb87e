"""Do pictures feel to the machine as they do to people? Rank agreement with ratings, its interval and its control."""

import argparse
import csv
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

RESAMPLES = 1000
SEEN_PX = 192  # long side of what is judged
AFFECTS = ("valence", "arousal")

Feel = Callable[[Sequence[NDArray[np.uint8]]], NDArray[np.float64]]  # pictures -> valence and arousal [N 2]


@dataclass(frozen=True)
class RatedPictures:
    """Pictures uint8 [H W 3] and people's mean valence and arousal of each, [N 2], on the scale of the study."""

    names: tuple[str, ...]
    pictures: tuple[NDArray[np.uint8], ...]
    ratings: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Spearman's rho of N pairs, its 95 % bootstrap interval, and rho with ratings dealt out at random.

    shuffled: the mean of RESAMPLES deals, near 0 if nothing leaks; shuffled_95: what 95 % of deals stay below in size.
    """

    n: int
    rho: float
    low: float
    high: float
    shuffled: float
    shuffled_95: float


def read_bass(archive: Path, *, limit: int | None = None) -> RatedPictures:
    """The BASS silhouettes (Lukacs et al.), ratings 1..9 averaged over its two groups of raters.

    Raises:
        ValueError: the archive lacks its table or its pictures.
    """
    with tarfile.open(archive) as tar:
        members = {Path(m.name).name: m for m in tar if m.isfile()}
        table, images = (_bytes(tar, members, name) for name in ("BASS_data.csv", "BASS_images.zip"))
    names: list[str] = []
    pictures: list[NDArray[np.uint8]] = []
    ratings: list[list[float]] = []
    with zipfile.ZipFile(io.BytesIO(images)) as packed:
        inside = {Path(name).name: name for name in packed.namelist()}
        for row in csv.DictReader(io.StringIO(table.decode("utf-8-sig"))):
            if row["file_name"] in inside and (limit is None or len(names) < limit):
                names.append(row["file_name"])
                pictures.append(_flat(packed.read(inside[row["file_name"]])))
                ratings.append(
                    [0.5 * (float(row[f"{x}_mean_us"]) + float(row[f"{x}_mean_ch"])) for x in ("val", "aro")]
                )
    if not names:
        raise ValueError(f"{archive}: no picture of its table is in it")
    return RatedPictures(tuple(names), tuple(pictures), np.array(ratings))


def agreement(predicted: NDArray[np.floating], rated: NDArray[np.floating], *, seed: int = 0) -> Agreement:
    """How well one predicted quantity [N] orders pictures as the ratings [N] do.

    Raises:
        ValueError: fewer than three pairs, or different lengths.
    """
    if len(predicted) != len(rated) or len(rated) < 3:
        raise ValueError(f"{len(predicted)} predictions and {len(rated)} ratings; give three pairs at least")
    rng, n = np.random.default_rng(seed), len(rated)
    rows = rng.integers(0, n, (RESAMPLES, n))
    again = np.array([spearman(predicted[r], rated[r]) for r in rows])
    dealt = np.array([spearman(predicted, rng.permutation(rated)) for _ in range(RESAMPLES)])
    low, high = np.percentile(again, (2.5, 97.5)).tolist()
    bound = float(np.percentile(np.abs(dealt), 95))
    return Agreement(n, spearman(predicted, rated), low, high, float(dealt.mean()), bound)


def affect_agreement(feel: Feel, rated: RatedPictures, *, seed: int = 0) -> dict[str, Agreement]:
    """Agreement in valence and in arousal of whatever feels pictures."""
    felt = feel(rated.pictures)
    return {name: agreement(felt[:, i], rated.ratings[:, i], seed=seed) for i, name in enumerate(AFFECTS)}


def spearman(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Rank correlation, ties at their mean rank; 0 where one side is constant."""
    x, y = _ranks(a), _ranks(b)
    spread = float(x.std() * y.std())
    return 0.0 if spread == 0.0 else float(((x - x.mean()) * (y - y.mean())).mean() / spread)


def _ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2.0)[inverse], np.float64)


def _bytes(tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo], name: str) -> bytes:
    file = tar.extractfile(members[name]) if name in members else None
    if file is None:
        raise ValueError(f"the archive of rated pictures lacks {name}; fetch it again")
    return file.read()


def _flat(data: bytes) -> NDArray[np.uint8]:
    """A picture on white, its long side SEEN_PX at most."""
    with Image.open(io.BytesIO(data)) as image:
        layer = image.convert("RGBA")
    layer.thumbnail((SEEN_PX, SEEN_PX))
    flat = Image.new("RGBA", layer.size, (255, 255, 255, 255))
    flat.alpha_composite(layer)
    return np.asarray(flat.convert("RGB"), dtype=np.uint8)


def main() -> None:
    """Judge trained eyes, and beside them light and colour alone, against the ratings of BASS."""
    from encoders.vision import Eyes
    from training.visual_moods import look_at, mood_of

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--pictures", type=Path, required=True, help="bass-images.tar")
    parser.add_argument("--vision", type=Path, default=Path("runs/vision/vision.safetensors"))
    args = parser.parse_args()
    eyes, rated = Eyes.load(args.vision), read_bass(args.pictures)

    def light(pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        return np.array([(m.valence, m.arousal) for m in (mood_of(look_at(p)) for p in pictures)])

    ways: dict[str, Feel] = {"eyes": lambda p: eyes.look(p).mood.double().numpy(), "light and colour": light}
    for name, way in ways.items():
        found = {affect: asdict(a) for affect, a in affect_agreement(way, rated).items()}
        print(json.dumps({name: found}), flush=True)


if __name__ == "__main__":
    main()
