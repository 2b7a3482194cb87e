"""What a media file holds, without decoding it."""

from dataclasses import dataclass
from pathlib import Path

from service.errors import BadMedia
from service.media.magic import Kind, require


@dataclass(frozen=True, slots=True)
class Probe:
    """The streams of a file: what belongs to a stream is None where there is no such stream."""

    duration_s: float
    video_codec: str | None
    audio_codec: str | None
    fps: float | None
    sample_rate: int | None = None
    channels: int | None = None


def probe(path: Path) -> Probe:
    """Look at the header of a video or audio file.

    Raises:
        BadInput: when the file cannot be read.
        BadMedia: when it is not media or is damaged.
    """
    import av

    require(path, Kind.VIDEO, Kind.AUDIO)
    try:
        with av.open(str(path), "r") as container:
            videos = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
            audios = container.streams.audio
            fps = float(videos[0].average_rate) if videos and videos[0].average_rate else None
            return Probe(
                duration_s=float(container.duration or 0) / 1e6,
                video_codec=videos[0].codec_context.name if videos else None,
                audio_codec=audios[0].codec_context.name if audios else None,
                fps=fps,
                sample_rate=audios[0].rate or None if audios else None,
                channels=audios[0].codec_context.channels or None if audios else None,
            )
    except (av.FFmpegError, ValueError) as exc:
        raise BadMedia(f"{path}: is damaged or cut short; export it again") from exc
