"""Audio out of a file, decoded to floats at one rate."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generators.waveform import Waveform
from service.errors import BadMedia
from service.media.magic import Kind, require

MAX_AUDIO_S = 1800.0


def read_audio(path: Path, *, sample_rate: int, max_duration_s: float = MAX_AUDIO_S) -> Waveform:
    """Decode the first audio stream of a file to stereo at `sample_rate`, at most `max_duration_s` of it.

    Raises:
        BadInput: when the file cannot be read.
        BadMedia: when it is not audio, holds no sound, or is damaged.
    """
    import av

    require(path, Kind.AUDIO, Kind.VIDEO)
    try:
        chunks = _decode(path, sample_rate, max_duration_s)
    except (av.FFmpegError, ValueError) as exc:
        raise BadMedia(f"{path}: the sound is damaged or cut short; export it again") from exc
    if not chunks:
        raise BadMedia(f"{path}: has no sound in it; give a file with audio")
    samples = np.concatenate(chunks, axis=1)[:, : round(max_duration_s * sample_rate)]
    if not np.isfinite(samples).all():
        raise BadMedia(f"{path}: the sound holds values that are not numbers; export it again")
    return Waveform(samples, sample_rate)


def _decode(path: Path, sample_rate: int, max_duration_s: float) -> list[NDArray[np.float32]]:
    import av

    chunks: list[NDArray[np.float32]] = []
    with av.open(str(path), "r") as container:
        if not container.streams.audio:
            return []
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=sample_rate)
        left = round(max_duration_s * sample_rate)
        for frame in container.decode(container.streams.audio[0]):
            for part in resampler.resample(frame):
                chunks.append(np.asarray(part.to_ndarray(), dtype=np.float32))
                left -= part.samples
            if left <= 0:
                return chunks
        chunks.extend(np.asarray(part.to_ndarray(), dtype=np.float32) for part in resampler.resample(None))
    return chunks
