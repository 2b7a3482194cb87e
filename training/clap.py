"""Train the music CLAP: `python -m training.clap --data runs/corpus --run runs/clap`."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from encoders.clap import ClapConfig, ClapNet
from encoders.story import encode_sentences
from generators.flow.checkpoint import save_module
from generators.score.controls import scaled_tempo
from generators.score.style import STYLES
from training.loop import Loop, LoopConfig
from training.pieces import Piece, load_pieces
from training.presets import CLAP, Preset

CROP = 200  # mel frames of a training view, of about 215 in a clip


@dataclass(frozen=True)
class ClapData:
    """Clips' log-mels [M 64 F] of pieces `piece` [M]; sentence vectors [P K 384]; label targets [P 7] by piece."""

    mels: NDArray[np.float16]
    piece: NDArray[np.int64]
    sentences: NDArray[np.float16]
    targets: Tensor

    def rows_of(self) -> list[NDArray[np.int64]]:
        """Clips by piece."""
        order = np.argsort(self.piece, kind="stable")
        return np.split(order, np.searchsorted(self.piece[order], np.arange(1, len(self.sentences))))


def targets_of(pieces: list[Piece]) -> Tensor:
    """Scaled tempo, energy, brightness, valence, arousal, major, style index: [P 7]."""
    rows = [
        (
            scaled_tempo(p.labels.tempo_bpm),
            p.labels.energy,
            p.labels.brightness,
            p.labels.valence,
            p.labels.arousal,
            float(p.labels.major),
            STYLES.index(p.labels.style),
        )
        for p in pieces
    ]
    return torch.tensor(rows, dtype=torch.float32)


def load_data(folder: Path, split: str) -> ClapData:
    """Clips that `training.clips` rendered, with the sentence vectors of all captions (computed once)."""
    pieces = load_pieces(folder, splits=frozenset({split}))
    cache = folder / split / "sentences.npy"
    if not cache.exists():
        texts = [c for p in pieces for c in p.captions]
        vectors = np.concatenate([encode_sentences(texts[i : i + 256]) for i in range(0, len(texts), 256)])
        np.save(cache, vectors.reshape(len(pieces), -1, vectors.shape[1]).astype(np.float16))
    mels = np.load(folder / split / "mels.npy", mmap_mode="r")
    return ClapData(mels, np.load(folder / split / "mel_piece.npy"), np.load(cache), targets_of(pieces))


def augmented(mels: Tensor, rng: np.random.Generator) -> Tensor:
    """A random crop, tilt and ripple of the spectrum, and a little noise: what rooms, codecs and masters do."""
    n, bands, frames = mels.shape
    start = int(rng.integers(0, max(1, frames - CROP + 1)))
    view = mels[:, :, start : start + CROP]
    at = torch.linspace(-1.0, 1.0, bands)
    draw = torch.from_numpy(rng.standard_normal((n, 2)).astype(np.float32))
    ripple = torch.sin(3.0 * at[None] + draw[:, 1:] * 3.0)
    noise = torch.from_numpy(rng.standard_normal(tuple(view.shape), dtype=np.float32))
    return view + (0.15 * draw[:, :1] * at + 0.1 * ripple)[:, :, None] + 0.05 * noise


def attribute_loss(out: Tensor, target: Tensor) -> Tensor:
    """Squared error of the five levels, cross-entropy of mode and style."""
    levels = functional.mse_loss(out[:, :5], target[:, :5])
    mode = functional.binary_cross_entropy_with_logits(out[:, 5], target[:, 5])
    return 8.0 * levels + 0.5 * mode + 0.5 * functional.cross_entropy(out[:, 6:], target[:, 6].long())


def contrast(audio: Tensor, text: Tensor, scale: Tensor) -> Tensor:
    """Symmetric InfoNCE of paired unit vectors [B D] (Radford et al. 2021)."""
    logits = scale * audio @ text.T
    truth = torch.arange(len(audio), device=audio.device)
    return 0.5 * (functional.cross_entropy(logits, truth) + functional.cross_entropy(logits.T, truth))


def captions_read(net: ClapNet, data: ClapData, rng: np.random.Generator, n: int) -> Tensor:
    """The attribute loss of captions of any piece, rendered or not: most captions have no clip."""
    pieces = rng.integers(len(data.sentences), size=n)
    chosen = rng.integers(data.sentences.shape[1], size=n)
    device = net.log_scale.device
    text = net.text(torch.from_numpy(data.sentences[pieces, chosen].astype(np.float32)).to(device))
    return attribute_loss(net.attributes(text).float(), data.targets[torch.from_numpy(pieces)].to(device))


@torch.no_grad()
def evaluate(net: ClapNet, data: ClapData, *, most: int = 512) -> dict[str, float]:
    """Retrieval both ways on held-out pieces (one clip and one caption each), and what the attributes tell."""
    net.eval()
    pieces, first = np.unique(data.piece, return_index=True)
    pieces, first = pieces[:most], first[:most]
    device = net.log_scale.device
    audio = net.audio(torch.from_numpy(np.asarray(data.mels[first], dtype=np.float32)).to(device))
    text = net.text(torch.from_numpy(data.sentences[pieces, -1].astype(np.float32)).to(device))
    target = data.targets[torch.from_numpy(pieces)].to(device)
    rank = (text @ audio.T).argsort(1, descending=True).argsort(1).diagonal()
    back = (audio @ text.T).argsort(1, descending=True).argsort(1).diagonal()
    figures = {"pieces": float(len(pieces))}
    for name, r in (("text_to_audio", rank), ("audio_to_text", back)):
        figures |= {f"{name}_r{k}": float((r < k).float().mean()) for k in (1, 10)}
        figures[f"{name}_median_rank"] = float(r.float().median() + 1)
    for name, points in (("audio", audio), ("text", text)):
        out = net.attributes(points)
        figures[f"{name}_style"] = float((out[:, 6:].argmax(1) == target[:, 6]).float().mean())
        figures[f"{name}_mode"] = float(((out[:, 5] > 0) == (target[:, 5] > 0.5)).float().mean())
        for i, level in enumerate(("tempo", "energy", "brightness")):
            figures[f"{name}_{level}_r"] = float(torch.corrcoef(torch.stack([out[:, i], target[:, i]]))[0, 1])
    net.train()
    return figures


def train(data: ClapData, held_out: ClapData, run: Path, preset: Preset) -> ClapNet:
    """Train and write `run/clap.safetensors` and `run/metrics.json`."""
    torch.manual_seed(preset.seed)
    config = ClapConfig(**preset.sizes, styles=len(STYLES))
    budget = LoopConfig(
        preset.steps,
        preset.minutes,
        preset.learning_rate,
        ema=0.998,
        weight_decay=0.05,
        bfloat16=preset.bfloat16,
        device=preset.device,
    )
    loop = Loop(ClapNet(config), run, budget)
    by_piece = data.rows_of()
    with_clips = np.flatnonzero([len(r) > 0 for r in by_piece])

    def loss(step: int, _: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        rng = np.random.default_rng((preset.seed, step))
        pieces = rng.choice(with_clips, preset.batch, replace=False)
        rows = np.asarray([rng.choice(by_piece[p]) for p in pieces])
        order = np.argsort(rows)
        pieces, rows = pieces[order], rows[order]
        mels = torch.from_numpy(np.asarray(data.mels[rows], dtype=np.float32))
        chosen = rng.integers(data.sentences.shape[1], size=len(pieces))
        sentences = torch.from_numpy(data.sentences[pieces, chosen].astype(np.float32))
        text = loop.module.text(sentences.to(preset.device)).float()
        audio = loop.module.audio(augmented(mels, rng).to(preset.device)).float()
        target = data.targets[torch.from_numpy(pieces)].to(preset.device)
        value = contrast(audio, text, loop.module.log_scale.clamp(max=4.0).exp())
        told = attribute_loss(loop.module.attributes(audio).float(), target)
        read = captions_read(loop.module, data, rng, 2 * preset.batch)
        figures = {"contrast": float(value.detach()), "told": float(told.detach()), "read": float(read.detach())}
        if (step + 1) % 500 == 0:
            figures |= evaluate(loop.average, held_out)
        return value + told + read, figures

    net = loop.run(loss)
    (run / "metrics.json").write_text(json.dumps(evaluate(net, held_out), indent=1))
    save_module(run / "clap.safetensors", net, config)
    return net


@torch.no_grad()
def write_points(net: ClapNet, data: ClapData, folder: Path) -> None:
    """CLAP points of every piece, from its captions and its clips: `clap.npy` [N D], `clap_offsets.npy` [P + 1]."""
    net.eval()
    text = net.text(torch.from_numpy(data.sentences.astype(np.float32)).flatten(0, 1)).numpy()
    text = text.reshape(len(data.sentences), -1, text.shape[-1])
    blocks = np.array_split(np.arange(len(data.mels)), max(1, len(data.mels) // 128))
    audio = np.concatenate(
        [net.audio(torch.from_numpy(np.asarray(data.mels[b], dtype=np.float32))).numpy() for b in blocks]
    )
    points = [np.concatenate([t, audio[rows]]) for t, rows in zip(text, data.rows_of(), strict=True)]
    np.save(folder / "clap.npy", np.concatenate(points).astype(np.float16))
    np.save(folder / "clap_offsets.npy", np.cumsum([0, *(len(p) for p in points)]))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--run", type=Path, default=Path("runs/clap"))
    parser.add_argument("--preset", choices=sorted(CLAP), default="cpu")
    parser.add_argument("--float32", action="store_true", help="faster than bfloat16 on some processors")
    parser.add_argument("--minutes", type=float, help="stop after so many minutes instead of the preset's")
    args = parser.parse_args()
    data, held_out = (load_data(args.data, split) for split in ("train", "valid"))
    net = train(data, held_out, args.run, CLAP[args.preset].limited(args.minutes, float32=args.float32))
    write_points(net, data, args.data / "train")
    write_points(net, held_out, args.data / "valid")


if __name__ == "__main__":
    main()
