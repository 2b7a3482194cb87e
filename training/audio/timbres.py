"""Measure what the audio engine knows of instruments: `python -m training.audio timbres`."""

import argparse
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from generators.audio.mel import MelConfig, mel_filters, mid_side, spectrum
from generators.audio.timbre import AGES_S, LOWEST_DB, TIMBRES_FILE, Timbre, save_timbres
from generators.render.bank import Instrument
from generators.render.tone import Tone
from generators.score.score import DRUM_KEYS

LAYER = 1  # the middle one of soft, middle and loud


def timbre_of(instrument: Instrument, config: MelConfig | None = None) -> Timbre:
    """Every key that sounds like the instrument, or every drum, struck at middle strength."""
    config = config or MelConfig()
    low, high = instrument.sounding_range() if instrument.pitched else (min(DRUM_KEYS), max(DRUM_KEYS))
    filters = mel_filters(config)
    hops = [[round(t * config.sample_rate / config.hop) for t in age] for age in AGES_S]
    length = hops[-1][1] * config.hop
    rows, both = [], np.full((2, config.bands), 1e-12)
    for key in range(low, high + 1):
        sound = np.zeros((2, length), np.float32)
        made = instrument.render(key, LAYER, length, config.sample_rate, Tone())[:, :length]
        sound[:, : made.shape[1]] = made
        energies = (filters @ mid_side(spectrum(torch.from_numpy(sound), config), dim=0).abs()).square()
        rows.append([energies[0, :, a:b].mean(dim=1).clamp(min=1e-12).log10().mul(10.0).numpy() for a, b in hops])
        both += energies.sum(dim=-1).numpy()
    levels_db = np.maximum(np.asarray(rows, np.float32), LOWEST_DB)
    side_db = np.maximum(10.0 * np.log10(both[1] / both[0]), LOWEST_DB).astype(np.float32)
    return Timbre(levels_db, side_db, low, instrument.release_s, instrument.pitched)


def run(args: argparse.Namespace) -> None:
    """Measure all instruments, in a minute."""
    from generators.render.render import load_bank

    folder: Path = args.run or args.codec  # in whose front end they are measured
    played = load_bank(args.instruments).instruments
    timbres = {name: timbre_of(instrument) for name, instrument in tqdm(played.items(), desc="instruments")}
    save_timbres(folder / TIMBRES_FILE, timbres)
    print(
        f"{folder / TIMBRES_FILE}: {len(timbres)} instruments, {sum(len(t.levels_db) for t in timbres.values())} keys"
    )
