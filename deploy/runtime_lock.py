"""Picks from requirements.lock what a container needs: no development packages, and none that are named.

`python deploy/runtime_lock.py requirements.lock --without decord 'nvidia-c*' > runtime.lock`; with `--pin NAME ...` it
prints `NAME==VERSION` of those instead. The standard library is enough for it.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

ROOT = "tonereel (pyproject.toml)"
_HEAD = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)")


@dataclass(frozen=True, slots=True)
class Locked:
    """A package as it stands in the lock file, with its hashes, and what asks for it."""

    name: str
    version: str
    text: str
    asked_by: frozenset[str]


def read(lock: str) -> tuple[Locked, ...]:
    """Every package of a lock file that uv wrote."""
    blocks: list[list[str]] = []
    for line in lock.splitlines():
        if _HEAD.match(line):
            blocks.append([])
        if blocks:
            blocks[-1].append(line)
    return tuple(_locked(block) for block in blocks)


def runtime(packages: Sequence[Locked]) -> tuple[Locked, ...]:
    """The packages that the project itself asks for, and what those need."""
    needed = {ROOT}
    while more := {p.name for p in packages if p.asked_by & needed} - needed:
        needed |= more
    return tuple(p for p in packages if p.name in needed)


def without(packages: Iterable[Locked], patterns: Sequence[str]) -> tuple[Locked, ...]:
    """The packages whose names fit no pattern."""
    return tuple(p for p in packages if not any(fnmatch(p.name, pattern) for pattern in patterns))


def _locked(block: Sequence[str]) -> Locked:
    head = _HEAD.match(block[0])
    if head is None:
        raise ValueError(f"{block[0]!r} is no line of a lock file; write it anew with `make lock`")
    text = [line for line in block if not line.lstrip().startswith("#")]
    reasons = [line.strip().lstrip("#").strip() for line in block if line.lstrip().startswith("#")]
    asked_by = frozenset(reason.removeprefix("via").strip() for reason in reasons) - {""}
    return Locked(head[1], head[2], "\n".join(text), asked_by)


def main(words: Sequence[str]) -> str:
    """What is to be printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lock", type=Path)
    parser.add_argument("--without", nargs="*", default=[], metavar="PATTERN")
    parser.add_argument("--pin", nargs="*", default=[], metavar="NAME")
    given = parser.parse_args(words)
    kept = runtime(read(given.lock.read_text("utf-8")))
    if given.pin:
        return "\n".join(f"{p.name}=={p.version}" for p in kept if p.name in given.pin)
    return "\n".join(p.text for p in without(kept, given.without))


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]) + "\n")
