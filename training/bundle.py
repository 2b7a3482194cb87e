"""Assemble the bundle from finished runs: `python -m training.bundle --runs runs --out weights/tonereel-mini`."""

import argparse
import json
import shutil
from pathlib import Path

from generators.audio.timbre import TIMBRES_FILE
from generators.flow.eight_bits import in_eight_bits
from generators.flow.parts import files_of, load_tensors, save_tensors
from schemas.manifest import MANIFEST, Manifest, Trained
from training.audio.card import numbers_in, section
from training.audio.provenance import trained as trained_by
from training.loop import START
from training.manifest import manifest_of, sha256_of

CARD = """# Model card: tonereel-mini {version}

The embedded bundle of Tonereel. Every weight in it was trained by the code in `training/`; the sampled instruments were
cut by `training/instruments.py`. Licence: Apache-2.0, with the credits in `NOTICE`.

- `codec.safetensors`: bar VAE, {codec_parameters:,} numbers; {codec_steps:,.0f} steps in {codec_minutes:.0f} min
- `flow.safetensors`: DiT over bar latents, {flow_parameters:,} numbers; {flow_steps:,.0f} steps
  in {flow_minutes:.0f} min{distilled}
- `clap.safetensors`: audio tower, text tower over MiniLM and attributes, {clap_parameters:,} numbers; {clap_steps:,.0f}
  steps in {clap_minutes:.0f} min
{eyes}- `adapters/`: story, image and video into CLAP space, flow heads and MLP baselines; `feeling`: mood of
  sentences
- `instruments/`: sampled instruments and kits, not trained
{singing}
Both `flow.safetensors` and the vocoder are kept in eight bits a number, as `training/bundle.py` packs them, other nets
in halves.
Minutes are wall time, on a shared machine of two cores without an accelerator where nothing else is said. Corpus:
{pieces:,} pieces ({sources}), split by work; held-out pieces were never trained on.
{audio_weights}
## Measured on held-out data
{figures}

All other figures, with the commands that measure them: `benchmarks/RESULTS.md`.

## What it is for, and what it is not
It writes instrumental music for pictures in fourteen styles, on a laptop. It knows the harmony and texture of the
arranger's styles and of nineteenth-century scores; it has heard no singing, no living composer's work and no recording.
It cannot imitate an artist. {sight} a poor judge of mood: a story or a caption beside the
picture tells it far more. Its CLAP was trained on renders of its own instruments and is no judge of other recordings.
"""


EYES = """- `vision.safetensors`: eyes, from a picture to the space of sentences, {vision_parameters:,} numbers;
  {vision_steps:,.0f} steps in {vision_minutes:.0f} min on photographs of 101 kinds of thing and painted places
"""
DISTILLED = """; guidance and many steps folded into few strides
  in {distil_steps:,.0f} more steps and {distil_minutes:.0f} min"""
SIGHT, SIGHT_WITH_EYES = (
    "Colour and movement alone are",
    "What its eyes know, a hundred kinds of thing and thirteen painted places, is",
)

AUDIO = """- `audio/`: codec, vocoder and flow of the audio engine, experimental; `timbres.safetensors` are mean
  spectra of the instruments in `instruments/` and of the synthesiser, measured, not trained
"""

PACKED = ("flow", "vocoder")  # kept in eight bits: they are large, and forgive it (figures in benchmarks/RESULTS.md)
MADE_OF = "made_of"  # in the header of weights in eight bits: the sha256 of those of the run
STAGES = ("codec", "flow", "clap")
OPTIONAL = ("distil", "vision")  # without eyes a bundle sees light, colour and movement only
WEIGHTS = {"distil": "flow.safetensors"}  # of stages that make a file of another name
SINGING = ("codec", "vocoder", "flow")  # stages of the audio engine, in `audio/` of the runs and of the bundle
DISTILLED_SINGING = "distill"  # the run that a flow may go on in


def assemble(runs: Path, out: Path, *, version: str) -> None:
    """Take over the weights of the stages that `runs` holds, write the model card and the manifest.

    What was not trained anew stays as it is in `out`, with its figures.
    """
    out.mkdir(parents=True, exist_ok=True)
    metrics: dict[str, float] = read_manifest(out).metrics if (out / MANIFEST).exists() else {}
    for stage in (*STAGES, *OPTIONAL):
        run = runs / "refined" if stage == "codec" and (runs / "refined").exists() else runs / stage
        shipped = out / WEIGHTS.get(stage, f"{stage}.safetensors")
        made = [runs / name / shipped.name for name in (run.name, "distil")]  # a flow may be distilled already
        if (run / "log.jsonl").exists() and files_of(made[0]) and not any(same(path, shipped) for path in made):
            metrics = {k: v for k, v in metrics.items() if not is_figure(k, stage)} | figures_of(
                run, shipped, stage, metrics
            )
            take(made[0], shipped)
    metrics = _with_singing(runs / "audio", out / "audio", metrics)
    pack(out)
    (out / "adapters").mkdir(exist_ok=True)
    for path in sorted((runs / "adapters").glob("*.safetensors")):
        shutil.copy(path, out / "adapters")
    facts: dict[str, float | int | str] = {"version": version, **{k: v for k, v in metrics.items() if is_count(k)}}
    facts |= {f"{stage}_parameters": numbers_in(out / f"{stage}.safetensors") for stage in _stages(out)}
    sees = "vision" in _stages(out)
    facts["distilled"] = DISTILLED.format(**facts) if "distil_steps" in facts else ""
    trained = told_of_singing(runs, out, metrics)
    facts |= {"singing": AUDIO if (out / "audio").exists() else "", "audio_weights": section(trained, out)}
    facts |= {"eyes": EYES.format(**facts) if sees else "", "sight": SIGHT_WITH_EYES if sees else SIGHT}
    sources = [json.loads(line)["source"] for line in (runs / "corpus" / "pieces.jsonl").read_text().splitlines()]
    facts["pieces"] = len(sources)
    facts["sources"] = ", ".join(f"{sources.count(s)} {s}" for s in sorted(set(sources)))
    facts["figures"] = "\n".join(
        f"- {name}: {value:g}" for name, value in sorted(metrics.items()) if not is_count(name)
    )
    (out / "MODEL_CARD.md").write_text(CARD.format(**facts))
    manifest = manifest_of(out, version=version, metrics=metrics, trained=trained)
    (out / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n")
    print(f"{manifest.label}: {sum((out / f).stat().st_size for f in manifest.files) / 1e6:.1f} MB")


def _with_singing(runs: Path, out: Path, metrics: dict[str, float]) -> dict[str, float]:
    """Take over the audio engine, all of it or nothing: latents are those of one codec."""
    made = singing_of(runs)
    if not all(files_of(path) for path in made.values()):
        return metrics
    out.mkdir(exist_ok=True)
    if files_of(runs / "codec" / TIMBRES_FILE):
        take(runs / "codec" / TIMBRES_FILE, out / TIMBRES_FILE)
    if all(same(path, out / path.name) for path in made.values()):
        return metrics
    found = {k: v for k, v in metrics.items() if not is_figure(k, "audio")}
    for stage, path in made.items():
        found |= figures_of(runs / stage, out / path.name, f"audio_{stage}", metrics)
        take(path, out / path.name)
    if made["flow"].parent.name == DISTILLED_SINGING:
        more = figures_of(made["flow"].parent, out / "none", "audio_flow", metrics)
        found |= {name: found[name] + value for name, value in more.items() if is_count(name)}
    return found


def singing_of(runs: Path) -> dict[str, Path]:
    """The weights of the audio engine by stage; of a flow that was distilled since, those that came of it."""
    made = {stage: runs / stage / f"{stage}.safetensors" for stage in SINGING}
    distilled = runs / DISTILLED_SINGING
    taught = distilled / START
    if files_of(distilled / "flow.safetensors") and taught.exists() and files_of(made["flow"]):
        made["flow"] = distilled / "flow.safetensors" if taught.read_text() == sha256_of(made["flow"]) else made["flow"]
    return made


def told_of_singing(runs: Path, out: Path, metrics: dict[str, float]) -> tuple[Trained, ...]:
    """How the bundle's audio engine came about: by the runs whose weights it has, or as its manifest says already."""
    if not (out / "audio").exists():
        return ()
    if not all(same(path, out / "audio" / path.name) for path in singing_of(runs / "audio").values()):
        return read_manifest(out).trained if (out / MANIFEST).exists() else ()
    pieces = (runs / "corpus" / "pieces.jsonl").read_text().splitlines()
    return trained_by(runs / "audio", SINGING, metrics, frozenset(json.loads(line)["source"] for line in pieces))


def _stages(out: Path) -> tuple[str, ...]:
    return (*STAGES, *(stage for stage in OPTIONAL if files_of(out / f"{stage}.safetensors")))


def figures_of(run: Path, shipped: Path, stage: str, before: dict[str, float]) -> dict[str, float]:
    """Figures of a finished run; one that began with the shipped weights adds its steps and minutes to theirs."""
    rows = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    start = run / START
    goes_on = start.exists() and files_of(shipped) and start.read_text() in names_of(shipped)
    found = {f"{stage}_steps": float(rows[-1]["step"]), f"{stage}_minutes": float(rows[-1]["minutes"])}
    if goes_on:
        found = {name: value + before.get(name, 0.0) for name, value in found.items()}
    if (run / "metrics.json").exists():
        measured = json.loads((run / "metrics.json").read_text())
        found |= {f"{stage}_{name}": round(float(v), 4) for name, v in measured.get("onset_f1", measured).items()}
    losses = [float(row["held_out"]) for row in rows if "held_out" in row]
    return found | ({f"{stage}_held_out_loss": losses[-1]} if losses else {})


def same(run: Path, shipped: Path) -> bool:
    """Whether a run's weights are already those of the bundle."""
    return bool(files_of(run) and files_of(shipped)) and sha256_of(run) in names_of(shipped)


def names_of(shipped: Path) -> tuple[str, ...]:
    """The sha256 of weights, and of those that they were made of where they are kept in eight bits."""
    made_of = load_tensors(shipped)[1].get(MADE_OF)
    return (sha256_of(shipped),) if made_of is None else (sha256_of(shipped), made_of)


def take(made: Path, shipped: Path) -> None:
    """Put weights, whole or in parts, into the place of others; some are kept in eight bits."""
    if made.stem in PACKED:
        tensors, told = load_tensors(made)
        save_tensors(shipped, in_eight_bits(tensors), told | {MADE_OF: sha256_of(made)})
        return
    for path in files_of(shipped):
        path.unlink()
    for path in files_of(made):
        shutil.copy(path, shipped.parent)


def pack(bundle: Path) -> None:
    """Keep in eight bits what an earlier bundle kept in halves."""
    for path in (bundle / folder / f"{name}.safetensors" for folder in ("", "audio") for name in PACKED):
        if files_of(path) and MADE_OF not in load_tensors(path)[1]:
            take(path, path)


def is_figure(name: str, stage: str) -> bool:
    """Whether a metric tells of a stage."""
    return name.startswith(f"{stage}_")


def is_count(name: str) -> bool:
    """Whether a metric says how long a stage was trained."""
    return name.endswith(("_steps", "_minutes"))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a bundle as it is."""
    return Manifest.model_validate_json((folder / MANIFEST).read_bytes())


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
