"""Makes examples/film.mp4 and examples/picture.jpg: `python -m examples.make_film`."""

from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from examples import scenes
from examples.scenes import Canvas, Scene

FPS = 24
#: What is seen until when, in seconds.
SHOTS: tuple[tuple[Scene, float], ...] = (
    (scenes.sunrise, 4.25),
    (scenes.forest, 7.25),
    (scenes.city, 9.5),
    (scenes.tunnel, 11.25),
    (scenes.runners, 12.75),
    (scenes.storm, 16.25),
    (scenes.mountains, 19.0),
    (scenes.still_water, 23.0),
)


def pictures(canvas: Canvas) -> Iterator[NDArray[np.uint8]]:
    """All pictures of the film in order."""
    edge = 1 - 0.22 * np.clip((canvas.x / 1.9) ** 2 + (canvas.y / 1.15) ** 2 - 0.35, 0, 1)
    start = 0.0
    for scene, end in SHOTS:
        count = round((end - start) * FPS)
        for i in range(count):
            picture = np.clip(scene(canvas, i / count) * edge[..., None], 0, 1)
            yield np.ascontiguousarray((255 * picture).astype(np.uint8))
        start = end


def make(folder: Path) -> None:
    """Write the film and a still of its sunrise."""
    canvas = Canvas()
    with av.open(str(folder / "film.mp4"), "w", options={"movflags": "+faststart", "fflags": "+bitexact"}) as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "25", "preset": "slow", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = canvas.width, canvas.height, "yuv420p"
        for picture in pictures(canvas):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    still = (255 * np.clip(scenes.sunrise(canvas, 0.8), 0, 1)).astype(np.uint8)
    cv2.imwrite(str(folder / "picture.jpg"), cv2.cvtColor(still, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    make(Path(__file__).parent)
