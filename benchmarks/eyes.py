"""The bundle's own eyes and the fit of others': `python -m benchmarks.eyes --vision F --ratings bass-images.tar`."""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.gap import fits
from benchmarks.machine import setting
from benchmarks.table import Cell, Section, replaced, table, verdict
from encoders.descriptors import describe
from encoders.vision import Eyes
from generators.flow.checkpoint import parameters
from service.bundle import bundle_folder, read_manifest
from training.affect import RatedPictures, affect_agreement, read_bass
from training.visual_moods import look_at, mood_of

FRAME_MS, NUMBERS = 30.0, 6_000_000  # the bars: on one core, and how many numbers
FRAMES, ROUNDS, HEIGHT, WIDTH = 60, 5, 108, 192
WORLDS = 20


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of one core a frame: alone, among FRAMES others, and of the descriptors beside them."""

    alone_ms: float
    among_ms: float
    descriptors_ms: float


def cost_of(eyes: Eyes, *, rounds: int = ROUNDS) -> Cost:
    """The least of several rounds, in processor time of this process, which others on the machine do not lengthen."""
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8) for _ in range(FRAMES)]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        eyes.columns(frames[:2])
        return Cost(
            _least_ms(lambda: [eyes.columns([frame]) for frame in frames[:10]], rounds) / 10,
            _least_ms(lambda: eyes.columns(frames), rounds) / FRAMES,
            _least_ms(lambda: [describe(frame) for frame in frames[:10]], rounds) / 10,
        )
    finally:
        torch.set_num_threads(threads)


def cost_section(eyes: Eyes) -> Section:
    """What the eyes cost, against the bars."""
    cost, numbers = cost_of(eyes), parameters(eyes)
    rows: list[list[Cell]] = [
        ["numbers", float(numbers), NUMBERS, verdict(met=numbers <= NUMBERS)],
        ["a frame alone, ms of one core", cost.alone_ms, FRAME_MS, verdict(met=cost.alone_ms <= FRAME_MS)],
        [f"a frame among {FRAMES}, ms of one core", cost.among_ms, FRAME_MS, verdict(met=cost.among_ms <= FRAME_MS)],
        ["descriptors of a frame beside them, ms", cost.descriptors_ms, None, "-"],
    ]
    text = (
        f"Noise of {WIDTH}x{HEIGHT} pixels, least of {ROUNDS} rounds, processor time of a process with one thread.\n\n"
        + table(["what", "measured", "bar", "verdict"], rows)
    )
    return Section("eyes_cost", "What the bundle's own eyes cost", text)


def rated_section(eyes: Eyes, rated: RatedPictures) -> Section:
    """How the eyes agree with people about pictures of a kind that nobody trained on."""

    def light(pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        return np.array([(m.valence, m.arousal) for m in (mood_of(look_at(p)) for p in pictures)])

    def seen(pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        return eyes.look(pictures).mood.double().numpy()

    rows: list[list[Cell]] = []
    for name, way in (("eyes", seen), ("light and colour alone", light)):
        for affect, found in affect_agreement(way, rated).items():
            interval = f"{found.low:.2f} to {found.high:.2f}"
            rows.append([name, affect, found.rho, interval, found.shuffled, found.shuffled_95])
    text = (
        f"{len(rated.names)} silhouettes of BASS with people's valence and arousal, evaluation only: Spearman's rho of "
        "what is felt, its 95 % bootstrap interval, and rho with ratings dealt out at random (mean, and what 95 % of "
        "deals stay below in size). No rated photographs whose licence allows their use are at hand.\n\n"
        + table(["way", "of", "rho", "95 %", "shuffled", "shuffled 95 %"], rows)
    )
    return Section("eyes_rated", "Eyes against people's ratings of pictures", text)


def fit_section() -> Section:
    """What the fit of a picture model on texts does where the truth is known."""
    text = (
        f"{WORLDS} made-up pairs of spaces: 400 texts with their music, 200 pictures of other things across a rotation "
        "and a gap of 1.5, with noise of 0.8 of their own. Mean cosine of pictures' points to the true ones.\n\n"
        + fits(range(WORLDS))
    )
    return Section("eyes_fit", "A picture model fitted on texts, where the truth is known", text)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vision", type=Path, help="weights instead of those of the bundle in use")
    parser.add_argument("--ratings", type=Path, help="bass-images.tar; without it no ratings are compared")
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("RESULTS.md"))
    given = parser.parse_args()
    folder = bundle_folder(os.environ)
    began, at = time.perf_counter(), setting(read_manifest(folder).label)
    eyes = Eyes.load(given.vision or folder / "vision.safetensors")
    sections = [cost_section(eyes), fit_section()]
    if given.ratings:
        sections.append(rated_section(eyes, read_bass(given.ratings)))
    line = at.line("python -m benchmarks.eyes", time.perf_counter() - began)
    text = given.results.read_text(encoding="utf-8") if given.results.exists() else ""
    for section in sections:
        text = replaced(text, Section(section.name, section.title, f"{line}\n{section.body}"))
        print(section.body)
    given.results.write_text(text, encoding="utf-8")


def _least_ms(work: Callable[[], object], rounds: int) -> float:
    taken: list[float] = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return 1000.0 * min(taken)


if __name__ == "__main__":
    main()
