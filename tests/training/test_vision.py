"""The eyes learn to tell what they are shown, by the nearest sentence, and a run leaves weights and figures."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from encoders.descriptors import describe
from encoders.vision import Eyes, Glance, VisionConfig, as_pixels
from tests.training.photo_archive import write_photos
from training.presets import VISION
from training.vision import Batch, Lesson, draw, eyes_loss, measure, measured, settle, size_at, train, wording
from training.vision_data import Seen, class_vectors, load_album

WORDS = VisionConfig().text


def seen(name: str, *, held_out: bool = False, painted: bool = False) -> Seen:
    says = (f"a photo of {name}", f"{name} things")
    return Seen(name, says, 0.2 + 0.1 * len(name), 0.5, () if painted else (name,), held_out=held_out)


CLASSES = (*map(seen, ("red", "green", "bluish")), seen("golden", held_out=True), seen("night_city", painted=True))


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    """Four photographed classes, one of them held out, and one painted; random sentence vectors."""
    folder = tmp_path_factory.mktemp("vision")
    archive = write_photos(folder / "photos.tar", ["red", "green", "bluish", "golden"], 24)
    bank = torch.randn(5, 2, WORDS, generator=torch.Generator().manual_seed(0))
    return Lesson(load_album(archive, CLASSES, seed=0, limit=24), CLASSES, bank / bank.norm(dim=-1, keepdim=True))


@pytest.fixture(scope="module")
def run(lesson: Lesson, tmp_path_factory: pytest.TempPathFactory) -> tuple[Eyes, Path]:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("run")
    return train(lesson, folder, replace(VISION["tiny"], steps=60)), folder


def test_a_run_learns_to_tell_its_classes_apart(run: tuple[Eyes, Path], lesson: Lesson) -> None:
    eyes, folder = run
    figures = json.loads((folder / "metrics.json").read_text())
    assert figures["photo_top1"] >= 0.8
    assert figures["painted_top1"] == 1.0
    torch.manual_seed(5)
    fresh = measure(Eyes(eyes.config).eval(), lesson)
    assert fresh["photo_top1"] < 0.8


def test_the_written_weights_see_what_the_trained_ones_saw(run: tuple[Eyes, Path], lesson: Lesson) -> None:
    eyes, folder = run
    pictures = list(lesson.album.squares[:4])
    loaded = Eyes.load(folder / "vision.safetensors")
    assert np.abs(loaded.columns(pictures) - eyes.columns(pictures)).max() < 0.02
    assert not torch.equal(loaded.axes, torch.eye(*loaded.axes.shape))


def test_held_out_classes_and_pictures_are_never_drawn(lesson: Lesson) -> None:
    held_out = np.arange(len(lesson.album.labels)) % 2 == 0
    squares = np.zeros_like(lesson.album.squares)
    squares[held_out] = 255
    album = replace(lesson.album, squares=squares, held_out=held_out)
    batch = draw(replace(lesson, album=album), 64, 32, torch.Generator().manual_seed(0))
    assert 3 not in set(batch.a.tolist()) | set(batch.b.tolist())
    white = (batch.pixels.flatten(2).median(2).values > 0.7).all(1)  # a negative of black is rare
    assert float(white.float().mean()) < 0.15


def test_blends_have_the_rows_of_both_by_their_shares() -> None:
    batch = Batch(torch.zeros(2, 3, 4, 4), torch.tensor([0, 1]), torch.tensor([2, 1]), torch.tensor([0.75, 0.6]))
    mixed = batch.blend(torch.eye(3))
    assert torch.allclose(mixed, torch.tensor([[0.75, 0.0, 0.25], [0.0, 1.0, 0.0]]))


def test_wordings_of_a_class_stay_near_it_and_change(lesson: Lesson) -> None:
    first, second = (wording(lesson.bank, torch.Generator().manual_seed(i)) for i in range(2))
    assert torch.allclose(first.norm(dim=1), torch.ones(5), atol=1e-6)
    assert not torch.allclose(first, second)
    nearest = (first @ class_vectors(lesson.bank).T).argmax(1)
    assert nearest.tolist() == list(range(5))


def test_the_loss_is_least_for_the_right_meaning_and_mood(lesson: Lesson) -> None:
    generator = torch.Generator().manual_seed(0)
    batch = draw(lesson, 16, 32, generator)
    right = torch.nn.functional.normalize(batch.blend(class_vectors(lesson.bank)), dim=1)
    looks, light = measured(batch.pixels, 5)
    mood = 0.65 * batch.blend(torch.tensor([(c.valence, c.arousal) for c in CLASSES])) + 0.35 * light

    def loss(meaning: torch.Tensor, seen_looks: torch.Tensor, felt: torch.Tensor) -> float:
        return float(eyes_loss(Glance(meaning, seen_looks, felt), batch, lesson, torch.Generator().manual_seed(1))[0])

    best = loss(right, looks, mood)
    assert best < loss(right.roll(1, 0), looks, mood)
    assert best < loss(right, looks + 0.2, mood)
    assert best < loss(right, looks, 1.0 - mood)


def test_what_is_measured_is_what_descriptors_say(lesson: Lesson) -> None:
    squares = lesson.album.squares[:2]
    looks, moods = measured(as_pixels(torch.from_numpy(squares)), 7)
    assert np.allclose(looks.numpy(), [describe(s)[:7] for s in squares], atol=1e-6)
    assert moods.shape == (2, 2)


def test_training_starts_with_small_pictures_and_ends_with_whole_ones() -> None:
    sizes = [size_at(done, 96) for done in (0.0, 0.5, 0.6, 0.87, 0.9, 1.0)]
    assert sizes == [64, 64, 80, 80, 96, 96]
    assert size_at(0.0, 32) == 32


def test_settling_sets_the_norms_to_the_statistics_of_clean_pictures(lesson: Lesson) -> None:
    torch.manual_seed(0)
    eyes = Eyes(VisionConfig(width=8, size=32)).eval()
    settle(eyes, lesson, seed=0, batches=2)
    inputs: list[torch.Tensor] = []
    first = eyes.stem[1]
    assert isinstance(first, torch.nn.BatchNorm2d)
    handle = first.register_forward_pre_hook(lambda _, x: inputs.append(x[0]))
    eyes.look(list(lesson.album.squares[lesson.album.rows(held_out=False, of=lesson.trained)]))
    handle.remove()
    assert first.running_mean is not None
    assert torch.allclose(first.running_mean, torch.cat(inputs).mean((0, 2, 3)), atol=0.05)
    assert not eyes.training
