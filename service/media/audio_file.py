"""Music into a wav, flac, mp3 or ogg file, exactly as many samples as it has."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from generators.waveform import Waveform
from service.errors import Incompatible
from service.media.formats import AUDIO_FORMATS, SIXTEEN_BITS, AudioFormat
from service.media.pcm import Dither, quantised
from service.media.tags import Tags

if TYPE_CHECKING:
    import av

BLOCK = 1 << 14  # samples that are handed to an encoder at once
OPUS_RATES = (8000, 12000, 16000, 24000, 48000)


def write_audio(path: Path, music: Waveform, tags: Tags, *, suffix: str | None = None, bits: int = 24) -> None:
    """Write music to a file whose suffix (or `suffix`) says the format; 16-bit files get triangular dither.

    Raises:
        Incompatible: when the suffix is no audio format that is known here.
    """
    import av

    name = (suffix or path.suffix).lower()
    chosen = (SIXTEEN_BITS if bits == 16 else AUDIO_FORMATS).get(name) or AUDIO_FORMATS.get(name)
    if chosen is None:
        raise Incompatible(f"{name or 'no suffix'}: not an audio format; use one of {', '.join(AUDIO_FORMATS)}")
    options = {"fflags": "+bitexact"} | ({"id3v2_version": "3"} if chosen.container == "mp3" else {})
    with av.open(str(path), "w", format=chosen.container, options=options) as container:
        container.metadata.update(tags.metadata())
        stream = add_audio(container, chosen, music)
        for frame in frames(music, chosen, seed=tags.seed):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def add_audio(
    container: "av.container.OutputContainer", chosen: AudioFormat, music: Waveform
) -> "av.audio.stream.AudioStream":
    """Add an audio stream of a format to an open container; the encoder gets the music's rate, or Opus' own."""
    rate = music.sample_rate
    if chosen.codec == "libopus" and rate not in OPUS_RATES:
        rate = 48000
    layout = "mono" if len(music.samples) == 1 else "stereo"
    stream: av.audio.stream.AudioStream = container.add_stream(
        chosen.codec, rate=rate, layout=layout, options=dict(chosen.options)
    )
    stream.codec_context.format = _sample_format(chosen)
    if chosen.bit_rate is not None:
        stream.codec_context.bit_rate = chosen.bit_rate
    return stream


def _sample_format(chosen: AudioFormat) -> str:
    if chosen.bits is None:
        return "flt" if chosen.codec == "libopus" else "fltp"
    return "s16" if chosen.bits == 16 else "s32"


def frames(music: Waveform, chosen: AudioFormat, *, seed: int) -> Iterator["av.AudioFrame"]:
    """The music as frames for the encoder of a format, each with its place in time."""
    from fractions import Fraction

    import av

    layout = "mono" if len(music.samples) == 1 else "stereo"
    for start in range(0, music.samples.shape[1], BLOCK):
        block = music.samples[:, start : start + BLOCK]
        if chosen.bits is None:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=layout)
        else:
            whole = _whole(block, chosen.bits, seed=seed + start)
            packed = np.ascontiguousarray(whole.T).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, format=_sample_format(chosen), layout=layout)
        frame.sample_rate = music.sample_rate
        frame.time_base = Fraction(1, music.sample_rate)
        frame.pts = start
        yield frame


def _whole(block: NDArray[np.float32], bits: int, *, seed: int) -> NDArray[np.int32] | NDArray[np.int16]:
    if bits == 16:
        return quantised(block, bits=16, dither=Dither.TRIANGULAR, seed=seed).astype(np.int16)
    return quantised(block, bits=24, dither=Dither.NONE, seed=seed) << 8  # 24 bits travel in the top of 32
