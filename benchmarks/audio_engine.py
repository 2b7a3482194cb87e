"""Measures the audio engine and updates the results: `python -m benchmarks.audio_engine --only codec`."""

import os
from pathlib import Path

from benchmarks.audio_context import AUDIO_QUICK, AudioContext, AudioCounts
from benchmarks.parts import Parts
from service.bundle import bundle_folder
from training.tagger import WEIGHTS

PARTS = Parts(
    "benchmarks.audio_engine",
    {
        "codec": ("benchmarks.audio_codec", ("audio-codec",)),
        "score": ("benchmarks.audio_score", ("audio-score",)),
        "words": ("benchmarks.audio_words", ("audio-words",)),
        "stems": ("benchmarks.audio_stems", ("audio-stems",)),
        "edits": ("benchmarks.audio_edits", ("audio-edits",)),
        "adapted": ("benchmarks.audio_adapted", ("audio-adapted",)),
        "steps": ("benchmarks.audio_steps", ("audio-steps",)),
        "speed": ("benchmarks.audio_speed", ("audio-speed",)),
    },
)


def main() -> None:
    """The command line."""
    parser = PARTS.parser(__doc__)
    parser.add_argument("--audio", type=Path, help="a folder with the engine's weights instead of the bundle's `audio`")
    parser.add_argument("--pool", type=Path, default=Path("runs/audio/pool"))
    parser.add_argument("--teacher", type=Path, help="`steps`: the guided flow's weights instead of the engine's")
    parser.add_argument("--strided", type=Path, help="`steps`: the distilled flow's weights instead of the engine's")
    parser.add_argument("--tagger", type=Path, default=WEIGHTS, help="the judge of distances; left out if not there")
    given = parser.parse_args()
    bundle = given.bundle or bundle_folder(os.environ)
    counts = AUDIO_QUICK if given.quick else AudioCounts()
    context = AudioContext(
        given.audio or bundle / "audio", given.pool, bundle, given.data, counts, given.seed,
        teacher=given.teacher, strided=given.strided, tagger=given.tagger,
    )  # fmt: skip
    PARTS.measure(given.only, context, given.results, quick=given.quick)


if __name__ == "__main__":
    main()
