"""Looks at a media file before decoding it: container by magic bytes, limits by header, times by packets."""

import os
from typing import TYPE_CHECKING, BinaryIO, cast

import numpy as np

from encoders.errors import MediaTooLarge, UnreadableMedia
from encoders.frame_port import MediaLimits, VideoInfo

if TYPE_CHECKING:
    import av

_HEAD_BYTES = 16
_ISO_BRANDS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")


class DescriptorFile:
    """A read-only file object on a descriptor with a position of its own, so that several decoders share one file."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._position = 0
        self._size = os.fstat(descriptor).st_size

    def read(self, n_bytes: int = -1) -> bytes:
        """Return up to `n_bytes` from the position on."""
        wanted = self._size - self._position if n_bytes < 0 else n_bytes
        block = os.pread(self._descriptor, max(wanted, 0), self._position)
        self._position += len(block)
        return block

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the position and return it."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position


def demuxer_of(head: bytes) -> str:
    """Return the demuxer for a file's first 16 bytes.

    Only ISO-BMFF, Matroska/WebM and AVI are allowed: playlists and image sequences can name other files.

    Raises:
        UnreadableMedia: other bytes.
    """
    if head[4:8] in _ISO_BRANDS:
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    if not head:
        raise UnreadableMedia("the file is empty; send a video in MP4, MOV, MKV, WebM or AVI")
    raise UnreadableMedia("not a video that can be read, whatever its name says; send MP4, MOV, MKV, WebM or AVI")


def probe(descriptor: int, limits: MediaLimits) -> VideoInfo:
    """Return what container and packets say of the video at `descriptor`, without decoding a frame.

    Raises:
        UnreadableMedia: no video stream, a damaged or cut file, a codec that is not allowed.
        MediaTooLarge: over one of `limits`.
    """
    import av

    source = DescriptorFile(descriptor)
    demuxer = demuxer_of(os.pread(descriptor, _HEAD_BYTES, 0))
    try:
        with av.open(cast(BinaryIO, source), format=demuxer) as container:
            if not container.streams.video:
                raise UnreadableMedia("no picture in it, only sound or data; send a file with a video stream")
            if len(container.streams) > limits.max_streams:
                raise MediaTooLarge(f"{len(container.streams)} streams; at most {limits.max_streams} are read")
            stream = container.streams.video[0]
            context = stream.codec_context
            _check_picture(context.name, context.width, context.height, limits)
            if stream.duration and stream.time_base:  # what the header admits need not be counted
                _check_time(float(stream.duration * stream.time_base), float(stream.average_rate or 0), limits)
            packets = _packets(container, stream, limits)
            info = _described(demuxer, container, stream, packets)
    except av.error.FFmpegError as exc:
        raise UnreadableMedia("damaged or cut off: its index cannot be read; export or upload it again") from exc
    _check_time(info.duration_s, info.fps, limits)
    return info


def _packets(
    container: "av.container.InputContainer", stream: "av.VideoStream", limits: MediaLimits
) -> "list[av.Packet]":
    most, packets = round(limits.max_duration_s * limits.max_fps), []
    for packet in container.demux(stream):
        if packet.pts is not None and packet.size and not packet.is_discard:
            packets.append(packet)
            if len(packets) > most:
                raise MediaTooLarge(f"more than {most} frames; split it, or lower the frame rate")
    return packets


def _described(
    demuxer: str,
    container: "av.container.InputContainer",
    stream: "av.VideoStream",
    packets: "list[av.Packet]",
) -> VideoInfo:
    if not packets:
        raise UnreadableMedia("its video stream has no frames; export it again")
    tick_s = float(stream.time_base)
    pts = np.sort(np.array([packet.pts for packet in packets], dtype=np.int64))
    last_s = float(packets[-1].duration or 0) * tick_s
    spanned_s = float(pts[-1] - pts[0]) * tick_s + last_s
    duration_s = float(stream.duration) * tick_s if stream.duration else spanned_s
    # Matroska says when the last stream ends, counted from zero; its picture may well end before its sound.
    claimed_s = (
        (container.duration or 0) / 1e6 - max(0.0, float(pts[0]) * tick_s) if demuxer == "matroska" else duration_s
    )
    complete = spanned_s >= 0.9 * duration_s and (stream.frames == 0 or len(pts) >= 0.9 * stream.frames)
    if not complete or spanned_s < 0.5 * claimed_s:
        raise UnreadableMedia(f"cut off: {spanned_s:.1f} s of {claimed_s:.1f} s are there; upload it again")
    fps = float(stream.average_rate or 0) or len(pts) / max(duration_s, tick_s)
    return VideoInfo(
        demuxer=demuxer,
        codec=stream.codec_context.name,
        width=stream.codec_context.width,
        height=stream.codec_context.height,
        fps=fps,
        duration_s=duration_s,
        has_audio=bool(container.streams.audio),
        start_pts=int(pts[0]),
        tick_s=tick_s,
        pts_s=(pts - pts[0]) * tick_s,
        key_pts=tuple(sorted(int(packet.pts) for packet in packets if packet.is_keyframe and packet.pts is not None)),
    )


def _check_picture(codec: str, width: int, height: int, limits: MediaLimits) -> None:
    if codec not in limits.codecs:
        raise UnreadableMedia(f"codec {codec} is not read here; convert to one of {', '.join(limits.codecs)}")
    if width <= 0 or height <= 0:
        raise UnreadableMedia("its picture has no size; export it again")
    if max(width, height) > limits.max_side_px or width * height > limits.max_pixels:
        raise MediaTooLarge(
            f"picture of {width}x{height}; at most {limits.max_side_px} px a side and "
            f"{limits.max_pixels / 1e6:.1f} megapixels are read: scale it down, the music will be the same"
        )


def _check_time(duration_s: float, fps: float, limits: MediaLimits) -> None:
    if duration_s <= 0.0:
        raise UnreadableMedia("it lasts 0 s; export it again")
    if duration_s > limits.max_duration_s:
        raise MediaTooLarge(f"{duration_s:.0f} s long; at most {limits.max_duration_s:.0f} s are read: split it")
    if fps > limits.max_fps:
        raise MediaTooLarge(f"{fps:.0f} frames a second; at most {limits.max_fps:.0f}: lower the frame rate")
