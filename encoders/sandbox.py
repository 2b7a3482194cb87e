"""Runs the decode child: an open file in, small frames out, and an error in one line for whatever goes wrong in it."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import numpy as np

from encoders.errors import EncoderError, MediaTooLarge, UnreadableMedia
from encoders.features import Frames
from encoders.frame_port import FrameRequest, MediaLimits

_ERRORS: dict[str, type[EncoderError]] = {"UnreadableMedia": UnreadableMedia, "MediaTooLarge": MediaTooLarge}
_ROOT = Path(__file__).resolve().parent.parent


def decode(path: Path, request: FrameRequest, limits: MediaLimits) -> Frames:
    """Return the frames of the video at `path`, decoded by a child process that holds nothing but that open file.

    Raises:
        UnreadableMedia, MediaTooLarge: as `encoders.frames.read_frames` says.
    """
    task = {"request": dataclasses.asdict(request), "limits": dataclasses.asdict(limits), "parent": os.getpid()}
    try:
        media = path.open("rb")
    except OSError as exc:
        raise UnreadableMedia(f"{path.name}: cannot be opened ({exc.strerror}); check the path") from exc
    with media:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "encoders.decode_child", json.dumps(task)],
            stdin=media,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_environment(),
        )
    with child:
        watchdog = threading.Timer(limits.wall_s, child.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            return _answer(child, path.name)
        finally:
            watchdog.cancel()
            child.kill()


def _answer(child: subprocess.Popen[bytes], name: str) -> Frames:
    pipe = child.stdout
    if pipe is None:
        raise UnreadableMedia(f"{name}: the decoder could not be started")
    line = pipe.readline()
    if not line.endswith(b"\n"):
        raise _death(child.wait(), name)
    header = json.loads(line)
    if "error" in header:
        raise _ERRORS[header["error"]](f"{name}: {header['message']}")
    rgb = np.empty(header["shape"], dtype=np.uint8)
    if not _filled(pipe, rgb.reshape(-1).data):
        raise _death(child.wait(), name)
    return Frames(
        rgb=rgb,
        times_s=np.array(header["times_s"], dtype=np.float64),
        width=header["width"],
        height=header["height"],
        fps=header["fps"],
        n_frames=header["n_frames"],
        duration_s=header["duration_s"],
        has_audio=header["has_audio"],
    )


def _filled(pipe: IO[bytes], room: memoryview) -> bool:
    while room:
        block = pipe.read(min(len(room), 1 << 20))
        if not block:
            return False
        room[: len(block)] = block
        room = room[len(block) :]
    return True


def _death(exit_code: int, name: str) -> EncoderError:
    """Return what to tell the user when the child died: by a signal (-n), or by its own failure."""
    if exit_code in (-signal.SIGXCPU, -signal.SIGKILL):
        return MediaTooLarge(f"{name}: takes too long to decode; lower its size or frame rate, or split it")
    if exit_code == -signal.SIGABRT:
        return MediaTooLarge(f"{name}: takes too much memory to decode; scale it down")
    return UnreadableMedia(f"{name}: the decoder failed on it (exit code {exit_code}); export it again as H.264 MP4")


def child_environment() -> dict[str, str]:
    """Return the child's whole environment: nothing of the service's secrets, one thread per maths library."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }
