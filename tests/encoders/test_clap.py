"""Laws of the CLAP space, on the shipped towers."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from encoders.clap import Clap
from encoders.story import encode_caption

STYLES = (
    "ambient", "cinematic", "tension", "epic", "lofi", "corporate", "folk",
    "acoustic", "house", "synthwave", "jazz", "funk", "chiptune", "romantic",
)  # fmt: skip


@pytest.fixture(scope="module")
def clap() -> Clap:
    return Clap.load(Path("weights/tonereel-mini/clap.safetensors"), STYLES)


def _sound(seconds: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    t = np.arange(int(44100 * seconds)) / 44100
    chord = sum(np.sin(2 * np.pi * f * t) * np.exp(-(t % 0.5) * 6) for f in (220.0, 277.2, 329.6))
    return np.stack([chord, chord]).astype(np.float32) * 0.2


def _said(clap: Clap, text: str) -> NDArray[np.float32]:
    return clap.embed_text(encode_caption(text).vectors)


def test_points_have_unit_length(clap: Clap) -> None:
    text = _said(clap, "calm piano, then fast drums")

    assert np.linalg.norm(text) == pytest.approx(1.0, abs=1e-5)
    assert np.linalg.norm(clap.embed_audio(_sound(3.0), 44100)) == pytest.approx(1.0, abs=1e-5)


def test_neither_loudness_nor_length_moves_a_sound(clap: Clap) -> None:
    sound = _sound(12.0)

    here = clap.embed_audio(sound, 44100)

    assert float(here @ clap.embed_audio(0.1 * sound, 44100)) > 0.99
    assert float(here @ clap.embed_audio(_sound(24.0), 44100)) > 0.95


@pytest.mark.parametrize(
    ("slow", "fast"),
    [
        ("slow music, around 60 bpm", "very fast music, about 170 bpm"),
        ("a slow ambient drone", "fast frantic chiptune"),
    ],
)
def test_fast_words_ask_for_a_faster_tempo(clap: Clap, slow: str, fast: str) -> None:
    a, b = (clap.describe(p) for p in (_said(clap, text) for text in (slow, fast)))

    assert a.tempo_bpm + 15 < b.tempo_bpm


def test_words_are_read_as_energy_mode_and_style(clap: Clap) -> None:
    words = [
        "calm quiet gentle music",
        "explosive powerful intense music",
        "happy music in a major key",
        "sad minor key",
    ]
    calm, wild, glad, sad = (clap.describe(p) for p in (_said(clap, text) for text in words))

    assert calm.energy < wild.energy
    assert glad.major_probability > 0.5 > sad.major_probability
    house = clap.describe(_said(clap, "house music for the club"))
    assert max(house.style_probabilities, key=lambda s: house.style_probabilities[s]) == "house"
