"""A video with new sound: the picture's packets are copied as they are, the music is encoded beside them."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from generators.waveform import Waveform
from service.errors import BadMedia, Incompatible
from service.media.audio_file import add_audio, frames
from service.media.formats import VIDEO_FORMATS
from service.media.tags import Tags

if TYPE_CHECKING:
    import av


@dataclass(frozen=True, slots=True)
class _Lane:
    """The music's side of the file: encodes up to a time, so that both streams lie side by side in the file."""

    stream: "av.audio.stream.AudioStream"
    frames: Iterator["av.AudioFrame"]

    def packets(self, until_s: float | None) -> Iterator["av.Packet"]:
        """Packets of the music up to a time, or all that are left and the encoder's rest."""
        for frame in self.frames:
            yield from self.stream.encode(frame)
            if until_s is not None and frame.time is not None and frame.time > until_s:
                return
        if until_s is None:
            yield from self.stream.encode(None)


def mux(video: Path, music: Waveform, out: Path, tags: Tags, *, suffix: str | None = None) -> None:
    """Write `out` with the pictures of `video`, not encoded again, and the music as its only sound.

    Raises:
        BadMedia: when the video has no picture or is damaged.
        Incompatible: when the container cannot hold the picture's codec, or is none that is known here.
    """
    import av

    name = (suffix or out.suffix).lower()
    if name not in VIDEO_FORMATS:
        raise Incompatible(f"{name}: not a video format; use one of {', '.join(VIDEO_FORMATS)}")
    chosen = VIDEO_FORMATS[name]
    options = {"fflags": "+bitexact", "movflags": "+faststart"}
    try:
        source = av.open(str(video), "r")
    except (av.FFmpegError, ValueError) as exc:
        raise BadMedia(f"{video}: is damaged or cut short; export it again") from exc
    with source, av.open(str(out), "w", format=chosen.container, options=options) as container:
        container.metadata.update(tags.metadata())
        picture = _picture_of(video, source)
        try:
            copy = container.add_stream_from_template(picture)
            copy.time_base = picture.time_base
            lane = _Lane(add_audio(container, chosen, music), frames(music, chosen, seed=tags.seed))
            for packet in _interleaved(source, picture, copy, lane):
                container.mux(packet)
        except (av.FFmpegError, ValueError) as exc:
            codec = picture.codec_context.name
            raise Incompatible(f"{name} cannot hold the picture's codec {codec}; choose another container") from exc


def _picture_of(path: Path, source: "av.container.InputContainer") -> "av.video.stream.VideoStream":
    import av

    for stream in source.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    raise BadMedia(f"{path}: has no picture; give a file with a video stream")


def _interleaved(
    source: "av.container.InputContainer",
    picture: "av.video.stream.VideoStream",
    copy: "av.video.stream.VideoStream",
    lane: _Lane,
) -> Iterator["av.Packet"]:
    start = picture.start_time or 0  # music starts with the first picture, wherever the file's clock starts
    base = picture.time_base or Fraction(1, 90_000)
    for packet in source.demux(picture):
        if packet.dts is None:
            continue
        packet.dts -= start
        if packet.pts is not None:
            packet.pts -= start
        packet.stream = copy
        at_s = float(packet.dts * base)
        yield packet
        yield from lane.packets(at_s)
    yield from lane.packets(None)
