"""A small archive of photographs that are easy to tell apart: each folder has its own colour and its own stripes."""

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = ((230, 60, 40), (40, 200, 60), (50, 80, 230), (230, 210, 50), (40, 200, 210))


def write_photos(path: Path, folders: Sequence[str], each: int) -> Path:
    """`each` photographs of every folder, noisy and of different sizes."""
    with tarfile.open(path, "w") as tar:
        for number, folder in enumerate(folders):
            for i in range(each):
                rng = np.random.default_rng((number, i))
                height, width = (int(side) for side in rng.integers(40, 80, 2))
                stripes = 60 * (np.arange(width) // (2 + number) % 2)
                plain = np.array(COLOURS[number % len(COLOURS)]) - stripes[None, :, None]
                rgb = plain + rng.normal(0, 12, (height, width, 3))
                buffer = io.BytesIO()
                Image.fromarray(rgb.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=92)
                info = tarfile.TarInfo(f"photos/{folder}/{i}.jpg")
                info.size = len(buffer.getvalue())
                tar.addfile(info, io.BytesIO(buffer.getvalue()))
    return path
