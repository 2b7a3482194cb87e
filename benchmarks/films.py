"""Films to score: 1080p30 H.264 with hard cuts, made on the spot, and longer ones by repeating their packets."""

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

FPS = 30
WIDTH, HEIGHT = 1920, 1080
BASE_S = 30
CUTS_S = (3.2, 5.0, 9.4, 12.1, 13.6, 18.0, 22.5, 26.7)
PANNING = 128  # pixels that a shot is larger than the frame


def base_film(path: Path) -> Path:
    """Half a minute of shots that pan over coarse textures, each in another light."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "26"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        starts = [0, *(round(c * FPS) for c in CUTS_S), BASE_S * FPS]
        for number, (first, last) in enumerate(pairwise(starts)):
            picture = shot(number)
            for i in range(first, last):
                at = round(PANNING * (i - first) / (last - first))
                pixels = np.ascontiguousarray(picture[at // 2 : at // 2 + HEIGHT, at : at + WIDTH])
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def shot(number: int) -> NDArray[np.uint8]:
    """A still picture a little larger than the frame."""
    rng = np.random.default_rng(number)
    coarse = rng.uniform(0.3, 1.0, (HEIGHT // 40 + 8, WIDTH // 40 + 8, 1))
    fine = np.kron(coarse, np.ones((40, 40, 1)))[: HEIGHT + PANNING, : WIDTH + PANNING]
    colour = rng.uniform(40.0, 250.0, 3)
    return np.asarray(np.clip(fine * colour, 0, 255), np.uint8)


def repeated(base: Path, path: Path, times: int) -> Path:
    """The same packets again and again: a longer film with as many cuts a minute, without encoding."""
    with av.open(str(path), "w") as out:
        target = None
        for turn in range(times):
            with av.open(str(base), "r") as source:
                stream = source.streams.video[0]
                if target is None:
                    target = out.add_stream_from_template(stream)
                shift = round(turn * BASE_S / (stream.time_base or 1))
                for packet in source.demux(stream):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.pts += shift
                    packet.dts += shift
                    packet.stream = target
                    out.mux(packet)
    return path
