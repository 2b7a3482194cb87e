"""Synthesised instruments and kits."""

import numpy as np
import pytest

from generators.render.kits import KIT_LEVELS_DB, KITS, SynthKit
from generators.render.loudness import NOTE_LEVEL_DB, moment_level_db
from generators.render.synth import PATCHES, SynthInstrument
from generators.render.tone import Tone
from generators.score.score import DRUM_KEYS
from tests.generators.render.measure import cents_off

RATE = 44100
TUNED = [name for name, patch in PATCHES.items() if not patch.fm_ratio and not patch.drop_semitones]


@pytest.mark.parametrize("name", TUNED)
def test_patches_are_in_tune_and_evenly_loud(name: str) -> None:
    for key in (40, 57, 76):
        note = SynthInstrument(PATCHES[name]).render(key, 2, int(1.6 * RATE), RATE, Tone(30.0))
        assert abs(cents_off(note, RATE, key)) < 12.0
        assert abs(moment_level_db(note, RATE) - NOTE_LEVEL_DB) < 4.0


def test_high_notes_do_not_alias() -> None:
    note = SynthInstrument(PATCHES["chip_square"]).render(96, 1, RATE, RATE, Tone()).mean(axis=0)
    power = np.abs(np.fft.rfft(note * np.hanning(RATE))) ** 2
    hz = 440.0 * 2.0 ** ((96 - 69) / 12.0)
    distance = np.abs(np.arange(len(power)) / hz - np.round(np.arange(len(power)) / hz)) * hz
    assert power[distance > 20.0].sum() < 1e-4 * power.sum()


def test_plucks_fall_and_pads_stay() -> None:
    def change(name: str) -> float:
        note = SynthInstrument(PATCHES[name]).render(60, 2, 2 * RATE, RATE, Tone())
        return float(np.sum(note[:, int(1.5 * RATE) :] ** 2) / np.sum(note[:, RATE // 2 : RATE] ** 2))

    assert change("saw_pluck") < 0.1
    assert 0.4 < change("warm_pad") < 2.5


@pytest.mark.parametrize("name", KITS)
def test_kits_have_all_drums_at_their_levels(name: str) -> None:
    kit = SynthKit(KITS[name])
    assert set(KIT_LEVELS_DB) == set(DRUM_KEYS)
    for key in DRUM_KEYS:
        drum = kit.render(key, 2, RATE, RATE, Tone(20.0))
        assert abs(moment_level_db(drum, RATE) - NOTE_LEVEL_DB - KIT_LEVELS_DB[key]) < 2.5
        assert int(np.argmax(np.max(np.abs(drum), axis=0) > 0.2 * np.max(np.abs(drum)))) < 0.025 * RATE
    assert not np.any(kit.render(35, 2, RATE, RATE, Tone()))
