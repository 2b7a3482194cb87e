"""What the parts of the audio engine were trained on: noted beside each run, told by the bundle's manifest and card."""

import argparse
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from schemas.manifest import Trained
from training.audio.aligned import CLIP_SAMPLES as ALIGNED_SAMPLES
from training.audio.pool import CLIP_SAMPLES, INDEX, RATE
from training.corpus.manifest import SOURCES
from training.corpus.piece import Source
from training.presets import AUDIO_CODEC, AUDIO_DISTIL, AUDIO_FLOW, AUDIO_VOCODER, Preset, asked

NOTE = "data.json"  # in a run's folder
PRESETS: Mapping[str, Mapping[str, Preset]] = {
    "codec": AUDIO_CODEC,
    "vocoder": AUDIO_VOCODER,
    "flow": AUDIO_FLOW,
    "distill": AUDIO_DISTIL,
}
ENCODED = frozenset({"flow", "distill"})  # stages that read latents
LICENCE, UNKNOWN_LICENCE = "Apache-2.0", "as the recordings allow"
INSTRUMENTS = ("Fluid (R3) General MIDI SoundFont", "Sonic Pi samples")
RENDERED, RECORDED = "renders", "recordings"
SAID = {
    RENDERED: "renders, by the bundle's instruments, of the corpus: own arrangements and the collections named",
    RECORDED: "a folder of recordings",
}
HOUR = 3600.0 * RATE


@dataclass(frozen=True, slots=True)
class Clips:
    """How much a run learned from, and how many clips it was measured on."""

    clips: int
    hours: float
    held_out_clips: int


@dataclass(frozen=True, slots=True)
class Note:
    """What a run tells of itself beside its weights; `source` is RENDERED or RECORDED."""

    preset: str
    device: str
    source: str
    clips: Clips


def write_note(args: argparse.Namespace) -> Path | None:
    """Note what a stage reads as its command line asks; None for a stage that does not learn, or where nothing is."""
    if args.stage not in PRESETS:
        return None
    folder: Path = args.run or Path("runs/audio") / args.stage
    clips = _clips(args)
    if clips is None:
        return None
    source = RENDERED if args.audio is None else RECORDED
    note = Note(args.preset, device_named(asked(PRESETS[args.stage], args).device), source, clips)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NOTE).write_text(json.dumps(asdict(note), indent=1))
    return folder / NOTE


def note_of(runs: Path, stage: str) -> Note:
    """The note of a run in `runs/stage`; of one that left none what its settings and the clips beside it tell."""
    folder = runs / stage
    if (folder / NOTE).exists():
        held = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        return Note(**held | {"clips": Clips(**held["clips"])})
    settings = json.loads((folder / "loop.json").read_text(encoding="utf-8"))
    named = [name for name, preset in PRESETS[stage].items() if preset.steps == settings["steps"]]
    clips = encoded_clips(runs / "latents") if stage in ENCODED else rendered_clips(runs / "pool", runs / "aligned")
    return Note(named[0] if named else "none of them", settings["device"], RENDERED, clips or Clips(0, 0.0, 0))


def trained(
    runs: Path, stages: Iterable[str], metrics: Mapping[str, float], corpus: frozenset[str]
) -> tuple[Trained, ...]:
    """What the manifest tells of the parts; `corpus` are the sources of the pieces that were rendered."""
    found = []
    for stage in stages:
        note = note_of(runs, stage)
        rendered = note.source == RENDERED
        found.append(
            Trained(
                file=f"audio/{stage}.safetensors",
                licence=LICENCE if rendered else UNKNOWN_LICENCE,
                source=SAID[note.source],
                data=data_names(corpus) if rendered else (),
                clips=note.clips.clips,
                hours=round(note.clips.hours, 2),
                held_out_clips=note.clips.held_out_clips,
                preset=note.preset,
                device=note.device,
                steps=int(metrics[f"audio_{stage}_steps"]),
                minutes=metrics[f"audio_{stage}_minutes"],
            )
        )
    return tuple(found)


def data_names(corpus: frozenset[str]) -> tuple[str, ...]:
    """The collections that renders come from, as the manifest's `data` names them."""
    sources = [source for source in Source if source.value in corpus]
    return (*(SOURCES[source].name for source in sources), *INSTRUMENTS)


def rendered_clips(pool: Path, aligned: Path) -> Clips | None:
    """Clips of the pool and, for training, aligned ones; None without a pool."""
    if not all((pool / split / INDEX).exists() for split in ("train", "valid")):
        return None
    counts = [len(json.loads((pool / split / INDEX).read_text(encoding="utf-8"))) for split in ("train", "valid")]
    notes = len(list((aligned / "train").glob("*.npz")))
    return Clips(counts[0] + notes, (counts[0] * CLIP_SAMPLES + notes * ALIGNED_SAMPLES) / HOUR, counts[1])


def encoded_clips(latents: Path) -> Clips | None:
    """Clips of which there are latents; None without any."""
    files = list((latents / "train").glob("*.npz"))
    short = sum(path.name.startswith("pool-") for path in files)
    length = short * CLIP_SAMPLES + (len(files) - short) * ALIGNED_SAMPLES
    return Clips(len(files), length / HOUR, len(list((latents / "valid").glob("*.npz")))) if files else None


def device_named(device: str) -> str:
    """A device as somebody else would know it: the accelerator's own name, or `cpu`."""
    import torch

    return torch.cuda.get_device_name() if device == "cuda" and torch.cuda.is_available() else device


def _clips(args: argparse.Namespace) -> Clips | None:
    if args.audio is None:
        return encoded_clips(args.latents) if args.stage in ENCODED else rendered_clips(args.pool, args.aligned)
    from training.audio.sources import imported

    folder = imported(args)
    counts = [len(json.loads((folder / split / INDEX).read_text(encoding="utf-8"))) for split in ("train", "valid")]
    return Clips(counts[0], counts[0] * CLIP_SAMPLES / HOUR, counts[1])
