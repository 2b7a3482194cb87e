"""The audio child: decodes the sound of standard input under hard limits; started by `service.media.reading`.

Standard output gets pieces: the number of samples as a little-endian int32, then as many floats for the left and for
the right channel. 0 ends them well, -1 says that the sound is damaged.
"""

import json
import os
import struct
import sys
from collections.abc import Iterator
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from encoders.decode_child import confine
from encoders.frame_port import MediaLimits
from encoders.probe import DescriptorFile

WELL, DAMAGED = 0, -1
HEAD = struct.Struct("<i")


def main(arguments: list[str]) -> int:
    """Decode as `arguments[0]` (JSON: sample_rate, max_duration_s, parent) asks; 0 once an answer is out."""
    import av

    task = json.loads(arguments[0])
    answer = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # decoders may print; the answer's pipe is ours alone
    confine(MediaLimits(), task["parent"])
    end = WELL
    try:
        for piece in pieces(sys.stdin.fileno(), task["sample_rate"], task["max_duration_s"]):
            _write(answer, HEAD.pack(piece.shape[1]) + piece.tobytes())
    except (av.FFmpegError, ValueError, MemoryError):
        end = DAMAGED
    _write(answer, HEAD.pack(end))
    return 0


def pieces(descriptor: int, sample_rate: int, max_duration_s: float) -> Iterator[NDArray[np.float32]]:
    """The first audio stream of an open file as stereo [2 n] at a rate, piece by piece."""
    import av

    with av.open(cast(BinaryIO, DescriptorFile(descriptor)), "r") as container:
        if not container.streams.audio:
            return
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=sample_rate)
        left = round(max_duration_s * sample_rate)
        for frame in container.decode(container.streams.audio[0]):
            for part in resampler.resample(frame):
                yield np.ascontiguousarray(part.to_ndarray(), dtype=np.float32)
                left -= part.samples
            if left <= 0:
                return
        for part in resampler.resample(None):
            yield np.ascontiguousarray(part.to_ndarray(), dtype=np.float32)


def _write(answer: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(answer, rest) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
