"""Train the music CLAP: `python -m training.clap --data runs/corpus --run runs/clap`."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from encoders.clap import ClapConfig, ClapNet
from generators.flow.checkpoint import save_module
from generators.score.controls import scaled_tempo
from generators.score.style import STYLES
from training.loop import Loop, LoopConfig
from training.pieces import Piece, load_pieces
from training.presets import CLAP, Preset
from training.texts import Texts, read_texts

CROP = 200  # mel frames of a training view, of about 215 in a clip
EVALUATE_EVERY = 500
SHORT, PARTLY = 0.2, 0.3  # shares of texts: a caption of the piece instead of the description, some of its clauses


@dataclass(frozen=True)
class ClapData:
    """Clips of P pieces: log-mels [M 64 F], pitch classes [M 12], their piece [M], and what is said of them.

    `texts` are first the captions of the pieces, K each (text p * K + k), then a description of each clip (P * K + m);
    `targets` [P 7] are the labels by piece.
    """

    mels: NDArray[np.float16]
    chroma: NDArray[np.float32]
    piece: NDArray[np.int64]
    texts: Texts
    captions: int
    targets: Tensor

    def rows_of(self) -> list[NDArray[np.int64]]:
        """Clips by piece."""
        order = np.argsort(self.piece, kind="stable")
        return np.split(order, np.searchsorted(self.piece[order], np.arange(1, len(self.targets))))

    def described(self, clips: NDArray[np.int64]) -> NDArray[np.int64]:
        """The descriptions of clips, as texts."""
        return len(self.targets) * self.captions + clips

    def heard(self, clips: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """Mels [B 64 F] and pitch classes [B 12] of clips."""
        return torch.from_numpy(self.mels[clips].astype(np.float32)), torch.from_numpy(self.chroma[clips])


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


def load_data(folder: Path, splits: Sequence[str]) -> ClapData:
    """Clips that `training.clips` rendered of some splits, with the vectors of all that is said of them."""
    mels, chroma, piece, captions, descriptions = [], [], [], [], []
    pieces: list[Piece] = []
    for split in splits:
        here = load_pieces(folder, splits=frozenset({split}))
        mels.append(np.load(folder / split / "mels.npy"))
        chroma.append(np.load(folder / split / "chroma.npy"))
        piece.append(np.load(folder / split / "mel_piece.npy") + len(pieces))
        descriptions += json.loads((folder / split / "clip_captions.json").read_text())
        captions += [c for p in here for c in p.captions]
        pieces += here
    texts = read_texts([*captions, *descriptions], folder / "texts.npy")
    each = len(captions) // len(pieces)
    return ClapData(
        np.concatenate(mels), np.concatenate(chroma), np.concatenate(piece), texts, each, targets_of(pieces)
    )


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
    pieces = rng.integers(len(data.targets), size=n)
    texts = pieces * data.captions + rng.integers(data.captions, size=n)
    text = net.text(*(x.to(net.log_scale.device) for x in data.texts.take(texts)))
    return attribute_loss(net.attributes(text).float(), data.targets[torch.from_numpy(pieces)].to(net.log_scale.device))


def told(data: ClapData, clips: NDArray[np.int64], rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """What is said of clips: mostly all of their description, else some of its clauses, else a caption of the piece."""
    short = rng.random(len(clips)) < SHORT
    captions = data.piece[clips] * data.captions + rng.integers(data.captions, size=len(clips))
    whole, clauses, there = data.texts.take(np.where(short, captions, data.described(clips)))
    partly = torch.from_numpy(~short & (rng.random(len(clips)) < PARTLY))
    kept = there & torch.from_numpy(rng.random(tuple(there.shape)) < rng.uniform(0.3, 0.9, (len(clips), 1)))
    kept = torch.where(kept.any(1, keepdim=True), kept, there)
    return whole * ~partly[:, None], clauses, torch.where(partly[:, None], kept, there)


@torch.no_grad()
def embed_clips(net: ClapNet, data: ClapData, clips: NDArray[np.int64]) -> Tensor:
    """Points [B D] of clips, in blocks."""
    device = net.log_scale.device
    blocks = [clips[i : i + 128] for i in range(0, len(clips), 128)]
    return torch.cat([net.audio(*(x.to(device) for x in data.heard(b))) for b in blocks])


@torch.no_grad()
def embed_texts(net: ClapNet, data: ClapData, texts: NDArray[np.int64]) -> Tensor:
    """Points [B D] of texts, in blocks."""
    device = net.log_scale.device
    blocks = [texts[i : i + 512] for i in range(0, len(texts), 512)]
    return torch.cat([net.text(*(x.to(device) for x in data.texts.take(b))) for b in blocks])


@torch.no_grad()
def evaluate(net: ClapNet, data: ClapData, *, most: int = 1000) -> dict[str, float]:
    """Retrieval both ways on held-out pieces (a clip and its description each), and what the attributes tell."""
    net.eval()
    pieces, first = np.unique(data.piece, return_index=True)
    chosen = np.sort(np.random.default_rng(0).permutation(len(pieces))[:most])
    pieces, first = pieces[chosen], first[chosen]
    audio, text = embed_clips(net, data, first), embed_texts(net, data, data.described(first))
    target = data.targets[torch.from_numpy(pieces)].to(audio.device)
    figures = {"pieces": float(len(pieces))}
    cosines = text @ audio.T
    for name, table in (("text_to_audio", cosines), ("audio_to_text", cosines.T)):
        r = (table > table.diagonal()[:, None]).sum(1)
        figures |= {f"{name}_r{k}": float((r < k).float().mean()) for k in (1, 5, 10)}
        figures[f"{name}_median_rank"] = float(r.float().median() + 1)
    for name, points in (("audio", audio), ("text", text)):
        out = net.attributes(points)
        figures[f"{name}_style"] = float((out[:, 6:].argmax(1) == target[:, 6]).float().mean())
        figures[f"{name}_mode"] = float(((out[:, 5] > 0) == (target[:, 5] > 0.5)).float().mean())
        for i, level in enumerate(("tempo", "energy", "brightness", "valence", "arousal")):
            figures[f"{name}_{level}_r"] = float(torch.corrcoef(torch.stack([out[:, i], target[:, i]]))[0, 1])
    net.train()
    return figures


def train(data: ClapData, held_out: ClapData, run: Path, preset: Preset) -> ClapNet:
    """Train and write `run/clap.safetensors` and `run/metrics.json`."""
    torch.manual_seed(preset.seed)
    config = ClapConfig(**preset.sizes, styles=len(STYLES))
    budget = replace(LoopConfig.of(preset), ema=0.998, weight_decay=0.05)
    loop = Loop(ClapNet(config).to(memory_format=torch.channels_last), run, budget)  # convolutions: 1.4 x as fast
    by_piece = data.rows_of()
    with_clips = np.flatnonzero([len(r) > 0 for r in by_piece])

    def loss(step: int, _: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        rng = np.random.default_rng((preset.seed, step))
        clips = np.asarray([rng.choice(by_piece[p]) for p in rng.choice(with_clips, preset.batch, replace=False)])
        mels, chroma = data.heard(clips)
        text = loop.module.text(*(x.to(preset.device) for x in told(data, clips, rng))).float()
        audio = loop.module.audio(augmented(mels, rng).to(preset.device), chroma.to(preset.device)).float()
        target = data.targets[torch.from_numpy(data.piece[clips])].to(preset.device)
        value = contrast(audio, text, loop.module.log_scale.clamp(max=4.0).exp())
        known = attribute_loss(loop.module.attributes(audio).float(), target)
        read = captions_read(loop.module, data, rng, 2 * preset.batch)
        figures = {"contrast": float(value.detach()), "known": float(known.detach()), "read": float(read.detach())}
        if (step + 1) % EVALUATE_EVERY == 0:
            figures |= evaluate(loop.average, held_out)
        return value + known + read, figures

    net = loop.run(loss)
    (run / "metrics.json").write_text(json.dumps(evaluate(net, held_out), indent=1))
    save_module(run / "clap.safetensors", net, config)
    return net


@torch.no_grad()
def write_points(net: ClapNet, folder: Path, split: str) -> None:
    """CLAP points of every piece of a split, from its captions, its clips and their descriptions.

    `clap.npy` [N D]; those of piece p lie at `clap_offsets.npy`[p]:[p + 1].
    """
    net.eval()
    data = load_data(folder, [split])
    clips = np.arange(len(data.mels))
    text = embed_texts(net, data, np.arange(len(data.targets) * data.captions)).numpy()
    audio, said = embed_clips(net, data, clips).numpy(), embed_texts(net, data, data.described(clips)).numpy()
    points = [
        np.concatenate([t, audio[rows], said[rows]])
        for t, rows in zip(text.reshape(len(data.targets), data.captions, -1), data.rows_of(), strict=True)
    ]
    np.save(folder / split / "clap.npy", np.concatenate(points).astype(np.float16))
    np.save(folder / split / "clap_offsets.npy", np.cumsum([0, *(len(p) for p in points)]))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--run", type=Path, default=Path("runs/clap"))
    parser.add_argument("--preset", choices=sorted(CLAP), default="cpu")
    parser.add_argument("--float32", action="store_true", help="faster than bfloat16 on some processors")
    parser.add_argument("--minutes", type=float, help="stop after so many minutes instead of the preset's")
    args = parser.parse_args()
    data, held_out = load_data(args.data, ["train"]), load_data(args.data, ["valid", "test"])
    net = train(data, held_out, args.run, CLAP[args.preset].limited(args.minutes, float32=args.float32))
    for split in ("train", "valid"):
        write_points(net, args.data, split)


if __name__ == "__main__":
    main()
