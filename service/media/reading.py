"""Audio out of a file, decoded to floats at one rate by a child process with limits."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from encoders.frame_port import MediaLimits
from encoders.sandbox import child_environment
from generators.waveform import Waveform
from service.errors import BadInput, BadMedia
from service.media.audio_child import HEAD
from service.media.magic import Kind, require

MAX_AUDIO_S = 1800.0


def read_audio(
    path: Path, *, sample_rate: int, max_duration_s: float = MAX_AUDIO_S, mono_twice: bool = False
) -> Waveform:
    """Decode the first audio stream of a file to stereo at `sample_rate`, at most `max_duration_s` of it.

    A single channel is spread over two, 3 dB lower in each; with `mono_twice` it is in both as it is.

    Raises:
        BadInput: when the file cannot be read.
        BadMedia: when it is not audio, holds no sound, or is damaged.
    """
    require(path, Kind.AUDIO, Kind.VIDEO)
    task = {"sample_rate": sample_rate, "max_duration_s": max_duration_s, "mono_twice": mono_twice}
    pieces = _decoded(path, task)
    if pieces is None:
        raise BadMedia(f"{path}: the sound is damaged or cut short; export it again")
    if not pieces:
        raise BadMedia(f"{path}: has no sound in it; give a file with audio")
    samples = np.concatenate(pieces, axis=1)[:, : round(max_duration_s * sample_rate)]
    if not np.isfinite(samples).all():
        raise BadMedia(f"{path}: the sound holds values that are not numbers; export it again")
    return Waveform(samples, sample_rate)


def _decoded(path: Path, task: dict[str, float]) -> list[NDArray[np.float32]] | None:
    """What the child sends, which holds nothing but the open file; None when it fails, dies or takes too long."""
    try:
        media = path.open("rb")
    except OSError as exc:
        raise BadInput(f"{path}: cannot be read ({exc.strerror}); check the file's permissions") from exc
    with media:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "service.media.audio_child", json.dumps(task | {"parent": os.getpid()})],
            stdin=media,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_environment(),
        )
    with child:
        watchdog = threading.Timer(MediaLimits().wall_s, child.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            return _received(child.stdout) if child.stdout is not None else None
        finally:
            watchdog.cancel()
            child.kill()


def _received(pipe: IO[bytes]) -> list[NDArray[np.float32]] | None:
    pieces: list[NDArray[np.float32]] = []
    while len(head := pipe.read(HEAD.size)) == HEAD.size:
        (count,) = HEAD.unpack(head)
        if count <= 0:
            return pieces if count == 0 else None
        data = pipe.read(8 * count)
        if len(data) != 8 * count:
            return None
        pieces.append(np.frombuffer(data, np.float32).reshape(2, count))
    return None
