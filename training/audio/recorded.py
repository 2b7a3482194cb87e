"""A user's recordings as the flow reads them: their latents, and the points in CLAP space of sound and caption.

Nothing else is told of them. Who played which notes is not known, and the curves are measures of a score (velocities,
roles that play, pitches of onsets), which sound alone does not show: their masks are 0, as those of the whole roll are.
"""

import argparse
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from encoders.errors import EncoderError
from encoders.story import encode_caption
from generators.audio.codec import CODEC_FILE
from generators.audio.conditions import WIDTH, WIDTHS
from generators.audio.engine import Codec
from generators.audio.windows import WINDOW
from generators.waveform import Waveform
from training.audio.latents import Told
from training.audio.pool import FULL, INDEX, RATE
from training.audio.recordings import BadRecordings, Recorded, Recordings, load_recordings
from training.audio.sources import imported
from training.manifest import sha256_of

Floats = NDArray[np.float32]
NO_STEM = -1


class Ears(Protocol):
    """What is asked of a CLAP."""

    def embed_audio(self, samples: Floats, sample_rate: int) -> Floats:
        """The point [D] of sound [C N]."""

    def embed_text(self, vectors: Floats) -> Floats:
        """The point [D] of a caption, from the vectors [1 + K 384] of it and its clauses."""


@dataclass(frozen=True)
class Heard:
    """Clips of whole windows: `sound` [M T C]; `listened` and `read` [M D] are points of the sound and of its caption.

    A clip without a caption has the point of its sound in both.

    Raises:
        BadRecordings: the clips are shorter than a window of the flow.
    """

    sound: NDArray[np.float16]
    listened: NDArray[np.float16]
    read: NDArray[np.float16]

    def __post_init__(self) -> None:
        if self.sound.shape[1] < WINDOW:
            frames = self.sound.shape[1]
            raise BadRecordings(f"clips of {frames} latents are too short: the flow learns from {WINDOW} at once")

    def told(self) -> list[Told]:
        """Every clip twice, with one of its points each, so that draws use the one or the other half of the time."""
        return [
            _told(sound, p)
            for points in (self.listened, self.read)
            for sound, p in zip(self.sound, points, strict=True)
        ]


def heard(recordings: Recordings, codec: Codec, ears: Ears) -> Heard | None:
    """Encode the clips of a split, listen to them and read their captions; None where there are no clips.

    Raises:
        BadRecordings: a caption has no words, or is as long as a book.
    """
    read = cache(lambda caption: ears.embed_text(encode_caption(caption).vectors))
    clips = zip(recordings.clips, recordings.origins, strict=True)
    rows = [_row(clip, origin, codec, ears, read) for clip, origin in tqdm(clips, desc="recordings", mininterval=20.0)]
    return Heard(*(np.stack(column).astype(np.float16) for column in zip(*rows, strict=True))) if rows else None


def clips(args: argparse.Namespace, codec: Codec, ears: Ears) -> tuple[list[Told], list[Told]]:
    """Clips of the folder `--audio` to train on and held out, encoded when they are first asked for.

    What is held out are other recordings; of a single recording the loss is measured on what is trained on.

    Raises:
        BadRecordings: there is nothing to learn from.
    """
    folder = imported(args)
    known_by = hashlib.sha256("".join(map(sha256_of, (args.codec / CODEC_FILE, args.clap))).encode()).hexdigest()[:12]
    made = []
    for split in ("train", "valid"):
        path = folder / f"latents-{known_by}" / f"{split}-{sha256_of(folder / split / INDEX)[:12]}.npz"
        found = load_heard(path) if path.exists() else heard(load_recordings(folder / split), codec, ears)
        if found is not None and not path.exists():
            save_heard(path, found)
        made.append([] if found is None else found.told())
    train, held_out = made
    if not train:
        raise BadRecordings(f"{folder} holds no clip to train on; remove it, and {args.audio} is cut again")
    if not held_out:
        print("a single recording: nothing is held out, the loss is measured on what is trained on", flush=True)
    return train, held_out or train


def save_heard(path: Path, found: Heard) -> None:
    """Write clips, at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        arrays: dict[str, Any] = {f.name: getattr(found, f.name) for f in fields(found)}
        np.savez(file, **arrays)
    partial.replace(path)


def load_heard(path: Path) -> Heard:
    """Read what `save_heard` wrote."""
    with np.load(path) as held:
        return Heard(**{f.name: held[f.name] for f in fields(Heard)})


def _row(
    clip: NDArray[np.int16], origin: Recorded, codec: Codec, ears: Ears, read: Callable[[str], Floats]
) -> tuple[Floats, Floats, Floats]:
    samples = clip.astype(np.float32) / np.float32(FULL)
    listened = ears.embed_audio(samples, RATE)
    try:
        said = read(origin.caption) if origin.caption else listened
    except EncoderError as exc:
        raise BadRecordings(f"the caption of {origin.file}: {exc}") from exc
    return codec.encode(Waveform(samples, RATE)), listened, said


def _told(sound: NDArray[np.float16], point: NDArray[np.float16]) -> Told:
    frames = len(sound)
    return Told(
        np.broadcast_to(sound, (3, *sound.shape)),
        np.broadcast_to(np.zeros(1, np.uint8), (2, frames, WIDTH)),
        np.broadcast_to(np.zeros(1, np.bool_), (2, frames, len(WIDTHS))),
        point,
        NO_STEM,
    )
