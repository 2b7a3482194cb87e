"""Assemble the bundle from finished runs: `python -m training.bundle --runs runs --out weights/tonereel-mini`."""

import argparse
import json
import shutil
from pathlib import Path

from schemas.manifest import MANIFEST
from training.manifest import manifest_of

CARD = """# Model card: tonereel-mini {version}

The embedded bundle of Tonereel. Every weight in it was trained by the code in `training/`; the sampled instruments were
cut by `training/instruments.py`. Licence: Apache-2.0, with the credits in `NOTICE`.

- `codec.safetensors`: bar VAE, {codec_parameters:,} numbers; {codec_steps:,} steps in {codec_minutes:.0f} min
- `flow.safetensors`: DiT over bar latents, {flow_parameters:,} numbers; {flow_steps:,} steps in {flow_minutes:.0f} min
- `clap.safetensors`: audio tower, text tower over MiniLM and attributes, {clap_parameters:,} numbers; {clap_steps:,}
  steps in {clap_minutes:.0f} min
- `adapters/`: story, image and video into CLAP space, flow heads and MLP baselines
- `instruments/`: sampled instruments and kits, not trained

Minutes are wall time on a shared machine of two cores without an accelerator. Corpus: {pieces:,} pieces
({sources}), split by work; held-out pieces were never trained on.

## Measured on held-out data
{figures}

All other figures, with the commands that measure them: `benchmarks/RESULTS.md`.

## What it is for, and what it is not
It writes instrumental music for pictures in fourteen styles, on a laptop. It knows the harmony and texture of the
arranger's styles and of nineteenth-century scores; it has heard no singing, no living composer's work and no recording.
It cannot imitate an artist. Colour and movement alone are a poor judge of mood: a story or a caption beside the
picture tells it far more. Its CLAP was trained on renders of its own instruments and is no judge of other recordings.
"""


def logged(runs: list[Path]) -> tuple[float, int]:
    """Minutes and steps of runs that followed one another, from the last lines of their logs."""
    last = [json.loads((run / "log.jsonl").read_text().splitlines()[-1]) for run in runs if run.exists()]
    return sum(float(row["minutes"]) for row in last), sum(int(row["step"]) for row in last)


def assemble(runs: Path, out: Path, *, version: str) -> None:
    """Copy the weights of finished runs, write the model card and the manifest."""
    from safetensors import safe_open

    out.mkdir(parents=True, exist_ok=True)
    facts: dict[str, float | int | str] = {"version": version}
    metrics: dict[str, float] = {}
    for stage, refined in (("codec", "refined"), ("flow", "none"), ("clap", "none")):
        last = runs / refined if (runs / refined).exists() else runs / stage
        shutil.copy(last / f"{stage}.safetensors", out)
        with safe_open(out / f"{stage}.safetensors", framework="numpy") as file:
            names = list(file.keys())
            facts[f"{stage}_parameters"] = sum(int(file.get_tensor(n).size) for n in names)
        facts[f"{stage}_minutes"], facts[f"{stage}_steps"] = logged([runs / stage, runs / refined])
    (out / "adapters").mkdir(exist_ok=True)
    for path in sorted((runs / "adapters").glob("*.safetensors")):
        shutil.copy(path, out / "adapters")
    for stage in ("codec", "clap"):
        finer = runs / "refined" / "metrics.json"
        at = finer if stage == "codec" and finer.exists() else runs / stage / "metrics.json"
        found = json.loads(at.read_text())
        flat = found.get("onset_f1", found)
        metrics |= {f"{stage}_{name}": round(float(value), 4) for name, value in flat.items()}
    held_out = [json.loads(line) for line in (runs / "flow" / "log.jsonl").read_text().splitlines()]
    metrics["flow_held_out_loss"] = next(row["held_out"] for row in reversed(held_out) if "held_out" in row)
    sources = [json.loads(line)["source"] for line in (runs / "corpus" / "pieces.jsonl").read_text().splitlines()]
    facts["pieces"] = len(sources)
    facts["sources"] = ", ".join(f"{sources.count(s)} {s}" for s in sorted(set(sources)))
    facts["figures"] = "\n".join(f"- {name}: {value:g}" for name, value in metrics.items())
    (out / "MODEL_CARD.md").write_text(CARD.format(**facts))
    manifest = manifest_of(out, version=version, metrics=metrics)
    (out / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n")
    print(f"{manifest.label}: {sum((out / f).stat().st_size for f in manifest.files) / 1e6:.1f} MB")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--out", type=Path, default=Path("weights/tonereel-mini"))
    parser.add_argument("--version", default="0.1.0")
    args = parser.parse_args()
    assemble(args.runs, args.out, version=args.version)


if __name__ == "__main__":
    main()
