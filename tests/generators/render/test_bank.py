"""The note bank: checked files, tuned notes, even levels, bounded memory."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from generators.errors import BadWeights
from generators.render.bank import LENGTHS_S, NoteBank, load_instruments
from generators.render.loudness import NOTE_LEVEL_DB, moment_level_db
from generators.render.render import load_bank
from generators.render.synth import synth_instruments
from generators.render.tone import Tone
from tests.generators.render.conftest import INSTRUMENTS
from tests.generators.render.measure import cents_off

RATE = 44100


@pytest.mark.parametrize("name", ["piano", "trumpet", "flute", "acoustic_bass", "nylon_guitar", "vibes", "horns"])
def test_instruments_are_in_tune_and_evenly_loud(bank: NoteBank, name: str) -> None:
    low, high = bank.instrument(name).sounding_range()
    for key in range(max(low, 33), min(high, 90), 8):
        note = bank.note(name, key, 2, 1.6, RATE, Tone())
        assert abs(cents_off(note, RATE, key)) < 10.0
        assert abs(moment_level_db(note, RATE) - NOTE_LEVEL_DB) < 4.0


@pytest.mark.parametrize("rate", [22050, 32000, 48000])
def test_notes_keep_their_pitch_at_every_rate(bank: NoteBank, rate: int) -> None:
    assert abs(cents_off(bank.note("clarinet", 67, 2, 1.6, rate, Tone()), rate, 67)) < 5.0


def test_a_held_note_goes_on_without_a_click(bank: NoteBank) -> None:
    for name in ("strings", "flute", "organ", "choir"):
        note = bank.note(name, 64, 1, 6.4, RATE, Tone()).mean(axis=0)[RATE // 2 : 6 * RATE]
        edges = np.abs(np.diff(note, 3))[: 5 * RATE].reshape(-1, 50).max(axis=1)
        assert np.max(edges) < 8.0 * np.median(edges) + 1e-3
        halves = [np.sqrt(np.mean(h**2)) for h in np.split(note[: 5 * RATE], 2)]
        assert 0.5 < halves[1] / halves[0] < 2.0


def test_softer_layers_are_darker(bank: NoteBank) -> None:
    def centre(layer: int) -> float:
        power = np.abs(np.fft.rfft(bank.note("trumpet", 70, layer, 1.6, RATE, Tone()).mean(axis=0))) ** 2
        return float(np.sum(power * np.arange(len(power))) / np.sum(power))

    assert centre(0) < centre(1) < centre(2)


def test_notes_start_and_end_without_a_step(bank: NoteBank) -> None:
    for name in ("piano", "violin", "finger_bass", "warm_pad", "saw_lead"):
        note = bank.note(name, 60, 2, 0.8, RATE, Tone())
        assert np.max(np.abs(note[:, 0])) < 0.05 * np.max(np.abs(note))


def test_a_note_is_made_once_and_memory_is_bounded() -> None:
    bank = NoteBank(synth_instruments(), cache_bytes=1_000_000)
    first = bank.note("sub_bass", 40, 1, 0.7, RATE, Tone())
    assert bank.note("sub_bass", 40, 1, 0.5, RATE, Tone()) is first
    assert first.shape == (2, round(LENGTHS_S[0] * RATE))
    for key in range(41, 50):
        bank.note("sub_bass", key, 1, 0.7, RATE, Tone())
    assert bank.note("sub_bass", 40, 1, 0.7, RATE, Tone()) is not first


def test_an_unknown_instrument_is_named(bank: NoteBank) -> None:
    with pytest.raises(BadWeights, match="kazoo"):
        bank.instrument("kazoo")


def test_the_index_names_every_file_and_fits_its_budget() -> None:
    index = json.loads((INSTRUMENTS / "index.json").read_text())
    files = {entry["file"] for entry in index["instruments"].values()} | {"index.json"}
    assert {f.name for f in INSTRUMENTS.iterdir()} == files
    assert sum(f.stat().st_size for f in INSTRUMENTS.iterdir()) < 15_000_000


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "instruments"
    folder.mkdir()
    shutil.copy(INSTRUMENTS / "index.json", folder)
    (folder / "taiko.ogg").write_bytes((INSTRUMENTS / "taiko.ogg").read_bytes() + b"x")
    bank = load_bank(folder)
    with pytest.raises(BadWeights, match="another hash"):
        bank.note("taiko", 60, 2, 0.5, RATE, Tone())
    with pytest.raises(BadWeights, match="missing"):
        bank.note("piano", 60, 2, 0.5, RATE, Tone())


@pytest.mark.parametrize("text", ["", "[]", '{"rate": 1, "instruments": {"a": {}}}'])
def test_a_broken_index_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.json").write_text(text)
    with pytest.raises(BadWeights, match="not an index"):
        load_instruments(tmp_path)
    with pytest.raises(BadWeights, match=r"no index\.json"):
        load_instruments(tmp_path / "nowhere")
