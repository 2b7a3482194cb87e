"""The decode child: reads one video from standard input under hard limits and writes small frames to standard output.

Started by `encoders.sandbox` as `python -m encoders.decode_child REQUEST_JSON`; imports no torch. The answer is one
line of JSON (`Header`, or an error's kind and message), then the raw frames.
"""

import ctypes
import dataclasses
import json
import os
import resource
import signal
import sys

import numpy as np

from encoders.errors import EncoderError, UnreadableMedia
from encoders.frame_port import FrameReader, FrameRequest, MediaLimits, Picture, VideoInfo, reduced_size

_PR_SET_PDEATHSIG = 1
_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000  # CLONE_NEWNET, CLONE_NEWUSER of sched.h
_MAX_OPEN_FILES = 64
# CPU seconds for one frame of 1920x1080: eight times what H.264 at 8 Mbit/s takes.
_CPU_S_PER_FRAME = 0.05


def main(arguments: list[str]) -> int:
    """Decode standard input as `arguments[0]` (JSON: request, limits, parent) asks; return 0 once an answer is out."""
    task = json.loads(arguments[0])
    limits = MediaLimits(**{**task["limits"], "codecs": tuple(task["limits"]["codecs"])})
    request = FrameRequest(**task["request"])
    answer = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # decoders may print; the answer's pipe is ours alone
    confine(limits, task["parent"])
    try:
        info, picture = _read(request, limits)
    except EncoderError as exc:
        _send(answer, {"error": type(exc).__name__, "message": str(exc)})
        return 0
    except MemoryError:
        _send(answer, {"error": "MediaTooLarge", "message": "it takes too much memory to decode: scale it down"})
        return 0
    _send(answer, _header(info, picture))
    pixels = np.ascontiguousarray(picture.rgb).reshape(-1).data
    while pixels:
        pixels = pixels[os.write(answer, pixels) :]
    return 0


def confine(limits: MediaLimits, parent: int) -> None:
    """Limit memory, files and CPU of this process, take its network away, and let it die with its parent."""
    if sys.platform == "linux":
        leave_network()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit(1)
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MAX_OPEN_FILES, _MAX_OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s_floor, resource.RLIM_INFINITY))


def leave_network() -> bool:
    """Move this process into a network of its own, which leads nowhere; False where the system does not let it.

    Root may; others need user namespaces, which some systems forbid: there the container's rules must do it.
    """
    unshare = ctypes.CDLL(None).unshare
    return bool(unshare(_NEW_NETWORK) == 0 or unshare(_NEW_USER | _NEW_NETWORK) == 0)


def _read(request: FrameRequest, limits: MediaLimits) -> tuple[VideoInfo, Picture]:
    from encoders.probe import probe

    descriptor = sys.stdin.fileno()
    info = probe(descriptor, limits)
    cost_s = len(info.pts_s) * info.width * info.height / (1920 * 1080) * _CPU_S_PER_FRAME
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s_floor + int(cost_s), resource.RLIM_INFINITY))
    size = reduced_size(info, request, limits.max_result_bytes)
    return info, _reader(request.reader, limits).read(descriptor, info, request, size)


def _reader(name: str, limits: MediaLimits) -> FrameReader:
    if name == "decord":
        from encoders.frames import DecordReader

        return DecordReader(limits)
    if name == "pyav":
        from encoders.frames_pyav import PyavReader

        return PyavReader(limits)
    raise UnreadableMedia(f"no frame reader is called {name}; choose pyav or decord")


def _header(info: VideoInfo, picture: Picture) -> dict[str, object]:
    described = {
        field.name: getattr(info, field.name)
        for field in dataclasses.fields(info)
        if field.name in ("width", "height", "fps", "duration_s", "has_audio")
    }
    if picture.turns % 2:
        described["width"], described["height"] = info.height, info.width
    return {**described, "n_frames": len(info.pts_s), "shape": picture.rgb.shape, "times_s": picture.times_s.tolist()}


def _send(answer: int, header: dict[str, object]) -> None:
    line = json.dumps(header).encode() + b"\n"
    while line:
        line = line[os.write(answer, line) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
