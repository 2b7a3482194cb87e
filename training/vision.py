"""Train the eyes: `python -m training.vision --photos caltech101-128px.tar --run runs/vision --minutes 45`."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from encoders.descriptors import describe
from encoders.story import encode_sentences
from encoders.vision import Eyes, Glance, VisionConfig, as_pixels
from generators.flow.checkpoint import parameters, save_module
from training.augment import augment
from training.loop import Loop, LoopConfig
from training.presets import VISION, Preset
from training.vision_data import Album, Seen, class_vectors, load_album, load_classes, moods_of, sentence_bank
from training.visual_moods import look_at, mood_of

SHARPNESS = 20.0  # of the softmax over cosines with all classes
CLASS_SHARE = 0.65  # of a picture's mood that what it shows decides; light and colour decide the rest
LOOKED = 8  # pictures of a batch whose light and mood are measured, which is slow
MIXED = 0.5  # share of pictures that are blended with another
LOOKS_WEIGHT, MOOD_WEIGHT = 2.0, 4.0
SIZES = ((0.55, 2 / 3), (0.88, 5 / 6), (1.01, 1.0))  # up to this share of the budget, at this share of the size
TOP = 5


@dataclass(frozen=True)
class Lesson:
    """What a run learns from: pictures, classes, the sentence bank [K W 384] and which classes are trained."""

    album: Album
    classes: tuple[Seen, ...]
    bank: Tensor

    @property
    def trained(self) -> list[int]:
        """Classes that are not held out."""
        return [i for i, seen in enumerate(self.classes) if not seen.held_out]


@dataclass(frozen=True)
class Batch:
    """Pixels [B 3 N N]; a [B] and b [B] the classes that are in each, by the share [B] of the first."""

    pixels: Tensor
    a: Tensor
    b: Tensor
    share: Tensor

    def blend(self, table: Tensor) -> Tensor:
        """Rows of a table [K D] for the pictures, mixed as they are: [B D]."""
        share = self.share[:, None]
        return share * table[self.a] + (1 - share) * table[self.b]


def draw(lesson: Lesson, n: int, size: int, generator: torch.Generator) -> Batch:
    """A batch of training pictures; a class is drawn by the root of its size, and half are blends of two."""
    rows = lesson.album.rows(held_out=False, of=lesson.trained)
    labels = torch.from_numpy(lesson.album.labels[rows])
    weights = torch.bincount(labels, minlength=len(lesson.classes)).clamp(min=1).double() ** -0.5
    picked = torch.multinomial(weights[labels], n, replacement=True, generator=generator)
    squares = torch.from_numpy(lesson.album.squares[rows[picked.numpy()]])
    pixels = augment(as_pixels(squares), size, generator)
    other = torch.randperm(n, generator=generator)
    share = 0.5 + 0.5 * torch.rand(n, generator=generator) ** 0.5
    share = torch.where(torch.rand(n, generator=generator) < MIXED, share, torch.ones(n))
    mixed = share.view(-1, 1, 1, 1) * pixels + (1 - share.view(-1, 1, 1, 1)) * pixels[other]
    return Batch(mixed.contiguous(memory_format=torch.channels_last), labels[picked], labels[picked][other], share)


def wording(bank: Tensor, generator: torch.Generator) -> Tensor:
    """One way to put every class, [K 384]: a random blend of its wordings."""
    weights = torch.rand(bank.shape[:2], generator=generator) ** 2 + 0.05
    return functional.normalize((weights[..., None] * bank).sum(1), dim=-1)


def eyes_loss(
    seen: Glance, batch: Batch, lesson: Lesson, generator: torch.Generator
) -> tuple[Tensor, dict[str, float]]:
    """Which class among all, how near to its sentences, how light and coloured, and what mood."""
    vectors = wording(lesson.bank, generator)
    trained = torch.tensor(lesson.trained)
    logits = SHARPNESS * seen.meaning @ vectors[trained].T
    named = functional.cross_entropy(logits, batch.blend(torch.eye(len(vectors)))[:, trained])
    target = functional.normalize(batch.blend(vectors), dim=-1)
    near = 1.0 - (seen.meaning * target).sum(1).mean()
    looks, light_moods = measured(batch.pixels[:LOOKED], seen.looks.shape[1])
    moods = CLASS_SHARE * batch.blend(moods_of(lesson.classes))[:LOOKED] + (1 - CLASS_SHARE) * light_moods
    looked = functional.mse_loss(seen.looks[:LOOKED], looks)
    felt = functional.mse_loss(seen.mood[:LOOKED], moods)
    figures = {"named": named, "near": near, "looked": looked, "felt": felt}
    return named + near + LOOKS_WEIGHT * looked + MOOD_WEIGHT * felt, {k: float(v.detach()) for k, v in figures.items()}


def measured(pixels: Tensor, looks: int) -> tuple[Tensor, Tensor]:
    """Leading descriptors [B looks] and the mood of light and colour [B 2] of pixels [B 3 N N]."""
    pictures = (255.0 * pixels.detach().permute(0, 2, 3, 1)).round().to(torch.uint8).contiguous().numpy()
    moods = [mood_of(look_at(p)) for p in pictures]
    described = torch.from_numpy(np.stack([describe(p)[:looks] for p in pictures]))
    return described, torch.tensor([(m.valence, m.arousal) for m in moods])


def train(lesson: Lesson, run: Path, preset: Preset) -> Eyes:
    """Train, measure on held-out pictures, write `run/vision.safetensors` and `run/metrics.json`."""
    torch.manual_seed(preset.seed)
    width, size, compact = (preset.sizes[name] for name in ("width", "size", "compact"))
    config = VisionConfig(width, size, compact=compact)
    eyes = Eyes(config).to(memory_format=torch.channels_last)
    budget = LoopConfig(
        preset.steps, preset.minutes, preset.learning_rate, weight_decay=0.05, ema=0.998, seed=preset.seed
    )
    loop = Loop(eyes, run, budget)

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        done = max(step / preset.steps, loop.spent_s / 60.0 / preset.minutes)
        batch = draw(lesson, preset.batch, size_at(done, config.size), generator)
        value, figures = eyes_loss(loop.module(batch.pixels), batch, lesson, generator)
        if (step + 1) % 1000 == 0:
            settle(loop.average, lesson, seed=preset.seed)
            figures |= measure(loop.average, lesson)
        return value, figures | {"size": float(batch.pixels.shape[-1])}

    trained = loop.run(loss).to(memory_format=torch.channels_last)
    settle(trained, lesson, seed=preset.seed)
    trained.fit_axes(torch.cat([meanings(trained, lesson, held_out=False), class_vectors(lesson.bank)]))
    figures = measure(trained, lesson)
    (run / "metrics.json").write_text(json.dumps(figures, indent=1))
    save_module(run / "vision.safetensors", trained, config)
    print(f"{parameters(trained):,} numbers; {json.dumps(figures, indent=1)}", flush=True)
    return trained


def size_at(done: float, size: int) -> int:
    """Side of the training pictures, in steps of 8 pixels: small ones first, which go by twice as fast."""
    share = next(share for end, share in SIZES if done < end)
    return max(32, 8 * round(share * size / 8))


@torch.no_grad()
def settle(eyes: Eyes, lesson: Lesson, *, seed: int, batches: int = 24) -> None:
    """Measure anew the means and variances of the batch norms: those of averaged weights are not the last step's."""
    norms = [m for m in eyes.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over the batches
        norm.train()
    rows = np.random.default_rng(seed).permutation(lesson.album.rows(held_out=False, of=lesson.trained))
    for part in np.array_split(rows[: 64 * batches], batches):
        eyes(_clean(lesson.album.squares[part], eyes.config.size))
    eyes.eval()


@torch.no_grad()
def meanings(eyes: Eyes, lesson: Lesson, *, held_out: bool) -> Tensor:
    """What the eyes say of the pictures of all trained classes, [N 384]."""
    return eyes.look(list(lesson.album.squares[lesson.album.rows(held_out=held_out, of=lesson.trained)])).meaning


def measure(eyes: Eyes, lesson: Lesson) -> dict[str, float]:
    """Accuracy by nearest class sentence on held-out pictures, on classes never trained on, and of moods."""
    vectors = class_vectors(lesson.bank)
    photographed = [i for i in lesson.trained if lesson.classes[i].folders]
    painted = [i for i in lesson.trained if not lesson.classes[i].folders]
    unknown = [i for i, seen in enumerate(lesson.classes) if seen.held_out]
    figures: dict[str, float] = {}
    for name, classes, among in (
        ("photo", photographed, lesson.trained),
        ("painted", painted, lesson.trained),
        ("zero_shot", unknown, unknown),
        ("zero_shot_all", unknown, list(range(len(vectors)))),
    ):
        if classes:
            found = hits(eyes, lesson, classes, among)
            figures |= {f"{name}_top1": found[0], f"{name}_top{TOP}": found[1], f"{name}_top1_by_class": found[2]}
    return figures | _felt(eyes, lesson, photographed)


def hits(eyes: Eyes, lesson: Lesson, classes: list[int], among: list[int]) -> tuple[float, float, float]:
    """Share of held-out pictures of `classes` whose own is nearest, or in the nearest five; the mean by class."""
    rows = lesson.album.rows(held_out=True, of=classes)
    vectors = class_vectors(lesson.bank)[among]
    cosines = eyes.look(list(lesson.album.squares[rows])).meaning @ vectors.T
    order = torch.tensor(among)[cosines.argsort(dim=1, descending=True)]
    truth = torch.from_numpy(lesson.album.labels[rows])
    first = (order[:, 0] == truth).float()
    near = (order[:, :TOP] == truth[:, None]).any(1).float()
    by_class = torch.stack([first[truth == c].mean() for c in classes])
    return float(first.mean()), float(near.mean()), float(by_class.mean())


def _felt(eyes: Eyes, lesson: Lesson, classes: list[int]) -> dict[str, float]:
    """Correlation of mood with that of the class and its light, on held-out pictures."""
    rows = lesson.album.rows(held_out=True, of=classes)
    squares = lesson.album.squares[rows]
    light = torch.tensor([(m.valence, m.arousal) for m in (mood_of(look_at(p)) for p in squares)])
    truth = CLASS_SHARE * moods_of(lesson.classes)[torch.from_numpy(lesson.album.labels[rows])]
    truth = truth + (1 - CLASS_SHARE) * light
    mood = eyes.look(list(squares)).mood
    return {
        name: float(torch.corrcoef(torch.stack([mood[:, i], truth[:, i]]))[0, 1])
        for i, name in enumerate(("valence_r", "arousal_r"))
    }


def _clean(squares: NDArray[np.uint8], size: int) -> Tensor:
    pixels = as_pixels(torch.from_numpy(squares))
    return functional.interpolate(pixels, (size, size), mode="bilinear", antialias=True, align_corners=False)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True, help="the tar of Caltech 101, folder = class")
    parser.add_argument("--run", type=Path, default=Path("runs/vision"))
    parser.add_argument("--preset", choices=sorted(VISION), default="cpu")
    parser.add_argument("--minutes", type=float, help="stop after so many minutes instead of the preset's")
    args = parser.parse_args()
    preset = VISION[args.preset].limited(args.minutes)
    classes = load_classes()
    album = load_album(args.photos, classes, seed=preset.seed)
    train(Lesson(album, classes, sentence_bank(classes, encode_sentences)), args.run, preset)


if __name__ == "__main__":
    main()
