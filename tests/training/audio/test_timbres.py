"""Measuring timbres: a key's spectrum is where it sounds, and loses what it loses."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from generators.audio.mel import MelConfig, mel_filters
from generators.audio.timbre import CENTRES_S, LOWEST_DB, TIMBRES_FILE, load_timbres
from generators.render.bank import NoteBank
from generators.render.tone import Floats, Tone
from generators.score.score import DRUM_KEYS
from training.audio import timbres as stage
from training.audio.timbres import timbre_of

FADE_DB = 6.0  # a second


@dataclass(frozen=True)
class Fork:
    """A tuning fork: one partial, which fades; on the right it is `right` times as loud as on the left."""

    release_s: float = 0.4
    pitched: bool = True
    right: float = 1.0

    def sounding_range(self) -> tuple[int, int]:
        return 57, 60

    def render(self, key: int, layer: int, frames: int, rate: int, tone: Tone) -> Floats:
        t = np.arange(frames) / rate
        wave = 0.5 * np.sin(2 * np.pi * 440.0 * 2.0 ** ((key - 69) / 12) * t) * 10.0 ** (-FADE_DB * t / 20.0)
        return np.stack([wave, self.right * wave]).astype(np.float32)


def test_a_key_is_loudest_in_its_own_band_and_fades_as_it_does() -> None:
    config = MelConfig()
    centres_hz = (mel_filters(config) @ mel_filters(config).new_tensor(np.linspace(0, 22_050, config.bins))).numpy()

    timbre = timbre_of(Fork())

    loudest_hz = centres_hz[timbre.levels_db[:, 1].argmax(axis=1)]
    assert loudest_hz == pytest.approx([440.0 * 2.0 ** ((key - 69) / 12) for key in range(57, 61)], abs=15.0)
    falls_db = np.diff(timbre.levels_db.max(axis=2), axis=1)
    assert falls_db[:, 1:] == pytest.approx(np.tile(-FADE_DB * np.diff(CENTRES_S[1:]), (4, 1)), abs=0.3)
    assert (timbre.lowest, timbre.release_s) == (57, 0.4)


@pytest.mark.parametrize(("right", "side_db"), [(1.0, LOWEST_DB), (0.0, 0.0), (0.5, -9.54)])
def test_sides_are_measured_beside_the_middle(right: float, side_db: float) -> None:
    timbre = timbre_of(Fork(right=right))

    loudest = timbre.levels_db[0, 1].argmax()
    assert timbre.side_db[loudest] == pytest.approx(side_db, abs=0.1)


def test_the_stage_writes_every_instrument_beside_the_codec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bank = NoteBank({"fork": Fork(), "kit": Fork(pitched=False)})
    monkeypatch.setattr("generators.render.render.load_bank", lambda folder: bank)

    stage.run(argparse.Namespace(run=None, codec=tmp_path, instruments=tmp_path))

    written = load_timbres(tmp_path / TIMBRES_FILE)
    assert {name: timbre.pitched for name, timbre in written.items()} == {"fork": True, "kit": False}
    assert (written["kit"].lowest, written["kit"].highest) == (min(DRUM_KEYS), max(DRUM_KEYS))
