"""The audio child: decodes the sound of standard input under hard limits; started by `service.media.reading`.

Standard output gets pieces: the number of samples as a little-endian int32, then as many floats for the left and for
the right channel. 0 ends them well, -1 says that the sound is damaged.
"""

import json
import os
import struct
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from encoders.decode_child import confine
from encoders.frame_port import MediaLimits
from encoders.probe import DescriptorFile

if TYPE_CHECKING:
    import av

WELL, DAMAGED = 0, -1
HEAD = struct.Struct("<i")


def main(arguments: list[str]) -> int:
    """Decode as `arguments[0]` asks; 0 once an answer is out. JSON: sample_rate, max_duration_s, mono_twice, parent."""
    import av

    task = json.loads(arguments[0])
    answer = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # decoders may print; the answer's pipe is ours alone
    confine(MediaLimits(), task["parent"])
    end = WELL
    try:
        rate, most_s, twice = task["sample_rate"], task["max_duration_s"], task["mono_twice"]
        for piece in pieces(sys.stdin.fileno(), rate, most_s, mono_twice=twice):
            _write(answer, HEAD.pack(piece.shape[1]) + piece.tobytes())
    except (av.FFmpegError, ValueError, MemoryError):
        end = DAMAGED
    _write(answer, HEAD.pack(end))
    return 0


def pieces(
    descriptor: int, sample_rate: int, max_duration_s: float, *, mono_twice: bool = False
) -> Iterator[NDArray[np.float32]]:
    """The first audio stream of an open file as stereo [2 n] at a rate, piece by piece.

    One channel is spread over two at -3 dB, as FFmpeg does it, or (`mono_twice`) is in both as it is.
    """
    import av

    with av.open(cast(BinaryIO, DescriptorFile(descriptor)), "r") as container:
        if not container.streams.audio:
            return
        stream = container.streams.audio[0]
        layout = "mono" if mono_twice and stream.codec_context.channels == 1 else "stereo"
        resampler = av.AudioResampler(format="fltp", layout=layout, rate=sample_rate)
        left = round(max_duration_s * sample_rate)
        for frame in container.decode(stream):
            for part in resampler.resample(frame):
                yield _both(part)
                left -= part.samples
            if left <= 0:
                return
        for part in resampler.resample(None):
            yield _both(part)


def _both(part: "av.AudioFrame") -> NDArray[np.float32]:
    return np.ascontiguousarray(np.broadcast_to(part.to_ndarray(), (2, part.samples)), dtype=np.float32)


def _write(answer: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(answer, rest) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
