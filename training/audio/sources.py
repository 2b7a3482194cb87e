"""The sound that a stage of training hears, as its command line asks: the pool, or a folder of recordings."""

import argparse
import hashlib
from pathlib import Path

from training.audio.draws import AlignedSource, ClipSource, Mixture, Source
from training.audio.pool import INDEX, load_pool
from training.audio.recordings import import_folder, load_recordings


def sources(args: argparse.Namespace) -> tuple[Source, Source]:
    """What is trained on, and what is measured on and never trained on.

    Clips of `--audio`, else of `--pool` and, where there are any, of `--aligned` too.
    """
    if args.audio is None:
        rendered, valid = (ClipSource(load_pool(args.pool / split).clips) for split in ("train", "valid"))
        files = sorted((args.aligned / "train").glob("*.npz"))
        both = Mixture((rendered, AlignedSource(files)), (len(rendered.clips), len(files)))
        return both if files else rendered, valid
    out = imported(args)
    train, held_out = (load_recordings(out / split).clips for split in ("train", "valid"))
    return ClipSource(train), ClipSource(held_out if len(held_out) else train)


def imported(args: argparse.Namespace) -> Path:
    """The clips of the folder `--audio`, cut when they are first asked for; folders of one name are kept apart."""
    place = args.audio.resolve()
    out: Path = args.pool.parent / "recordings" / f"{place.name}-{hashlib.sha256(bytes(place)).hexdigest()[:8]}"
    if not (out / "valid" / INDEX).exists():
        print(dict(import_folder(args.audio, out)))
    return out
