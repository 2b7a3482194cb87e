"""Judge a bundle: `python -m training.evaluate --bundle weights/tonereel-mini --pictures bass-images.tar`.

Each part measures one thing on material that nothing was trained on, puts its section between its marks in the results
file, and keeps its figures as JSON under `--keep`, so that two bundles can be compared and pictures drawn again. Music
that was made is kept under `<keep>/cache`: another bundle needs another `--keep`.

- Some parts alone: `--only retrieval,steps`; a smoke test of all: `--quick`; other sizes: `--amounts written=24`.
- Two bundles: measure the old one with `--keep runs/evaluate/before`, the new with `--before runs/evaluate/before`.
- It needs a corpus by `training.build` with clips by `training.clips`. Rated pictures are a tar of BASS (`--pictures`);
  without it the part `image` fails, and `ways` tells of stories only. The project's own tagger (`--tagger`) is used
  where it is; without it CLAP alone tells distances.
- Two processes with `--threads 1`, one with `--only story,image` and its own `--out`, take half the time on two cores.
"""

import argparse
import shlex
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import torch

from benchmarks.machine import setting
from benchmarks.product import StudioProduct
from benchmarks.table import HEAD, Section, replaced
from training.evaluation import (
    affect,
    attributes,
    band,
    distances,
    membership,
    novelty,
    obeyed,
    retrieval,
    steps,
    ways,
)
from training.evaluation.comparison import compare
from training.evaluation.material import Amounts, Material
from training.evaluation.plots import draw
from training.evaluation.report import Report, keep, kept
from training.evaluation.sounds import Stage

RESULTS = Path("benchmarks/RESULTS.md")
KEEP = Path("runs/evaluate/now")
TAGGER = Path("weights/judges/tagger.safetensors")
PICTURES = Path("docs/evaluation")
QUICK = Amounts(sentences=8, pictures=6, seconds=8.0, written=8, members=24, step_pieces=2, train_clips=200)

Part = Callable[[Material, Stage], Report]
#: Parts in the order in which they run.
PARTS: dict[str, Part] = {
    "retrieval": lambda m, _: retrieval.measure(m),
    "attributes": lambda m, _: attributes.measure(m),
    "ways": lambda m, _: ways.measure(m),
    "membership": lambda m, _: membership.measure(m),
    "steps": steps.measure,
    "band": band.measure,
    "obeyed": obeyed.measure,
    "distances": distances.measure,
    "novelty": novelty.measure,
    "story": lambda m, _: affect.measure_story(m),
    "image": lambda m, _: affect.measure_image(m),
}


def main() -> None:
    """The command line; a part that fails is reported, and the others still run."""
    given = _parser().parse_args()
    names = list(PARTS) if given.only == "all" else [n.strip() for n in given.only.split(",") if n.strip()]
    if unknown := set(names) - set(PARTS):
        sys.exit(f"--only {', '.join(sorted(unknown))}: choose from {', '.join(PARTS)}")
    try:
        amounts = amounts_of(given.amounts, QUICK if given.quick else Amounts())
    except ValueError as exc:
        sys.exit(f"--amounts {given.amounts}: {exc}")
    torch.set_num_threads(given.threads)
    product = StudioProduct(given.bundle)
    material = Material(
        bundle=given.bundle,
        corpus=given.corpus,
        cache=given.keep / "cache",
        product=product,
        amounts=amounts,
        tagger=given.tagger,
        pictures=given.pictures,
    )
    stage = Stage(material)
    failed = [n for n in PARTS if n in names and not _part(n, material, stage, given)]
    if given.before is not None:
        write(given.out, compare(given.before, given.keep))
    for path in draw(kept(given.keep), given.runs, given.plots):
        print(path)
    if failed:
        sys.exit(f"could not be measured: {', '.join(failed)}")


def amounts_of(given: str, otherwise: Amounts) -> Amounts:
    """`written=24,seconds=8` over what holds otherwise.

    Raises:
        ValueError: a name that there is not, or no positive number.
    """
    types = {f.name: type(getattr(otherwise, f.name)) for f in fields(Amounts)}
    found: dict[str, float] = {}
    for one in (part.strip() for part in given.split(",") if part.strip()):
        name, _, value = one.partition("=")
        if name not in types:
            raise ValueError(f"there is no {name!r}; choose from {', '.join(types)}")
        found[name] = types[name](value)
        if not found[name] > 0:
            raise ValueError(f"{name} must be more than 0")
    return replace(otherwise, **found)  # type: ignore[arg-type]


def write(path: Path, section: Section) -> None:
    """Put a section into the results file, which is made where there is none."""
    text = path.read_text(encoding="utf-8") if path.exists() else HEAD
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(replaced(text, section), encoding="utf-8")


def _part(name: str, material: Material, stage: Stage, given: argparse.Namespace) -> bool:
    at = setting(material.product.label)
    began = time.perf_counter()
    try:
        report = PARTS[name](material, stage)
    except Exception:  # one part that cannot be measured must not keep the others from it
        traceback.print_exc()
        return False
    keep(report, given.keep, bundle=material.product.label)
    more = [*(["--quick"] if given.quick else []), *(["--amounts", given.amounts] if given.amounts else [])]
    more += [] if given.pictures is None else ["--pictures", given.pictures.name]
    command = shlex.join(["python", "-m", "training.evaluate", "--only", name, *more])
    line = at.line(command, time.perf_counter() - began)
    section = report.section
    write(given.out, Section(section.name, section.title, f"{line}\n{section.body}"))
    print(f"\n## {section.title}\n\n{line}\n{section.body}", flush=True)
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, default=Path("weights/tonereel-mini"))
    parser.add_argument("--corpus", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="whose log.jsonl become learning curves")
    parser.add_argument("--only", default="all", help=f"any of {', '.join(PARTS)}")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--keep", type=Path, default=KEEP, help="folder for figures and for what is costly to make")
    parser.add_argument("--before", type=Path, help="the --keep of another bundle, for the table of before and after")
    parser.add_argument("--plots", type=Path, default=PICTURES)
    parser.add_argument("--tagger", type=Path, default=TAGGER)
    parser.add_argument("--pictures", type=Path, help="a tar of rated pictures (BASS)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--amounts", default="", help=f"sizes, any of {', '.join(f.name for f in fields(Amounts))}")
    parser.add_argument("--quick", action="store_true", help="a few of everything, in minutes")
    return parser


if __name__ == "__main__":
    main()
