"""Runs the parts of a benchmark of the service and puts what they measure into the results file."""

import argparse
import asyncio
import shlex
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import setting
from benchmarks.service_stats import Row, rows_table
from benchmarks.table import HEAD, Section, in_order, replaced

RESULTS = Path(__file__).with_name("RESULTS.md")
#: All parts of both benchmarks, in the order in which they stand at the end of the results file.
LOAD = ("submit", "burst", "rate", "streams", "upload", "serve")
FAULTS = ("f1", "f2", "f3", "f5", "f6", "f8", "f12", "f13", "f14")


@dataclass(frozen=True, slots=True)
class Part:
    """One measurement: `measure` is told whether to be quick, and gives rows; `how` says how it is done."""

    title: str
    how: str
    measure: Callable[[bool], Awaitable[Sequence[Row]]]
    engine: str = "an engine that makes nothing"


def main(module: str, parts: Mapping[str, Part]) -> None:
    """The command line; a part that fails is reported, and the others still run."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    parser.add_argument("--only", default=",".join(parts), help=f"any of {', '.join(parts)}")
    parser.add_argument("--quick", action="store_true", help="a few of everything, in minutes")
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    names = [name.strip() for name in given.only.split(",") if name.strip()]
    if unknown := set(names) - set(parts):
        parser.error(f"--only {', '.join(sorted(unknown))}: choose from {', '.join(parts)}")
    failed = []
    for name in (n for n in parts if n in names):
        command = ["python", "-m", module, "--only", name, *(["--quick"] if given.quick else [])]
        section = _measured(name, parts[name], shlex.join(command), quick=given.quick)
        if section is None:
            failed.append(name)
            continue
        write(given.results, section)
        print(f"\n## {section.title}\n\n{section.body}", flush=True)
    if failed:
        sys.exit(f"could not be measured: {', '.join(failed)}")


def write(path: Path, section: Section) -> None:
    """Put a section into its place in the results file; those of the service stand last."""
    text = path.read_text(encoding="utf-8") if path.exists() else HEAD
    names = [_mark(name) for name in (*LOAD, *FAULTS)]
    path.write_text(in_order(replaced(text, section), names), encoding="utf-8")


def _mark(name: str) -> str:
    return f"service_{name}"


def _measured(name: str, part: Part, command: str, *, quick: bool) -> Section | None:
    at, began = setting(part.engine), time.perf_counter()
    try:
        rows = asyncio.run(_run(part, quick=quick))
    except Exception:  # one part that cannot be measured must not keep the others from it
        traceback.print_exc()
        return None
    line = at.line(command, time.perf_counter() - began)
    return Section(_mark(name), f"Service: {part.title}", f"{line}\n{part.how}\n\n{rows_table(rows)}")


async def _run(part: Part, *, quick: bool) -> Sequence[Row]:
    return await part.measure(quick)
