"""What a picture looks like in 73 numbers: light, colour, layout, texture, and the mood that colour alone suggests."""

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

ENCODER = "descriptors-v1"
_LINES = 48
_HUE_BINS = 12
_EDGE_BINS = 4

DESCRIPTOR_NAMES: tuple[str, ...] = (
    *("value_mean", "value_std", "value_p10", "value_p50", "value_p90", "saturation_mean", "saturation_std"),
    *("colourfulness", "warmth", "greenness", "luma_mean", "luma_std", "luma_range", "luma_entropy"),
    *(f"hue_{bin_ * 30}" for bin_ in range(_HUE_BINS)),
    *("hue_dominance", "grey_share"),
    *("edge_density", "texture", *(f"edge_{bin_ * 45}" for bin_ in range(_EDGE_BINS))),
    *(f"luma_{row}{column}" for row in range(3) for column in range(3)),
    *(f"saturation_{row}{column}" for row in range(3) for column in range(3)),
    *(f"warmth_{row}{column}" for row in range(3) for column in range(3)),
    *("sky_share", "plant_share", "skin_share", "night_share", "snow_share", "fire_share"),
    *("symmetry", "centre_light", "top_light"),
    *("valence", "arousal", "dominance"),
)


def describe(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the descriptors [D] of one picture, uint8 [H W 3], in the order of `DESCRIPTOR_NAMES`.

    The picture is brought to 48 lines first, so that a photograph and a small video frame compare. Values lie in 0..1,
    except warmth, greenness, layout differences and mood, in -1..1.
    """
    import cv2

    height, width = rgb.shape[:2]
    scale = _LINES / min(height, width)
    size = (min(4 * _LINES, max(1, round(width * scale))), min(4 * _LINES, max(1, round(height * scale))))
    small = cv2.resize(np.ascontiguousarray(rgb), size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    pixels = small.astype(np.float32) / 255.0
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    hue, saturation, value = hsv[..., 0], hsv[..., 1], hsv[..., 2]
    luma = pixels @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
    warmth = pixels[..., 0] - pixels[..., 2]
    parts = (
        _light_and_colour(pixels, saturation, value, luma),
        _hues(hue, saturation, value),
        _edges(luma),
        *(_thirds(plane) for plane in (luma, saturation, warmth)),
        _stuff(hue, saturation, value),
        _balance(luma),
        affect(float(value.mean()), float(saturation.mean())),
    )
    return np.concatenate([np.asarray(part, dtype=np.float32) for part in parts])


def affect(brightness: float, saturation: float) -> tuple[float, float, float]:
    """Return valence, arousal and dominance of a colour from its mean HSV value and saturation, both 0..1.

    Coefficients: Valdez & Mehrabian, 1994, "Effects of Color on Emotions", equations 2 to 4. A weak predictor alone
    (r of about 0.17 and 0.11 with human ratings of photographs); text, story and the user's settings say more.
    """
    valence = 0.69 * brightness + 0.22 * saturation
    arousal = -0.31 * brightness + 0.60 * saturation
    dominance = -0.76 * brightness + 0.32 * saturation
    return valence, arousal, dominance


def colourfulness(pixels: Plane) -> float:
    """Return the colourfulness of RGB pixels in 0..1 by Hasler & Suesstrunk, 2003 (their scale over 1.5)."""
    red_green = pixels[..., 0] - pixels[..., 1]
    yellow_blue = 0.5 * (pixels[..., 0] + pixels[..., 1]) - pixels[..., 2]
    spread = np.hypot(red_green.std(), yellow_blue.std())
    centre = np.hypot(red_green.mean(), yellow_blue.mean())
    return float(spread + 0.3 * centre) / 1.5


def _light_and_colour(pixels: Plane, saturation: Plane, value: Plane, luma: Plane) -> list[float]:
    shares = np.histogram(luma, bins=16, range=(0.0, 1.0001))[0] / luma.size
    filled = shares[shares > 0]
    low, high = np.percentile(luma, [5, 95])
    return [
        *(float(value.mean()), float(value.std()), *(float(p) for p in np.percentile(value, [10, 50, 90]))),
        *(float(saturation.mean()), float(saturation.std()), colourfulness(pixels)),
        float((pixels[..., 0] - pixels[..., 2]).mean()),
        float((pixels[..., 1] - 0.5 * (pixels[..., 0] + pixels[..., 2])).mean()),
        *(float(luma.mean()), float(luma.std()), float(high - low)),
        float(-(filled * np.log2(filled)).sum()) / 4.0,
    ]


def _hues(hue: Plane, saturation: Plane, value: Plane) -> list[float]:
    """Return how much of the picture's colour lies around every 30 degrees, grey pixels counting little."""
    strength = saturation * value
    turned = np.mod(hue + 15.0, 360.0)  # pure colours lie in the middle of a bin, red on both sides of 0
    bins = np.histogram(turned, bins=_HUE_BINS, range=(0.0, 360.001), weights=strength)[0]
    shares = bins / max(float(bins.sum()), 1e-6) if strength.mean() > 1e-3 else np.zeros(_HUE_BINS)
    return [*shares.tolist(), float(shares.max()), float((saturation < 0.12).mean())]


def _edges(luma: Plane) -> list[float]:
    down, right = np.gradient(luma)
    strength = np.hypot(down, right)
    angle = np.mod(np.degrees(np.arctan2(down, right)) + 22.5, 180.0)
    bins = np.histogram(angle, bins=_EDGE_BINS, range=(0.0, 180.001), weights=strength)[0]
    shares = bins / max(float(bins.sum()), 1e-6)
    curl = np.abs(np.diff(luma, n=2, axis=0)).mean() + np.abs(np.diff(luma, n=2, axis=1)).mean()
    return [float((strength > 0.08).mean()), min(1.0, float(curl) * 4.0), *shares.tolist()]


def _thirds(plane: Plane) -> list[float]:
    return [float(cell.mean()) for row in np.array_split(plane, 3, axis=0) for cell in np.array_split(row, 3, axis=1)]


def _stuff(hue: Plane, saturation: Plane, value: Plane) -> list[float]:
    """Return the shares of pixels coloured like sky, plants, skin, night, snow and fire: hints, not recognition."""
    upper = np.zeros(hue.shape, dtype=np.bool_)
    upper[: max(1, len(hue) // 2)] = True
    masks = (
        upper & (hue > 180) & (hue < 260) & (saturation > 0.12) & (value > 0.4),
        (hue > 65) & (hue < 165) & (saturation > 0.2) & (value > 0.12),
        (hue < 45) & (saturation > 0.18) & (saturation < 0.65) & (value > 0.35),
        value < 0.18,
        (saturation < 0.12) & (value > 0.82),
        ((hue < 50) | (hue > 345)) & (saturation > 0.6) & (value > 0.55),
    )
    return [float(mask.mean()) for mask in masks]


def _balance(luma: Plane) -> list[float]:
    height, width = luma.shape
    centre = luma[height // 4 : height - height // 4, width // 4 : width - width // 4]
    symmetry = 1.0 - float(np.abs(luma - luma[:, ::-1]).mean())
    half = max(1, height // 2)
    return [symmetry, float(centre.mean() - luma.mean()), float(luma[:half].mean() - luma[-half:].mean())]
