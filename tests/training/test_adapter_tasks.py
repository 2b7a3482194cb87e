from pathlib import Path

import numpy as np
import pytest
import torch

from encoders.descriptors import DESCRIPTOR_NAMES
from encoders.video import MOVEMENT_NAMES, VIDEO_NAMES
from encoders.vision import Eyes, VisionConfig
from tests.training.adapter_world import answers, embed
from tests.training.photo_archive import write_photos
from training.adapter_tasks import Task, TaskSizes, draw_movement, moving_moods, picture_tasks, story_task
from training.scenes.bank import build_bank
from training.visual_moods import Look

WORLD = answers(140)
SIZES = TaskSizes(per_family=12, captions=20, pictures=30, held_out_pictures=10)


@pytest.fixture(scope="module")
def pictures() -> tuple[Task, Task]:
    return picture_tasks(None, WORLD, SIZES, seed=0)


def test_stories_learn_from_scenes_and_captions_and_are_judged_on_held_out_families() -> None:
    task = story_task(embed, WORLD, SIZES, seed=0)
    bank = build_bank(per_family=12)
    assert len(task.held_out) == sum(s.held_out for s in bank)
    assert len(task.train) == sum(not s.held_out for s in bank) + SIZES.captions
    assert (task.kind, task.encoder) == ("story", "all-MiniLM-L6-v2")


def test_a_video_has_the_columns_of_its_pictures_and_then_its_movement(pictures: tuple[Task, Task]) -> None:
    image, video = pictures
    width = len(DESCRIPTOR_NAMES)
    assert image.train.features.shape == (30, width)
    assert video.train.features.shape == (30, len(VIDEO_NAMES))
    assert (video.train.features[:, :width] == image.train.features).all()
    assert (image.encoder, video.encoder) == ("descriptors-v1", "descriptors-v1")


def test_with_eyes_the_columns_are_those_that_encoders_give_and_moods_know_what_is_shown(tmp_path: Path) -> None:
    torch.manual_seed(0)
    eyes = Eyes(VisionConfig(width=8, size=32, text=16, compact=4)).eval()
    archive = write_photos(tmp_path / "photos.tar", ["scorpion", "sunflower"], 8)

    image, video = picture_tasks(archive, WORLD, SIZES, seed=0, eyes=eyes)
    plain, _ = picture_tasks(archive, WORLD, SIZES, seed=0)

    looks = len(DESCRIPTOR_NAMES)
    assert image.train.features.shape == (30, looks + 6)
    assert video.train.features.shape == (30, looks + 6 + len(MOVEMENT_NAMES))
    assert (video.train.features[:, : looks + 6] == image.train.features).all()
    assert (image.encoder, video.encoder, plain.encoder) == ("mini-eyes-v1", "mini-eyes-v1", "descriptors-v1")
    spreads = {m.valence_spread for m in image.train.moods}
    assert min(spreads) < max(spreads) == plain.train.moods[0].valence_spread


def test_held_out_pictures_are_other_pictures(pictures: tuple[Task, Task]) -> None:
    image, _ = pictures
    distances = (image.held_out.features[:, None] - image.train.features[None]).abs().sum(-1)
    assert distances.min() > 0.01


def test_movement_stays_in_the_range_of_its_columns_and_spans_it() -> None:
    movement = draw_movement(2000, seed=0)
    signed = [name.endswith("change") for name in MOVEMENT_NAMES]
    assert movement[:, ~np.array(signed)].min() >= 0.0
    assert np.abs(movement).max() <= 1.0
    motion, most = (movement[:, MOVEMENT_NAMES.index(n)] for n in ("motion_mean", "motion_max"))
    assert (most >= motion).all()
    assert motion.min() < 0.02
    assert motion.max() > 0.9
    cut_rate, weight = (movement[:, MOVEMENT_NAMES.index(n)] for n in ("cut_rate", "cut_weight"))
    assert (weight <= cut_rate).all()


def test_pictures_that_move_more_are_more_aroused() -> None:
    look = Look(0.5, 0.35, 0.0, 0.3, 0.3, 0.1, 0.1, 0.1)
    movement = np.zeros((3, len(MOVEMENT_NAMES)), np.float32)
    movement[:, MOVEMENT_NAMES.index("motion_mean")] = (0.0, 0.4, 0.9)
    arousal = [m.arousal for m in moving_moods([look] * 3, movement)]
    assert arousal[0] < arousal[1] < arousal[2]
