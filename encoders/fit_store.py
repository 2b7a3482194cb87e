"""Keeps fits on disk, so that a model is fitted to a bundle once; a kept fit that is damaged is made again."""

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from encoders.fit import TextFit

VERSION = 1  # of the fit: another number makes every kept one again
_LOG = logging.getLogger(__name__)


def fit_key(*, checkpoint: str, bundle: str, sentences: Sequence[str]) -> str:
    """What a fit depends on, in 64 hex digits: sha256 of the checkpoint and of the story adapter, and the bank."""
    told = "\n".join((f"fit {VERSION}", checkpoint, bundle, *sentences))
    return hashlib.sha256(told.encode()).hexdigest()


def fit_path(folder: Path, key: str) -> Path:
    """Where the fit of a key is kept."""
    return folder / f"fit-{key[:32]}.safetensors"


def kept(folder: Path, key: str, make: Callable[[], TextFit]) -> TextFit:
    """The fit of a key from `folder`, or a new one, which is kept there for the next time if that can be written."""
    path = fit_path(folder, key)
    found = read_fit(path, key)
    if found is not None:
        return found
    made = make()
    try:
        write_fit(path, key, made)
    except OSError as exc:
        _LOG.warning("%s cannot be written (%s); the fit is made again next time", path, exc.strerror)
    return made


def read_fit(path: Path, key: str) -> TextFit | None:
    """The fit in a file; None where there is none, another's, or one whose bytes have changed."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            labels = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in TextFit.__dataclass_fields__}
    except (OSError, SafetensorError):
        return None
    fit = TextFit(**arrays)
    return fit if labels == _labels(key, fit) else None


def write_fit(path: Path, key: str, fit: TextFit) -> None:
    """Write a fit whole or not at all, whoever else writes it at the same time.

    Raises:
        OSError: the folder cannot be written.
    """
    from safetensors.numpy import save

    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {name: np.ascontiguousarray(array) for name, array in asdict(fit).items()}
    descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".partial")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(save(arrays, metadata=_labels(key, fit)))
        Path(partial).replace(path)
    except OSError:
        Path(partial).unlink(missing_ok=True)
        raise


def _labels(key: str, fit: TextFit) -> dict[str, str]:
    """What a kept fit says of itself: whose it is, and the sha256 of its numbers."""
    digest = hashlib.sha256()
    for name, array in sorted(asdict(fit).items()):
        digest.update(f"{name} {array.shape} {array.dtype}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return {"key": key, "sha256": digest.hexdigest()}
