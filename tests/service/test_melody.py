"""A melody that somebody gives: what is read, and what is refused with a word of help."""

import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.hummed import HUM, Sung, sing
from benchmarks.tunes import midi_of
from encoders.errors import NoMelody
from encoders.pitch import SAMPLE_RATE
from generators.score.score import Key, Metre, Mode, Note
from generators.score.tune import Tune
from service import melody
from service.errors import BadInput, BadMedia
from service.melody import read_melody
from tests.generators.score.test_tune_reading import midi, played

PITCHES = (60, 62, 64, 65, 67, 65, 64, 62, 60)
TUNE = Tune(
    Metre.FOUR_FOUR, 100.0, Key(0, Mode.MAJOR), tuple(Note(4 * i, p, 4, 80) for i, p in enumerate(PITCHES))
).validate()


def written(folder: Path, data: bytes, name: str = "tune.mid") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def recorded(folder: Path, samples: NDArray[np.float32]) -> Path:
    path = folder / "hum.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes((32_000 * samples).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="module")
def hum() -> NDArray[np.float32]:
    """The tune, hummed an octave lower at 100 beats a minute."""
    notes = [Sung(0.4 + 0.6 * i, 1.0 + 0.6 * i, p - 12) for i, p in enumerate(PITCHES)]
    return sing(notes, HUM, sample_rate=SAMPLE_RATE, seed=1)


def test_a_midi_file_is_read_exactly(tmp_path: Path) -> None:
    found = read_melody(written(tmp_path, midi_of(TUNE)))

    assert found.is_exact
    assert found.tune.tempo_bpm == pytest.approx(100.0)
    assert [(n.onset, n.pitch, n.duration) for n in found.tune.notes] == [
        (n.onset, n.pitch, n.duration) for n in TUNE.notes
    ]


def test_a_recording_is_heard_and_counted_at_the_tempo_that_is_told(tmp_path: Path, hum: NDArray[np.float32]) -> None:
    found = read_melody(recorded(tmp_path, hum), tempo_bpm=100.0, metre=Metre.FOUR_FOUR)

    notes = found.tune.notes
    assert (found.is_exact, found.tune.tempo_bpm, found.remarks) == (False, 100.0, ())
    assert [n.pitch + 12 for n in notes] == list(PITCHES)
    assert [n.onset - notes[0].onset for n in notes] == [n.onset for n in TUNE.notes]
    assert all(60 <= n.velocity <= 110 for n in notes)


def test_of_a_long_recording_the_beginning_is_heard_and_that_is_said(
    tmp_path: Path, hum: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(melody, "MAX_SUNG_S", 3.1)

    found = read_melody(recorded(tmp_path, hum), tempo_bpm=100.0)

    assert len(found.tune.notes) < len(PITCHES)
    assert "only the first 3.1 s of the melody were listened to" in found.remarks[0]


@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_a_recording_without_a_tune_is_refused_by_its_name(tmp_path: Path, noise: float) -> None:
    samples = noise * np.random.default_rng(0).standard_normal(SAMPLE_RATE)

    with pytest.raises(NoMelody, match=r"hum\.wav: (the recording is silent; hum|no single line of pitch)"):
        read_melody(recorded(tmp_path, np.clip(samples, -1, 1).astype(np.float32)))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (midi([]), "no pitched notes; give one with a melody"),
        (midi(played(36, 38, channel=9)), "no pitched notes"),
        (b"MThd\0\0", "not a readable MIDI file"),
        (b"MThd" + bytes(2_000_001), "larger than 2 MB; give a MIDI file with the melody alone"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "is not audio or video or midi, it looks like image"),
        (b"Am F C G", "is not audio or video or midi"),
        (b"", "the file is empty"),
    ],
)
def test_a_file_without_a_melody_is_refused_by_its_name(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(BadMedia, match=rf"tune\.mid: .*{said}"):
        read_melody(written(tmp_path, data))


def test_a_file_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no\.mid: no such file"):
        read_melody(tmp_path / "no.mid")
