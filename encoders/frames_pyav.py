"""Frames through PyAV: two decoders share the file, frames that no other needs are skipped, doubtful gaps refined."""

import bisect
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from encoders.errors import UnreadableMedia
from encoders.frame_port import FrameRequest, MediaLimits, Picture, VideoInfo, thinning_step_s
from encoders.probe import DescriptorFile

if TYPE_CHECKING:
    import av

# A gap of skipped frames may hide a cut if its sides differ by this much (mean, of 255) and stand out by the ratio.
_DOUBT = 9.0
_DOUBT_RATIO = 2.5
_MAX_GAP_S = 0.2
_N_DECODERS = 2
_LARGE_PX = 1920 * 1088

_MAX_BAD_PACKETS = 50


@dataclass(frozen=True)
class _Shot:
    """One small frame: stream time, pixels, and the quarter turns (counter-clockwise) that it is shown with."""

    pts: int
    rgb: NDArray[np.uint8]
    turns: int


@dataclass(frozen=True)
class _Span:
    """Frames with `from_pts` <= pts < `to_pts`, all of them or (`skip`) only those that others refer to."""

    from_pts: int
    to_pts: int
    skip: bool


class PyavReader:
    """Reads with the FFmpeg that PyAV carries; 60 s of 1080p30 H.264 at 8 Mbit/s take about 4 s on two cores."""

    def __init__(self, limits: MediaLimits) -> None:
        self._limits = limits

    def read(self, descriptor: int, info: VideoInfo, request: FrameRequest, size: tuple[int, int]) -> Picture:
        """Return frames scaled to `size` (width, height); see `FrameReader`."""
        step_s = thinning_step_s(info, request, size, self._limits.max_result_bytes)
        spans = _spans(info, skip=not request.every_frame)
        with ThreadPoolExecutor(max_workers=len(spans)) as pool:
            parts = list(pool.map(lambda span: _decode(descriptor, info, size, span, step_s), spans))
        shots = [shot for part in parts for shot in part]
        if not shots:
            raise UnreadableMedia("no frame of it can be decoded; export it again")
        if not request.every_frame and request.sample_fps is None:
            shots = _refined(descriptor, info, size, shots, max_gap_s=max(_MAX_GAP_S, 2.0 * step_s))
        times_s = np.array([(shot.pts - info.start_pts) * info.tick_s for shot in shots], dtype=np.float64)
        slack_s = step_s + 1.0 / max(info.fps, 1.0)  # the last frame that is kept may lie a whole step before the end
        if times_s[-1] - times_s[0] < 0.9 * (info.pts_s[-1] - info.pts_s[0]) - slack_s:
            raise UnreadableMedia("damaged: under nine tenths of its frames can be decoded; export it again")
        rgb = np.stack([shot.rgb for shot in shots])
        return Picture(np.rot90(rgb, shots[0].turns, axes=(1, 2)), times_s, shots[0].turns)


def quarter_turns(descriptor: int, info: VideoInfo) -> int:
    """Return how many quarter turns (counter-clockwise) make the video's frames upright: 0 to 3."""
    first = _decode(descriptor, info, (16, 16), _Span(info.start_pts, info.start_pts + 1, skip=False))
    return first[0].turns if first else 0


def _n_decoders(info: VideoInfo) -> int:
    """Return how many decoders may hold their reference frames at once within the child's memory."""
    return 1 if info.width * info.height > _LARGE_PX else _N_DECODERS


def _spans(info: VideoInfo, *, skip: bool) -> list[_Span]:
    """Return the video in two halves that meet at a keyframe; in one piece where frames are too large for two."""
    end = info.start_pts + round(info.pts_s[-1] / info.tick_s) + 1
    middle = info.start_pts + (end - info.start_pts) // 2
    inner = [pts for pts in info.key_pts if info.start_pts < pts < end]
    if not inner or _n_decoders(info) == 1:
        return [_Span(info.start_pts, end, skip)]
    split = min(inner, key=lambda pts: abs(pts - middle))
    return [_Span(info.start_pts, split, skip), _Span(split, end, skip)]


def _decode(descriptor: int, info: VideoInfo, size: tuple[int, int], span: _Span, step_s: float = 0.0) -> list[_Shot]:
    import av
    from av.video.reformatter import Interpolation, VideoReformatter

    shots: list[_Shot] = []
    scaler = VideoReformatter()
    # The frame before the span belongs to the other decoder and may have filled the first slot.
    before = bisect.bisect_left(info.pts_s, (span.from_pts - 0.5 - info.start_pts) * info.tick_s) - 1
    last_slot = int(info.pts_s[before] / step_s + 1e-6) if step_s > 0 and before >= 0 else -1
    with av.open(cast(BinaryIO, DescriptorFile(descriptor)), format=info.demuxer) as container:
        stream = container.streams.video[0]
        stream.thread_type = "NONE"
        # At a fortieth of the size the deblocking filter cannot be seen; leaving it out saves a tenth of the time.
        stream.codec_context.options = {"skip_loop_filter": "all"}
        if span.skip:
            stream.codec_context.skip_frame = "NONREF"
        if span.from_pts > info.start_pts:
            container.seek(span.from_pts, stream=stream)
        for frame in _whole_frames(container, stream):
            if frame.pts is None or frame.pts < span.from_pts:
                continue
            if frame.pts >= span.to_pts:
                break
            slot = frame.pts if step_s <= 0 else int((frame.pts - info.start_pts) * info.tick_s / step_s + 1e-6)
            if slot == last_slot:
                continue
            last_slot = slot
            small = scaler.reformat(frame, size[0], size[1], format="rgb24", interpolation=Interpolation.AREA)
            shots.append(
                _Shot(frame.pts, small.to_ndarray().astype(np.uint8, copy=False), round(frame.rotation / 90) % 4)
            )
    return shots


def _whole_frames(container: "av.container.InputContainer", stream: "av.VideoStream") -> Iterator["av.VideoFrame"]:
    """Yield decoded frames, passing over a few damaged packets; one bad packet does not spoil a video."""
    import av

    n_bad = 0
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError as exc:
            n_bad += 1
            if n_bad > _MAX_BAD_PACKETS:
                raise UnreadableMedia("damaged: too many of its frames cannot be decoded; export it again") from exc


def _refined(
    descriptor: int, info: VideoInfo, size: tuple[int, int], shots: list[_Shot], *, max_gap_s: float
) -> list[_Shot]:
    """Return the shots with every frame decoded in gaps that may hide a cut, so that cuts are exact to the frame."""
    every = [info.start_pts + round(time_s / info.tick_s) for time_s in info.pts_s]
    pairs = list(pairwise(shots))
    change = np.array([np.mean(np.abs(left.rgb.astype(np.int16) - right.rgb)) for left, right in pairs])
    doubtful: list[_Span] = []
    for index, (left, right) in enumerate(pairs):
        n_hidden = bisect.bisect_left(every, right.pts) - bisect.bisect_right(every, left.pts)
        usual = float(np.median(change[max(0, index - 8) : index + 9]))
        stands_out = change[index] > max(_DOUBT, _DOUBT_RATIO * usual)
        if n_hidden > 0 and (stands_out or (right.pts - left.pts) * info.tick_s > max_gap_s):
            doubtful.append(_Span(left.pts + 1, right.pts, skip=False))
    known = {shot.pts: shot for shot in shots}
    with ThreadPoolExecutor(max_workers=_n_decoders(info)) as pool:
        parts = pool.map(lambda span: _decode(descriptor, info, size, span), _joined(doubtful, info.key_pts))
        known.update({shot.pts: shot for part in parts for shot in part})
    return [known[pts] for pts in sorted(known)]


def _joined(spans: list[_Span], key_pts: tuple[int, ...]) -> list[_Span]:
    """Return the spans with those after the same keyframe joined, so that no group of pictures is decoded twice."""
    joined: list[_Span] = []
    for span in spans:
        same = joined and bisect.bisect(key_pts, joined[-1].from_pts) == bisect.bisect(key_pts, span.from_pts)
        if same:
            joined[-1] = _Span(joined[-1].from_pts, span.to_pts, skip=False)
        else:
            joined.append(span)
    return joined
