"""Sound is decoded in a child that has nothing but the file, and whatever is wrong with it is said in one line."""

from pathlib import Path
from random import Random

import numpy as np
import pytest

from generators.waveform import Waveform
from service.errors import BadInput
from service.media.audio_file import write_audio
from service.media.probe import probe
from service.media.reading import read_audio
from service.media.tags import Tags

RATE = 22050


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Half a second of a tone as FLAC."""
    wave = np.sin(np.arange(RATE // 2) * 0.1).astype(np.float32)
    path = tmp_path / "tone.flac"
    write_audio(path, Waveform(np.stack([wave, -wave]), RATE), Tags("tone", 0, "test"), suffix=".flac")
    return path


def test_sound_comes_back_as_it_was_written(tone: Path) -> None:
    read = read_audio(tone, sample_rate=RATE)

    assert read.samples.shape == (2, RATE // 2)
    assert np.allclose(read.samples[0], np.sin(np.arange(RATE // 2) * 0.1), atol=1e-3)


def test_one_channel_is_spread_over_two_or_in_both_as_it_is(tmp_path: Path) -> None:
    wave = np.sin(np.arange(RATE) * 0.1).astype(np.float32)[None] / 2.0
    write_audio(tmp_path / "mono.wav", Waveform(wave, RATE), Tags("tone", 0, "test"))

    spread = read_audio(tmp_path / "mono.wav", sample_rate=RATE).samples
    twice = read_audio(tmp_path / "mono.wav", sample_rate=RATE, mono_twice=True).samples

    assert np.allclose(spread, np.sqrt(0.5) * twice, atol=1e-5)
    assert np.allclose(twice, np.repeat(wave, 2, axis=0), atol=1e-6)
    assert probe(tmp_path / "mono.wav").channels == 1
    assert probe(tmp_path / "mono.wav").sample_rate == RATE


def test_no_more_is_read_than_was_asked_for(tone: Path) -> None:
    assert read_audio(tone, sample_rate=RATE, max_duration_s=0.1).samples.shape == (2, RATE // 10)


def test_mutated_files_are_music_or_a_problem(tone: Path, tmp_path: Path) -> None:
    whole, rng = tone.read_bytes(), Random(0)
    ends: list[str] = []
    for number in range(12):
        data = bytearray(whole)
        for _ in range(1 + 8 * number):
            data[rng.randrange(4, len(data))] = rng.randrange(256)
        path = tmp_path / f"{number}.flac"
        path.write_bytes(data[: len(data) - 40 * number])
        try:
            ends.append(f"{len(read_audio(path, sample_rate=RATE).samples)} channels")
        except BadInput as exc:
            ends.append(str(exc).partition("; ")[2])
    assert {"export it again"} < set(ends) <= {"export it again", "2 channels", "give a file with audio"}


def test_the_child_sees_nothing_of_the_environment(tone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_PRELOAD", "/nowhere.so")  # would make noise in a child that inherited it
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere.py")
    monkeypatch.setenv("PYTHONHOME", "/nowhere")  # a Python that inherited it could not even start

    assert read_audio(tone, sample_rate=RATE).samples.any()
