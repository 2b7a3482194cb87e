"""Reads a still: JPEG, PNG or WebP, upright, within limits; and describes it."""

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from encoders.errors import MediaTooLarge, UnreadableMedia
from encoders.features import Features

if TYPE_CHECKING:
    from PIL import Image

    from encoders.vision import Eyes

_MAX_PIXELS = 25_000_000
_MAX_BYTES = 64_000_000
_FORMATS = ("JPEG", "PNG", "WEBP")


def encode_image(path: Path, eyes: "Eyes | None" = None) -> Features:
    """Return the descriptors of the image at `path` as one vector [1 D], and behind them what `eyes` see in it.

    Raises:
        UnreadableMedia: not a JPEG, PNG or WebP, or damaged.
        MediaTooLarge: over 25 megapixels or 64 MB.
    """
    from encoders.descriptors import ENCODER, describe

    picture = load_image(path, short_side=192)
    vectors = describe(picture)[None]
    if eyes is None:
        return Features("image", ENCODER, vectors, np.zeros(1))
    seen = np.concatenate([vectors, eyes.columns([picture])], axis=1)
    return Features("image", eyes.config.encoder, seen, np.zeros(1))


def load_image(path: Path, *, short_side: int) -> NDArray[np.uint8]:
    """Return the image at `path` upright as RGB [H W 3], its shorter side `short_side` pixels or less.

    Transparent parts become white, as on a page. Of an animation it is the first picture, which a page shows before it
    moves: to reach another one, all before it must be decoded. Raises as `encode_image`.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    name = path.name
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as exc:
        raise UnreadableMedia(f"{name}: cannot be opened ({exc.strerror}); check the path") from exc
    if len(data) > _MAX_BYTES:
        raise MediaTooLarge(f"{name}: over {_MAX_BYTES // 1_000_000} MB; send a smaller copy")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image: Image.Image = Image.open(io.BytesIO(data), formats=_FORMATS)
        if image.width * image.height > _MAX_PIXELS:
            raise MediaTooLarge(f"{name}: {image.width}x{image.height} pixels; at most 25 megapixels: scale it down")
        scale = min(1.0, short_side / min(image.size))
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image.draft("RGB", (2 * size[0], 2 * size[1]))  # JPEG decodes at a fraction of its size, PNG takes no notice
        image = _on_white(image).resize(size, Image.Resampling.BOX)
        return np.asarray(ImageOps.exif_transpose(image), dtype=np.uint8)
    except UnidentifiedImageError as exc:
        raise UnreadableMedia(f"{name}: not an image that can be read; send JPEG, PNG or WebP") from exc
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as exc:
        raise MediaTooLarge(f"{name}: too many pixels; at most 25 megapixels: scale it down") from exc
    except (OSError, ValueError, SyntaxError, EOFError) as exc:
        raise UnreadableMedia(f"{name}: damaged or cut off ({exc}); export it again") from exc


def _on_white(image: "Image.Image") -> "Image.Image":
    from PIL import Image

    exif = image.getexif()
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        flat = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        flat.alpha_composite(layer)
        image = flat
    if image.mode.startswith("I"):  # 16 bits a pixel, which a plain conversion would clip to white
        image = Image.fromarray((np.asarray(image, dtype=np.int64).clip(0, 65535) >> 8).astype(np.uint8))
    opaque = image.convert("RGB")
    opaque.info["exif"] = exif.tobytes()
    return opaque
