"""Train the audio engine, stage by stage: `python -m training.audio {pool,codec,vocoder,flow,...} --preset cpu`."""

import argparse
import importlib
from pathlib import Path

STAGES = ("pool", "codec", "vocoder", "aligned", "flow", "distill", "plots")


def parser() -> argparse.ArgumentParser:
    """The command line of all stages; each stage is the module of its name, with a `run(args)`."""
    made = argparse.ArgumentParser(prog="python -m training.audio", description=__doc__)
    made.add_argument("stage", choices=STAGES)
    made.add_argument("--preset", choices=("tiny", "cpu", "gpu"), default="cpu")
    made.add_argument("--minutes", type=float, help="stop after so many minutes instead of the preset's")
    made.add_argument("--rate", type=float, help="another learning rate than the preset's")
    made.add_argument("--float32", action="store_true", help="faster than bfloat16 on some processors")
    made.add_argument("--run", type=Path, help="folder of this stage; runs/audio/STAGE if not given")
    made.add_argument("--data", type=Path, default=Path("runs/corpus"))
    made.add_argument("--instruments", type=Path, default=Path("weights/tonereel-mini/instruments"))
    made.add_argument("--pool", type=Path, default=Path("runs/audio/pool"))
    made.add_argument("--clips", type=int, default=1000, help="of the pool; held-out pieces get a twenty-fifth of it")
    made.add_argument("--audio", type=Path, help="a folder of recordings instead of the pool, captions beside them")
    made.add_argument("--codec", type=Path, default=Path("runs/audio/codec"), help="folder of the trained codec")
    made.add_argument("--aligned", type=Path, default=Path("runs/audio/aligned"), help="clips with their notes")
    made.add_argument("--latents", type=Path, default=Path("runs/audio/latents"), help="the same, encoded")
    made.add_argument("--encoded", action="store_true", help="train on the latents that are there, encode no more")
    made.add_argument("--clap", type=Path, default=Path("weights/tonereel-mini/clap.safetensors"))
    made.add_argument("--start", type=Path, help="weights that the flow begins from; else random ones")
    made.add_argument("--teacher", type=Path, default=Path("runs/audio/flow/flow.safetensors"))
    made.add_argument("--batches", type=int, default=60, help="of the teacher's trajectories")
    made.add_argument("--seed", type=int, default=0)
    return made


def main() -> None:
    """The command line."""
    args = parser().parse_args()
    importlib.import_module(f"training.audio.{args.stage}").run(args)


if __name__ == "__main__":
    main()
