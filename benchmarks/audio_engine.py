"""Measures the audio engine and updates the results: `python -m benchmarks.audio_engine --only codec`."""

import argparse
import importlib
import os
import shlex
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from benchmarks.audio_context import AUDIO_QUICK, AudioContext, AudioCounts
from benchmarks.machine import setting
from benchmarks.table import HEAD, Section, in_order, replaced
from service.bundle import bundle_folder, read_manifest

RESULTS = Path(__file__).with_name("RESULTS.md")
#: Parts in the order in which they run: the module of each, and the sections that it writes.
PARTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "codec": ("benchmarks.audio_codec", ("audio-codec",)),
    "score": ("benchmarks.audio_score", ("audio-score",)),
    "words": ("benchmarks.audio_words", ("audio-words",)),
    "edits": ("benchmarks.audio_edits", ("audio-edits",)),
    "speed": ("benchmarks.audio_speed", ("audio-speed",)),
}


def main() -> None:
    """The command line; a part that fails is reported, and the others still run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help=f"any of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="a few of everything, in minutes")
    parser.add_argument("--bundle", type=Path, help="a bundle's folder instead of the one in use")
    parser.add_argument("--audio", type=Path, help="a folder with the engine's weights instead of the bundle's `audio`")
    parser.add_argument("--pool", type=Path, default=Path("runs/audio/pool"))
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    names = [name.strip() for name in given.only.split(",") if name.strip()]
    if unknown := set(names) - set(PARTS):
        parser.error(f"--only {', '.join(sorted(unknown))}: choose from {', '.join(PARTS)}")
    bundle = given.bundle or bundle_folder(os.environ)
    counts = AUDIO_QUICK if given.quick else AudioCounts()
    context = AudioContext(given.audio or bundle / "audio", given.pool, bundle, given.data, counts, given.seed)
    failed = [name for name in PARTS if name in names and not _part(name, context, given.results)]
    if failed:
        sys.exit(f"could not be measured: {', '.join(failed)}")


def write(path: Path, sections: tuple[Section, ...]) -> None:
    """Put sections into the results file, which is made where there is none."""
    text = path.read_text(encoding="utf-8") if path.exists() else HEAD
    for section in sections:
        text = replaced(text, section)
    path.write_text(in_order(text, [s for _, names in PARTS.values() for s in names]), encoding="utf-8")


def _part(name: str, context: AudioContext, results: Path) -> bool:
    measure: Callable[[AudioContext], tuple[Section, ...]] = importlib.import_module(PARTS[name][0]).measure
    at = setting(read_manifest(context.bundle).label)
    began = time.perf_counter()
    try:
        sections = measure(context)
    except Exception:  # one part that cannot be measured must not keep the others from it
        traceback.print_exc()
        return False
    quick = ["--quick"] if context.counts == AUDIO_QUICK else []
    command = shlex.join(["python", "-m", "benchmarks.audio_engine", "--only", name, *quick])
    line = at.line(command, time.perf_counter() - began)
    write(results, tuple(Section(s.name, s.title, f"{line}\n{s.body}") for s in sections))
    for section in sections:
        print(f"\n## {section.title}\n\n{section.body}", flush=True)
    return True


if __name__ == "__main__":
    main()
