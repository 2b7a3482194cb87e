"""SoundFonts: parsed to the specification, played in tune, refused with a reason."""

from pathlib import Path

import numpy as np
import pytest

from generators.errors import BadSoundFont
from generators.render.bank import NoteBank
from generators.render.sf2 import read_soundfont
from generators.render.soundfont import soundfont_instruments
from generators.render.tone import Tone
from tests.generators.render.conftest import sine_font
from tests.generators.render.measure import cents_off


def test_regions_follow_their_generators(font_path: Path) -> None:
    font = read_soundfont(font_path)
    (region,) = font.presets[(0, 0)]
    assert font.names[(0, 0)] == "sine"
    assert (region.keys, region.loop, region.rate) == ((0, 127), (4410, 8820), 44100)
    assert region.root == pytest.approx(69.39)
    assert region.attack_s < 0.002


def test_a_users_font_plays_in_tune_through_the_bank(font_path: Path, bank: NoteBank) -> None:
    own = bank.with_instruments(soundfont_instruments(font_path))
    for key in (60, 69, 76):
        note = own.note("piano", key, 2, 1.6, 44100, Tone())
        assert abs(cents_off(note, 44100, key)) < 2.0
    assert np.array_equal(own.note("taiko", 60, 1, 0.5, 22050, Tone()), bank.note("taiko", 60, 1, 0.5, 22050, Tone()))


def test_only_the_presets_of_the_font_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "two.sf2"
    path.write_bytes(sine_font(presets=(0, 73)))
    assert set(soundfont_instruments(path)) == {"piano", "flute"}


def test_broken_fonts_are_refused_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "font.sf2"
    with pytest.raises(BadSoundFont, match="cannot be read"):
        read_soundfont(path)
    for data, reason in (
        (b"not a font", "not a SoundFont"),
        (sine_font()[:900], "not a whole SoundFont"),
        (sine_font(version=3), "SF3"),
    ):
        path.write_bytes(data)
        with pytest.raises(BadSoundFont, match=reason):
            read_soundfont(path)
    path.write_bytes(sine_font(presets=(127,)))
    with pytest.raises(BadSoundFont, match="no General MIDI preset"):
        soundfont_instruments(path)
