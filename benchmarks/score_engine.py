"""Measures the score engine and updates the results: `python -m benchmarks.score_engine --only codec,cuts`."""

import os

from benchmarks.context import QUICK, Context, Counts
from benchmarks.parts import Parts
from service.bundle import bundle_folder

PARTS = Parts(
    "benchmarks.score_engine",
    {
        "codec": ("benchmarks.codec", ("codec",)),
        "cuts": ("benchmarks.cuts", ("cuts", "sound")),
        "lengths": ("benchmarks.lengths", ("lengths",)),
        "musicality": ("benchmarks.musicality", ("musicality", "following")),
        "control": ("benchmarks.control", ("control",)),
        "novelty": ("benchmarks.novelty", ("novelty",)),
        "melody": ("benchmarks.melody", ("melody",)),
        "speed": ("benchmarks.speed", ("speed",)),
    },
)


def main() -> None:
    """The command line."""
    given = PARTS.parser(__doc__).parse_args()
    folder = given.bundle or bundle_folder(os.environ)
    context = Context(folder, given.data, QUICK if given.quick else Counts(), given.seed)
    PARTS.measure(given.only, context, given.results, quick=given.quick)


if __name__ == "__main__":
    main()
