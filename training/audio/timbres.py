"""Measure what the audio engine knows of instruments: `python -m training.audio timbres`."""

import argparse
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from generators.audio.mel import MelConfig, mel_filters, spectrum
from generators.audio.timbre import AGES_S, LOWEST_DB, TIMBRES_FILE, Timbre, save_timbres
from generators.render.bank import Instrument
from generators.render.tone import Tone

LAYER = 1  # the middle one of soft, middle and loud


def timbre_of(instrument: Instrument, config: MelConfig | None = None) -> Timbre:
    """Every key that sounds like the instrument, struck at middle strength."""
    config = config or MelConfig()
    low, high = instrument.sounding_range()
    filters = mel_filters(config)
    hops = [[round(t * config.sample_rate / config.hop) for t in age] for age in AGES_S]
    length = hops[-1][1] * config.hop
    rows = []
    for key in range(low, high + 1):
        sound = np.zeros((2, length), np.float32)
        made = instrument.render(key, LAYER, length, config.sample_rate, Tone())[:, :length]
        sound[:, : made.shape[1]] = made
        sizes = spectrum(torch.from_numpy(sound.mean(axis=0, keepdims=True)), config)[0].abs()
        energies = (filters @ sizes).square()
        rows.append([energies[:, a:b].mean(dim=1).clamp(min=1e-12).log10().mul(10.0).numpy() for a, b in hops])
    levels_db = np.maximum(np.asarray(rows, np.float32), LOWEST_DB)
    return Timbre(levels_db, low, instrument.release_s)


def run(args: argparse.Namespace) -> None:
    """Measure all pitched instruments, in a minute."""
    from generators.render.render import load_bank

    folder: Path = args.run or args.codec  # in whose front end they are measured
    played = {n: i for n, i in load_bank(args.instruments).instruments.items() if i.pitched}
    timbres = {name: timbre_of(instrument) for name, instrument in tqdm(played.items(), desc="instruments")}
    save_timbres(folder / TIMBRES_FILE, timbres)
    print(
        f"{folder / TIMBRES_FILE}: {len(timbres)} instruments, {sum(len(t.levels_db) for t in timbres.values())} keys"
    )
