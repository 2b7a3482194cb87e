"""A user's own recordings as clips to learn from: any format, resampled, without silence and clipping, with captions.

A caption lies beside its recording under the same name: `song.txt` (all of it), or `song.json` with a `caption`.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.audio.pool import CLIP_SAMPLES, CLIPS, FULL, INDEX, RATE

SUFFIXES = frozenset({".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".wma"})
SILENCE_DBFS = -50.0  # mean level below which a clip teaches nothing
CLIPPED_SHARE = 1e-3  # of samples at full scale above which a clip teaches what clipping sounds like
FULL_SCALE = 0.999
HELD_OUT_EVERY = 20  # recordings
Floats = NDArray[np.float32]


class BadRecordings(Exception):
    """A folder of recordings does not exist, a caption cannot be read, or nothing in it can be learned from."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where a clip comes from: the file, relative to its folder, the second where it starts, and its caption or ''."""

    file: str
    start_s: float
    caption: str


@dataclass(frozen=True)
class Recordings:
    """Clips int16 [M 2 N] at RATE, mapped from disk, and where each comes from."""

    clips: NDArray[np.int16]
    origins: tuple[Recorded, ...]


def import_folder(folder: Path, out: Path) -> Counter[str]:
    """Cut recordings into clips, `out/train` and `out/valid` by recording; tells how many are what.

    Raises:
        BadRecordings: there is no such folder, a caption is broken, or no clip is left.
    """
    if not folder.is_dir():
        raise BadRecordings(f"{folder} is not a folder; give one with recordings in it")
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    told: Counter[str] = Counter()
    held_out = set(files[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY]) or set(files[1:][-1:])
    for split, some in (("train", [f for f in files if f not in held_out]), ("valid", sorted(held_out))):
        _write(folder, some, out / split, told)
    if not told["clips of train"]:
        (out / "valid" / INDEX).unlink()  # so that nobody takes it for an imported folder
        why = ", ".join(f"{n} {what}" for what, n in told.items() if n) or "no recordings"
        raise BadRecordings(f"{folder} holds nothing to learn from ({why}); clips are {CLIP_SAMPLES / RATE:.1f} s long")
    return told


def load_recordings(folder: Path) -> Recordings:
    """One split of an imported folder."""
    origins = tuple(Recorded(**row) for row in json.loads((folder / INDEX).read_text(encoding="utf-8")))
    return Recordings(np.load(folder / CLIPS, mmap_mode="r"), origins)


def caption_of(path: Path) -> str:
    """The caption beside a recording, or ''.

    Raises:
        BadRecordings: it is JSON without a `caption`, or cannot be read.
    """
    text, notes = path.with_suffix(".txt"), path.with_suffix(".json")
    try:
        if text.exists():
            return " ".join(text.read_text(encoding="utf-8").split())
        if notes.exists():
            return " ".join(str(json.loads(notes.read_text(encoding="utf-8"))["caption"]).split())
    except (ValueError, KeyError, TypeError) as exc:
        raise BadRecordings(f"{notes if notes.exists() else text}: cannot be read as a caption ({exc!r})") from exc
    return ""


def clips_of(path: Path, clip_samples: int = CLIP_SAMPLES) -> Iterator[Floats]:
    """The whole clips [2 N] of a recording, one after another, at RATE; a rest is left out.

    Raises:
        BadRecordings: it cannot be decoded.
    """
    import av

    held: list[Floats] = []
    count = 0
    try:
        for part in _decoded(path):
            held.append(part)
            count += part.shape[1]
            while count >= clip_samples:
                joined = np.concatenate(held, axis=1)
                yield joined[:, :clip_samples]
                held, count = [joined[:, clip_samples:]], count - clip_samples
    except (av.FFmpegError, ValueError, IndexError) as exc:
        raise BadRecordings(f"{path}: cannot be read as sound ({exc})") from exc


def fault(clip: Floats) -> str | None:
    """Why a clip [2 N] is left out: it is silent, clipped or not finite; None where it is sound."""
    if not np.isfinite(clip).all():
        return "not finite"
    if float(np.mean(np.square(clip))) < 10.0 ** (SILENCE_DBFS / 10.0):
        return "silent"
    if float(np.mean(np.abs(clip) >= FULL_SCALE)) > CLIPPED_SHARE:
        return "clipped"
    return None


def _decoded(path: Path) -> Iterator[Floats]:
    import av

    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            for part in resampler.resample(frame):
                yield part.to_ndarray().astype(np.float32)
        for part in resampler.resample(None):
            yield part.to_ndarray().astype(np.float32)


def _write(folder: Path, files: list[Path], out: Path, told: Counter[str]) -> None:
    """The good clips of some files as one array, which grows on disk and gets its head at the end."""
    out.mkdir(parents=True, exist_ok=True)
    origins = []
    with (out / "clips.partial").open("wb+") as raw:
        for path in files:
            for n, clip in enumerate(_readable(path, told)):
                why = fault(clip)
                told[why or f"clips of {out.name}"] += 1
                if why is None:
                    raw.write(np.round(np.clip(clip, -1.0, 1.0) * FULL).astype(np.int16).tobytes())
                    start_s = round(n * CLIP_SAMPLES / RATE, 3)
                    origins.append(Recorded(str(path.relative_to(folder)), start_s, caption_of(path)))
    shape = (len(origins), 2, CLIP_SAMPLES)
    held = np.memmap(out / "clips.partial", np.int16, "r", shape=shape) if origins else np.zeros(shape, np.int16)
    np.save(out / CLIPS, held)
    (out / "clips.partial").unlink()
    (out / INDEX).write_text(json.dumps([asdict(o) for o in origins]), encoding="utf-8")


def _readable(path: Path, told: Counter[str]) -> Iterator[Floats]:
    """The clips of a file; one that cannot be read, or is too short for a clip, is counted and passed over."""
    n = 0
    try:
        for clip in clips_of(path):
            n += 1
            yield clip
    except BadRecordings:
        told["unreadable"] += 1
        return
    told["too short"] += not n
