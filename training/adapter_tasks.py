"""The kinds of source as tasks: scenes for stories, relit pictures for stills, the same with movement for video."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoders.descriptors import ENCODER as LOOKS
from encoders.descriptors import describe
from encoders.story import ENCODER as SENTENCES
from encoders.video import MOVEMENT_NAMES
from encoders.vision import Eyes
from training.adapter_data import Answers, Embed, Examples, caption_examples, examples, joined
from training.moods import Mood
from training.pictures import Picture, draw_pictures, read_photos
from training.scenes.bank import build_bank
from training.shown_moods import moods_by_folder, paint_places, with_shown
from training.vision_data import load_classes
from training.visual_moods import Look, look_at, mood_of

HELD_OUT_SEED = 1000


@dataclass(frozen=True)
class Task:
    """One kind of source to train: whose vectors, the training rows and the held-out ones."""

    kind: str
    encoder: str
    train: Examples
    held_out: Examples


@dataclass(frozen=True, slots=True)
class TaskSizes:
    """How many rows: scenes a family, captions, pictures, held-out pictures and photographs to draw them from."""

    per_family: int = 90
    captions: int = 3000
    pictures: int = 6000
    held_out_pictures: int = 400
    photos: int = 3000


def story_task(embed: Embed, answers: Answers, sizes: TaskSizes, *, seed: int) -> Task:
    """Scenes and captions to learn from; scenes of families whose words never occurred to be judged on."""
    bank = build_bank(seed=seed, per_family=sizes.per_family)
    rows: list[Examples] = []
    for held_out in (False, True):
        scenes = [s for s in bank if s.held_out == held_out]
        vectors = embed([s.text for s in scenes])
        rows.append(examples(vectors, [s.mood for s in scenes], answers.library, seed=seed + held_out))
    captions = caption_examples(embed, answers, sizes.captions, seed=seed)
    return Task("story", SENTENCES, joined(rows[0], captions), rows[1])


def picture_tasks(
    photos: Path | None, answers: Answers, sizes: TaskSizes, *, seed: int, eyes: Eyes | None = None
) -> tuple[Task, Task]:
    """Stills and videos from one set of pictures; held-out ones come from photographs never trained on.

    With `eyes` the columns of what they see stand behind the descriptors, painted places join the photographs, and the
    moods are also those of what is shown, which descriptors alone could not tell.
    """
    found = [] if photos is None else read_photos(photos, limit=sizes.photos, seed=seed)
    if eyes is not None:
        found = found + paint_places(seed=seed)
    order = np.random.default_rng((seed, 3)).permutation(len(found))
    kept = len(found) - len(found) // 8
    still: list[Examples] = []
    moving: list[Examples] = []
    for rows, count, start in (
        (order[:kept], sizes.pictures, seed),
        (order[kept:], sizes.held_out_pictures, seed + HELD_OUT_SEED),
    ):
        pictures = list(draw_pictures([found[i] for i in rows], count, seed=start))
        vectors, movement = seen_columns(pictures, eyes), draw_movement(count, seed=start)
        columns = np.concatenate([vectors, movement], axis=1)
        moods, moving_ones = picture_moods(pictures, movement, shown=eyes is not None)
        still.append(examples(vectors, moods, answers.library, seed=start))
        moving.append(examples(columns, moving_ones, answers.library, seed=start))
    encoder = LOOKS if eyes is None else eyes.config.encoder
    return Task("image", encoder, still[0], still[1]), Task("video", encoder, moving[0], moving[1])


def seen_columns(pictures: Sequence[Picture], eyes: Eyes | None) -> NDArray[np.float32]:
    """The columns of `encoders.image`, [M D]."""
    looks = np.stack([describe(p.rgb) for p in pictures])
    return looks if eyes is None else np.concatenate([looks, eyes.columns([p.rgb for p in pictures])], axis=1)


def picture_moods(
    pictures: Sequence[Picture], movement: NDArray[np.float32], *, shown: bool
) -> tuple[list[Mood], list[Mood]]:
    """Moods of pictures as stills and with their movement; `shown`: also of what they show, not of looks alone."""
    looks = [look_at(p.rgb) for p in pictures]
    still, moving = [mood_of(look) for look in looks], moving_moods(looks, movement)
    if not shown:
        return still, moving
    table = moods_by_folder(load_classes())
    stills, movings = (
        [with_shown(mood, picture, table) for mood, picture in zip(moods, pictures, strict=True)]
        for moods in (still, moving)
    )
    return stills, movings


def draw_movement(n: int, *, seed: int) -> NDArray[np.float32]:
    """Random columns [n 8] in the order of MOVEMENT_NAMES: from a locked-off shot to a trailer."""
    rng = np.random.default_rng((seed, 8))
    pace = rng.beta(1.1, 1.3, n)  # motion and cutting go together, but not always
    motion = np.clip(pace + 0.25 * rng.standard_normal(n), 0, 1) * rng.choice([0.3, 1.0], n, p=[0.2, 0.8])
    cut_rate = np.clip(0.9 * pace**1.5 + 0.15 * rng.standard_normal(n), 0, 1) * (rng.random(n) < 0.8)
    columns = {
        "motion_mean": motion,
        "motion_max": np.clip(motion + rng.exponential(0.15, n), 0, 1),
        "motion_change": np.clip(0.2 * rng.standard_normal(n), -1, 1),
        "cut_rate": cut_rate,
        "cut_weight": cut_rate * rng.uniform(0.4, 1.0, n),
        "onset_rate": np.clip(0.6 * motion + 0.2 * rng.standard_normal(n), 0, 1),
        "brightness_change": np.clip(0.1 * rng.standard_normal(n), -1, 1),
        "warmth_change": np.clip(0.08 * rng.standard_normal(n), -1, 1),
    }
    return np.stack([columns[name] for name in MOVEMENT_NAMES], axis=1).astype(np.float32)


def moving_moods(looks: Sequence[Look], movement: NDArray[np.float32]) -> list[Mood]:
    """Moods of pictures that move: by their looks, motion and cuts a minute."""
    motion, cuts = (movement[:, MOVEMENT_NAMES.index(name)].tolist() for name in ("motion_mean", "cut_rate"))
    return [
        mood_of(replace(look, motion=m, cuts_per_min=60.0 * c)) for look, m, c in zip(looks, motion, cuts, strict=True)
    ]
