"""Cutting instruments out of a SoundFont: tuned, levelled, the same bytes every time."""

from pathlib import Path

import numpy as np
import pytest

from generators.render.bank import load_instruments
from generators.render.loudness import NOTE_LEVEL_DB, moment_level_db
from generators.render.sf2 import SoundFont, read_soundfont
from generators.render.tone import Tone
from tests.generators.render.conftest import sine_font
from tests.generators.render.measure import cents_off
from training.instrument_zones import CUTS, RATE, cut_zones
from training.instruments import write_index, write_instrument

FLUTE = next(cut for cut in CUTS if cut.name == "flute")


@pytest.fixture
def font(tmp_path: Path) -> SoundFont:
    path = tmp_path / "font.sf2"
    path.write_bytes(sine_font(presets=(73,)))
    return read_soundfont(path)


def test_a_loop_is_written_out_to_whole_frames_at_the_rate_of_the_codec(font: SoundFont) -> None:
    (zone,) = cut_zones(FLUTE, font)
    assert zone.loop is not None
    start, end = zone.loop
    assert end == zone.samples.shape[1]
    assert end - start >= 0.4 * RATE
    cycles = (end - start) * 450.0 / RATE
    assert abs(cycles - round(cycles)) < 0.02


def test_a_cut_instrument_comes_back_in_tune_at_its_level(font: SoundFont, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    write_index(out, {"flute": write_instrument(FLUTE, font, out, 96_000)})
    flute = load_instruments(out)["flute"]
    note = flute.render(72, 2, 2 * 44100, 44100, Tone())
    assert abs(cents_off(note, 44100, 72)) < 3.0
    assert abs(moment_level_db(note, 44100) - NOTE_LEVEL_DB) < 1.0
    assert np.std(np.abs(note[0, 44100:66150]).reshape(-1, 441).max(axis=1)) < 0.05 * np.max(note)


def test_the_same_font_gives_the_same_bytes(font: SoundFont, tmp_path: Path) -> None:
    files = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_instrument(FLUTE, font, tmp_path / name, 96_000)
        files.append((tmp_path / name / "flute.ogg").read_bytes())
    assert files[0] == files[1]
