"""Draw what the audio engine's parts make of held-out music, and how they learned: `python -m training.audio plots`."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from generators.audio.codec import AudioCodec
from generators.audio.engine import AudioEngine
from generators.audio.mel import log_mel
from generators.audio.timbre import TIMBRES_FILE, load_timbres
from generators.flow.checkpoint import load_module
from generators.flow.dit import DiT, DiTConfig
from generators.waveform import Waveform
from training.audio.aligned import Aligned, load_aligned
from training.audio.latents import conditions_of_clip, tuning_of_clip
from training.audio.pool import FULL
from training.evaluation.plots import COLOURS, INK, PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DPI, WIDTH_IN = 110, 8.0
FLOOR_DB, TOP_DB = -80.0, -10.0
CLIPS = 2
CURVES = {
    "codec": (("level", "log-mel error, nepers"), ("kl", "divergence, nats a channel"), ("middle_db", "held-out, dB")),
    "vocoder": (("level", "log-spectral error, nepers"), ("turn", "turn"), ("lean", "lean"), ("held_out", "held-out")),
    "flow": (("loss", "squared error of the velocity"), ("held_out", "held-out")),
    "distill": (("strides", "squared error over spans"), ("end_1", "end in 1 step, held-out"), ("end_4", "end in 4")),
}
ROUGH = 40  # points, from which on a curve is drawn as its running mean, with the points themselves behind it
SMOOTHED = 15  # how many such means stand side by side in a curve
Floats = NDArray[np.float32]


def spectrograms(sounds: Mapping[str, Sequence[Floats]], codec: AudioCodec, path: Path) -> Path:
    """A picture with a row for every way and a column for every clip [2 N]: mel of the middle in dB."""
    from matplotlib.figure import Figure

    columns = len(next(iter(sounds.values())))
    figure = Figure(figsize=(WIDTH_IN, 1.9 * len(sounds)), dpi=DPI, facecolor=PAPER, layout="constrained")
    axes = figure.subplots(len(sounds), columns, squeeze=False, sharex=True, sharey=True)
    for row, (name, clips) in zip(axes, sounds.items(), strict=True):
        for axis, clip in zip(row, clips, strict=True):
            mel = log_mel(torch.from_numpy(clip), codec.vae.config.mel)[0].numpy() * (20.0 / np.log(10.0))
            seconds = clip.shape[1] / codec.sample_rate
            axis.imshow(
                mel, origin="lower", aspect="auto", cmap="magma", vmin=FLOOR_DB, vmax=TOP_DB,
                extent=(0.0, seconds, 0.0, float(len(mel))), interpolation="nearest",
            )  # fmt: skip
            _tidy(axis)
        row[0].set(title=name, ylabel="mel band")
    for axis in axes[-1]:
        axis.set_xlabel("seconds")
    figure.savefig(path)
    return path


def curves(runs: Mapping[str, Path], path: Path) -> Path | None:
    """A picture with the losses of each stage over its minutes; None where there is no log yet."""
    from matplotlib.figure import Figure

    logs = {name: read_log(folder / "log.jsonl") for name, folder in runs.items() if (folder / "log.jsonl").exists()}
    if not logs:
        return None
    columns = min(2, len(logs))
    lines = -(-len(logs) // columns)
    figure = Figure(figsize=(WIDTH_IN, 2.9 * lines), dpi=DPI, facecolor=PAPER, layout="constrained")
    axes = figure.subplots(lines, columns, squeeze=False).ravel()
    for axis, (name, rows) in zip(axes, logs.items(), strict=False):
        for colour, (key, label) in zip(COLOURS, CURVES[name], strict=False):
            points = [(row["minutes"], row[key]) for row in rows if key in row]
            _curve(axis, points, colour, label)
        axis.set(title=name, xlabel="minutes", yscale="log")
        axis.legend(frameon=False, fontsize=7)
        _tidy(axis)
    for axis in axes[len(logs) :]:
        axis.set_visible(False)
    figure.savefig(path)
    return path


def there_and_back(codec: AudioCodec, clips: Sequence[Floats]) -> list[Floats]:
    """Clips [2 N] through the codec."""
    return [codec.decode(codec.encode(Waveform(c, codec.sample_rate)), c.shape[1]).samples for c in clips]


def played(engine: AudioEngine, clip: Aligned) -> Floats:
    """What the audio engine makes [2 N] of all that is known of a clip."""
    length, codec = clip.mix.shape[1], engine.codec
    frames = engine.frames_for(length)
    told = conditions_of_clip(clip, engine.timbres, frames=frames, channels=codec.channels)
    tuning = tuning_of_clip(clip, engine.timbres, frames=frames)
    return engine.generate(told, length, seed=0, tuning=tuning).samples


def smoothed(values: Sequence[float]) -> list[float]:
    """The mean of each value and its neighbours, fewer of them at the ends, so that no level is bent."""
    around = len(values) // SMOOTHED // 2
    reach = [min(around, i, len(values) - 1 - i) for i in range(len(values))]
    return [float(np.mean(values[i - k : i + k + 1])) for i, k in enumerate(reach)]


def read_log(path: Path) -> list[dict[str, float]]:
    """The rows of a log in their order; what a run forgot when it went on from an older state is left out."""
    kept: list[dict[str, float]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not (line.startswith("{") and line.endswith("}")):
            continue
        row: dict[str, float] = json.loads(line)
        while kept and kept[-1]["minutes"] > row["minutes"]:
            kept.pop()
        kept.append(row)
    return kept


def _curve(axis: "Axes", points: Sequence[tuple[float, float]], colour: str, label: str) -> None:
    if not points:
        return
    minutes, values = (list(column) for column in zip(*points, strict=True))
    if len(points) >= ROUGH:
        axis.plot(minutes, values, color=colour, linewidth=0.6, alpha=0.3)
        values = smoothed(values)
    axis.plot(minutes, values, color=colour, linewidth=1.2, label=label, marker="o" if len(points) < 2 else "")


def _tidy(axis: "Axes") -> None:
    axis.set_facecolor(PAPER)
    axis.tick_params(which="both", colors=INK, labelsize=8)
    axis.spines[["top", "right"]].set_visible(False)
    axis.title.set_fontsize(10)


def run(args: argparse.Namespace) -> None:
    """Draw into `--run`, or docs/."""
    folder = args.run or Path("docs")
    folder.mkdir(parents=True, exist_ok=True)
    codec = AudioCodec.load(args.codec)
    engine = AudioEngine(codec, load_module(args.teacher, DiT, DiTConfig), load_timbres(args.codec / TIMBRES_FILE))
    paths = sorted((args.aligned / "valid").glob("*.npz"))
    clips = [load_aligned(paths[i]) for i in np.linspace(0, len(paths) - 1, CLIPS).astype(int)]
    heard = [np.asarray(clip.mix, dtype=np.float32) / np.float32(FULL) for clip in clips]
    sounds = {
        "original": heard,
        "through the codec": there_and_back(codec, heard),
        "the same score by the audio engine": [played(engine, clip) for clip in clips],
    }
    print(spectrograms(sounds, codec, folder / "audio-codec.png"))
    runs = {name: args.codec.parent / name for name in ("vocoder", "distill")}
    stages = {"codec": args.codec, "vocoder": runs["vocoder"], "flow": args.teacher.parent, "distill": runs["distill"]}
    print(curves(stages, folder / "audio-learning.png"))
