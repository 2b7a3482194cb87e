"""What the eyes cost, how they agree with people, and how a fit does where the truth is known."""

import numpy as np
import pytest
import torch

from benchmarks.eyes import cost_of, cost_section, rated_section
from benchmarks.gap import CLIP, NOISES, TRUE, fits, world
from encoders.vision import Eyes, VisionConfig
from training.affect import RatedPictures


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    torch.manual_seed(0)
    return Eyes(VisionConfig(width=8, size=32, text=16, compact=4)).eval()


def test_a_cost_is_measured_with_one_thread_and_leaves_the_others_as_they_were(eyes: Eyes) -> None:
    before = torch.get_num_threads()
    cost = cost_of(eyes, rounds=1)
    assert min(cost.alone_ms, cost.among_ms, cost.descriptors_ms) > 0
    assert torch.get_num_threads() == before


def test_the_cost_is_told_against_its_bars(eyes: Eyes) -> None:
    body = cost_section(eyes).body
    assert f"| numbers | {sum(p.numel() for p in eyes.parameters())} | 6000000 | met |" in body


def test_eyes_are_compared_with_people_beside_light_and_colour(eyes: Eyes) -> None:
    rng = np.random.default_rng(0)
    pictures = tuple(rng.integers(0, 256, (40, 40, 3), dtype=np.uint8) for _ in range(6))
    body = rated_section(eyes, RatedPictures(tuple("abcdef"), pictures, rng.random((6, 2)))).body
    assert "6 silhouettes" in body
    assert body.count("| eyes |") == body.count("| light and colour alone |") == 2


def test_a_made_up_world_turns_and_moves_what_is_told() -> None:
    known = world(0, gap=3.0, noise=0.0)
    apart = known.pictures.mean(0) - known.texts.mean(0)
    assert np.linalg.norm(apart) == pytest.approx(3.0, abs=0.3)
    assert np.allclose(np.linalg.norm(known.true, axis=1), 1.0, atol=1e-5)
    centred = known.pictures - known.pictures.mean(0)
    assert np.linalg.matrix_rank(centred, tol=1e-3) == TRUE < CLIP


def test_a_table_of_fits_has_a_row_for_every_strength_of_noise_and_the_best_is_not_the_first() -> None:
    rows = [line.split("|")[1:-1] for line in fits(range(2)).splitlines()[2:]]
    assert [float(row[0]) for row in rows] == list(NOISES)
    middled = [float(row[1]) for row in rows]
    assert max(middled) > middled[0]
    assert all(float(row[2]) <= float(row[1]) for row in rows)
