"""Train the audio engine, stage by stage: `python -m training.audio {pool,codec,vocoder,flow,...} --preset cpu`."""

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path

from training.audio.crew import cores
from training.presets import asked

STAGES = ("pool", "codec", "vocoder", "timbres", "aligned", "flow", "distill", "plots")
SHIPPED = Path("weights/tonereel-mini/audio")


def parser() -> argparse.ArgumentParser:
    """The command line of all stages; each stage is the module of its name, with a `run(args)`."""
    made = argparse.ArgumentParser(prog="python -m training.audio", description=__doc__)
    made.add_argument("stage", choices=STAGES)
    made.add_argument("--preset", choices=("tiny", "cpu", "gpu"), default="cpu")
    made.add_argument("--minutes", type=float, help="stop after so many minutes instead of the preset's")
    made.add_argument("--rate", type=float, help="another learning rate than the preset's")
    made.add_argument("--device", choices=("cpu", "cuda"), help="another one than the preset's")
    made.add_argument("--float32", action="store_true", help="faster than bfloat16 on some processors")
    made.add_argument("--run", type=Path, help="folder of this stage; runs/audio/STAGE if not given")
    made.add_argument("--data", type=Path, default=Path("runs/corpus"))
    made.add_argument("--instruments", type=Path, default=Path("weights/tonereel-mini/instruments"))
    made.add_argument("--pool", type=Path, default=Path("runs/audio/pool"))
    made.add_argument("--clips", type=int, default=1000, help="of the pool; held-out pieces get a twenty-fifth of it")
    made.add_argument("--workers", type=whole, default=cores(), help="processes that render and encode")
    made.add_argument("--audio", type=Path, help="a folder of recordings to learn from instead, captions beside them")
    made.add_argument(
        "--codec", type=Path, help="folder of the trained codec; runs/audio/codec, or beside --lora's base"
    )
    made.add_argument("--aligned", type=Path, default=Path("runs/audio/aligned"), help="clips with their notes")
    made.add_argument("--latents", type=Path, default=Path("runs/audio/latents"), help="the same, encoded")
    made.add_argument("--encoded", action="store_true", help="train on the latents that are there, encode no more")
    made.add_argument("--clap", type=Path, default=Path("weights/tonereel-mini/clap.safetensors"))
    made.add_argument(
        "--start", type=Path, help="weights that codec, vocoder or flow begin from; else random, or the bundle's"
    )
    made.add_argument("--lora", type=whole, metavar="RANK", help="of additions to --start; nothing else is trained")
    made.add_argument("--teacher", type=Path, default=Path("runs/audio/flow/flow.safetensors"))
    made.add_argument("--batches", type=int, default=60, help="of the teacher's trajectories")
    made.add_argument("--seed", type=int, default=0)
    return made


def whole(text: str) -> int:
    """A rank or a number of processes as it is written on the command line."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is none; give a whole number from 1, for example 8")
    return int(text)


def read(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The arguments, with what follows from others; additions begin from the bundle's flow, beside its codec."""
    args = parser().parse_args(words)
    if args.lora is not None:
        args.start = args.start or SHIPPED / "flow.safetensors"
        args.run = args.run or Path("runs/audio/lora")
        beside = args.start.parent
        args.codec = args.codec or (beside if (beside / "codec.safetensors").exists() else None)
    args.codec = args.codec or Path("runs/audio/codec")
    return args


def missing_device(args: argparse.Namespace) -> str | None:
    """What to say where a stage would train on a device that PyTorch does not find."""
    import torch

    from training.audio.provenance import PRESETS

    presets = PRESETS.get(args.stage)
    if presets is None or asked(presets, args).device == "cpu" or torch.cuda.is_available():
        return None
    return (
        f"{args.stage}: PyTorch finds no accelerator here, and the preset {args.preset!r} asks for one; --device cpu "
        "trains the same sizes in the same minutes on the processor, --preset cpu sizes that suit it"
    )


def main() -> None:
    """The command line."""
    from generators.errors import GeneratorError
    from training.audio.provenance import write_note
    from training.audio.recordings import BadRecordings

    args = read()
    if missing := missing_device(args):
        raise SystemExit(missing)
    try:
        write_note(args)  # of what is there; a stage that is stopped has told it too
        importlib.import_module(f"training.audio.{args.stage}").run(args)
        write_note(args)
    except (BadRecordings, GeneratorError) as exc:
        raise SystemExit(f"{args.stage}: {exc}") from exc


if __name__ == "__main__":
    main()
