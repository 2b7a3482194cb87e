"""Teach the audio flow another sound in a few numbers: `python -m training.audio flow --audio FOLDER --lora 8`."""

import argparse
import json
import shutil
from dataclasses import asdict
from functools import partial
from pathlib import Path

from generators.audio.codec import CODEC_FILE, VOCODER_FILE
from generators.audio.engine import FLOW, AudioEngine, Codec
from generators.audio.timbre import TIMBRES_FILE
from generators.errors import BadWeights
from generators.flow.checkpoint import load_module, save_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.lora import LORA, LoraConfig, adapted, merged, save_lora, sha256_of
from generators.flow.parts import files_of
from training.audio.flow import ClipSampler, held_out_loss, train
from training.loop import START
from training.presets import Preset

FACTS = "lora.json"  # in a run's folder: what its additions are and what they are made for
ALPHA_BY_RANK = 2.0
BATCHES, AT_ONCE = 8, 12  # that the loss before and after is measured on


def over(args: argparse.Namespace, codec: Codec, clips: tuple[ClipSampler, ClipSampler], *, preset: Preset) -> None:
    """Adapt `--start` as the command line asks, and make of the run's folder a whole audio engine."""
    check_fits(args.start, codec, len(clips[0].clips[0].clap))
    adapt(args.start, clips, run=args.run, preset=preset, rank=args.lora)
    for name in (CODEC_FILE, VOCODER_FILE, TIMBRES_FILE):
        for path in files_of(args.codec / name):
            shutil.copyfile(path, args.run / path.name)


def adapt(base: Path, clips: tuple[ClipSampler, ClipSampler], *, run: Path, preset: Preset, rank: int) -> DiT:
    """Train additions over the net of the file `base`, on the first clips, measured on the second; nothing else moves.

    Writes `run/lora.safetensors`, the additions alone, `run/flow.safetensors`, base and additions in one, which is
    returned, and `run/metrics.json`, the loss on the second clips before and after.

    Raises:
        BadWeights: `base` cannot be read, or the run was begun with another base or rank.
    """
    config = LoraConfig(rank, ALPHA_BY_RANK * rank)
    net, made_for = load_module(base, DiT, DiTConfig), sha256_of(base)
    begin(run, json.dumps({**asdict(config), "base": made_for}))
    (run / START).write_text(made_for)
    write = partial(write_both, run, config=config, base=made_for)
    made = merged(train(adapted(net, config, seed=preset.seed), *clips, run=run, preset=preset, write=write))
    losses = {
        name: held_out_loss(n, clips[1], batches=BATCHES, size=AT_ONCE)
        for name, n in (("before", net), ("after", made))
    }
    (run / "metrics.json").write_text(json.dumps(losses, indent=1), encoding="utf-8")
    print(json.dumps(losses), flush=True)
    return made


def begin(run: Path, facts: str) -> None:
    """Note what a run is of.

    Raises:
        BadWeights: it is already of something else.
    """
    run.mkdir(parents=True, exist_ok=True)
    noted = run / FACTS
    if (run / "loop.json").exists() and (not noted.exists() or noted.read_text(encoding="utf-8") != facts):
        raise BadWeights(f"{run} holds a training with another base or rank; name another folder with --run")
    noted.write_text(facts, encoding="utf-8")


def write_both(run: Path, net: DiT, *, config: LoraConfig, base: str) -> None:
    """The additions of a net alone, and merged into plain weights."""
    save_lora(run / LORA, net, config, base=base)
    save_module(run / FLOW, merged(net), net.config)


def check_fits(base: Path, codec: Codec, clap_dim: int) -> None:
    """Whether weights were made for a codec and a CLAP.

    Raises:
        BadWeights: they were not, or cannot be read.
    """
    net = load_module(base, DiT, DiTConfig)
    AudioEngine(codec, net)  # says what is wrong with the codec
    if net.config.embedding != clap_dim + 1:
        raise BadWeights(
            f"{base} was made for CLAP points of {net.config.embedding - 1} numbers, --clap has {clap_dim}"
        )
