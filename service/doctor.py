"""Looks at everything that music needs: libraries, codecs, the bundle and the machine."""

import importlib.metadata
import importlib.util
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from service.bundle import bundle_folder, verify
from service.visual import visual_encoder

PACKAGES = ("torch", "transformers", "open-clip-torch", "decord", "av", "scenedetect-headless", "numpy", "scipy")
CODECS = ("aac", "flac", "libmp3lame", "libopus", "pcm_s24le")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, whether it is well, and what was seen."""

    what: str
    well: bool
    detail: str


def examine(environment: Mapping[str, str]) -> tuple[Finding, ...]:
    """Look at everything; nothing raises, what is wrong is a finding."""
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("python", lambda: sys.version.split()[0]),
        *((name, lambda name=name: importlib.metadata.version(name)) for name in PACKAGES),  # type: ignore[misc]
        ("codecs", _codecs),
        ("bundle", lambda: f"{verify(bundle_folder(environment)).label}, every file as it was shipped"),
        ("pictures", lambda: visual_encoder(environment)),
        ("processors", lambda: f"{os.cpu_count()} cores"),
        ("accelerator", _accelerator),
    )
    return tuple(_finding(what, check) for what, check in checks)


def _finding(what: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, check())
    except Exception as exc:  # a doctor reports whatever is wrong
        return Finding(what, False, " ".join(str(exc).split()) or type(exc).__name__)


def _codecs() -> str:
    import av

    for name in CODECS:
        av.codec.Codec(name, "w")
    return ", ".join(CODECS)


def _accelerator() -> str:
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else "none; the processor does the work"
