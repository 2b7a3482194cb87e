"""The shipped note bank, loaded once, and a small SoundFont made of sines."""

import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from generators.render.bank import NoteBank
from generators.render.render import load_bank

INSTRUMENTS = Path(__file__).parents[3] / "weights" / "tonereel-mini" / "instruments"


@pytest.fixture(scope="session")
def bank() -> NoteBank:
    return load_bank(INSTRUMENTS)


def _chunk(tag: bytes, body: bytes) -> bytes:
    return tag + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _list(kind: bytes, chunks: Iterable[bytes]) -> bytes:
    return _chunk(b"LIST", kind + b"".join(chunks))


def sine_font(version: int = 2, presets: tuple[int, ...] = (0,)) -> bytes:
    """A SoundFont of one looped 450 Hz sine at 44.1 kHz, labelled A4 and 39 cents sharp, for each of `presets`."""
    rate, frames = 44100, 8820
    pcm = (16000 * np.sin(2 * np.pi * 450.0 * np.arange(frames) / rate)).astype("<i2").tobytes() + b"\0" * 92
    name = b"sine".ljust(20, b"\0")
    end = b"EO".ljust(20, b"\0")
    phdr = b"".join(struct.pack("<20sHHHIII", name, p, 0, i, 0, 0, 0) for i, p in enumerate(presets))
    phdr += struct.pack("<20sHHHIII", end, 0, 0, len(presets), 0, 0, 0)
    pbag = b"".join(struct.pack("<HH", i, 0) for i in range(len(presets) + 1))
    pgen = struct.pack("<Hh", 41, 0) * len(presets) + struct.pack("<Hh", 0, 0)
    inst = struct.pack("<20sH", name, 0) + struct.pack("<20sH", end, 1)
    gens = [(43, 0x7F00), (52, -39), (54, 1), (58, 69), (53, 0)]
    igen = b"".join(struct.pack("<Hh", *g) for g in gens) + struct.pack("<Hh", 0, 0)
    ibag = struct.pack("<HH", 0, 0) + struct.pack("<HH", len(gens), 0)
    shdr = struct.pack("<20sIIIIIBbHH", name, 0, frames, 4410, 8820, rate, 69, 0, 0, 1)
    shdr += struct.pack("<20sIIIIIBbHH", end, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    tables = {"phdr": phdr, "pbag": pbag, "pmod": b"\0" * 10, "pgen": pgen, "inst": inst, "ibag": ibag}
    tables |= {"imod": b"\0" * 10, "igen": igen, "shdr": shdr}
    body = _list(b"INFO", [_chunk(b"ifil", struct.pack("<HH", version, 1))])
    body += _list(b"sdta", [_chunk(b"smpl", pcm)])
    body += _list(b"pdta", [_chunk(tag.encode(), table) for tag, table in tables.items()])
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"sfbk" + body


@pytest.fixture
def font_path(tmp_path: Path) -> Path:
    path = tmp_path / "sine.sf2"
    path.write_bytes(sine_font())
    return path
