"""Read SoundFont 2 files: RIFF chunks, presets, and the zones that a key and a velocity choose."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generators.errors import BadSoundFont

#: Generator numbers of the SoundFont 2.04 specification, section 8.1.2, as far as this player follows them.
START, END, LOOP_START, LOOP_END, START_COARSE = 0, 1, 2, 3, 4
FILTER_CUTOFF, END_COARSE, PAN = 8, 12, 17
ATTACK, DECAY, SUSTAIN, RELEASE = 34, 36, 37, 38
INSTRUMENT, KEY_RANGE, VELOCITY_RANGE, LOOP_START_COARSE = 41, 43, 44, 45
ATTENUATION, LOOP_END_COARSE, COARSE_TUNE, FINE_TUNE = 48, 50, 51, 52
SAMPLE, SAMPLE_MODES, SCALE_TUNING, ROOT_KEY = 53, 54, 56, 58

#: Values that hold where a file says nothing (section 8.1.3).
DEFAULTS = {FILTER_CUTOFF: 13500, ATTACK: -12000, DECAY: -12000, RELEASE: -12000, SCALE_TUNING: 100, ROOT_KEY: -1}
#: Generators that a preset may not add to: ranges, indices and sample addresses.
_ABSOLUTE = {START, END, LOOP_START, LOOP_END, START_COARSE, END_COARSE, LOOP_START_COARSE, LOOP_END_COARSE}
_ABSOLUTE |= {INSTRUMENT, KEY_RANGE, VELOCITY_RANGE, SAMPLE, SAMPLE_MODES, ROOT_KEY}

Generators = dict[int, int]
Field = bytes | int
Record = tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """One sample as a preset plays it; `root` is the MIDI pitch it sounds at when played at `rate`."""

    name: str
    keys: tuple[int, int]
    velocities: tuple[int, int]
    start: int
    end: int
    loop: tuple[int, int] | None  # in the sample pool, end exclusive
    rate: int
    root: float
    gain_db: float
    pan: float  # -1 left .. 1 right
    attack_s: float
    decay_s: float
    sustain_db: float
    release_s: float
    cutoff_hz: float


@dataclass(frozen=True, slots=True)
class SoundFont:
    """A sample pool (int16) and the regions of every (bank, program)."""

    pool: NDArray[np.int16]
    presets: dict[tuple[int, int], tuple[Region, ...]]
    names: dict[tuple[int, int], str]


def read_soundfont(path: Path) -> SoundFont:
    """Read an SF2 file; raises BadSoundFont when it is not one, or is compressed (SF3)."""
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise BadSoundFont(f"{path} cannot be read: {exc.strerror}; give the path of an .sf2 file") from exc
    try:
        return _parse(data)
    except (struct.error, KeyError, IndexError, ValueError) as exc:
        raise BadSoundFont(f"{path} is not a whole SoundFont 2 file; convert or download it again") from exc


def _parse(data: bytes) -> SoundFont:
    if data[:4] != b"RIFF" or data[8:12] != b"sfbk":
        raise BadSoundFont("this file is not a SoundFont (no RIFF sfbk header); give an .sf2 file")
    chunks = _chunks(data)
    if struct.unpack("<HH", chunks["ifil"][:4])[0] > 2:
        raise BadSoundFont("this is an SF3 font (compressed samples); convert it to SF2 with `sf3convert -x` first")
    pool = np.frombuffer(chunks["smpl"], dtype="<i2").astype(np.int16, copy=False)
    headers = _records(chunks["shdr"], "<20sIIIIIBbHH")
    fonts = _bags(chunks, ("inst", "<20sH"), "ibag", "igen")
    presets = _bags(chunks, ("phdr", "<20sHHHIII"), "pbag", "pgen")
    regions: dict[tuple[int, int], tuple[Region, ...]] = {}
    names: dict[tuple[int, int], str] = {}
    for record, zones in zip(_records(chunks["phdr"], "<20sHHHIII"), presets, strict=False):
        where = (_whole(record[2]), _whole(record[1]))
        names[where] = _text(record[0])
        regions[where] = tuple(_regions(zones, fonts, headers))
    return SoundFont(pool, regions, names)


def _chunks(data: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    stack = [(12, len(data))]
    while stack:
        at, end = stack.pop()
        while at + 8 <= end:
            tag, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
            if tag == b"LIST":
                stack.append((at + 12, at + 8 + size))
            else:
                found[tag.decode("ascii")] = data[at + 8 : at + 8 + size]
            at += 8 + size + size % 2
    return found


def _records(chunk: bytes, layout: str) -> list[Record]:
    return list(struct.iter_unpack(layout, chunk))


def _text(raw: Field) -> str:
    return raw.split(b"\0")[0].decode("latin-1").strip() if isinstance(raw, bytes) else ""


def _whole(field: Field) -> int:
    return field if isinstance(field, int) else 0


def _bags(chunks: dict[str, bytes], table: tuple[str, str], bag: str, gen: str) -> list[list[Generators]]:
    """Zones (a dict of generators each) of every preset or instrument; the last record is the end mark."""
    heads = [_whole(r[3 if table[0] == "phdr" else 1]) for r in _records(chunks[table[0]], table[1])]
    firsts = [_whole(r[0]) for r in _records(chunks[bag], "<HH")]
    values = list(struct.iter_unpack("<Hh", chunks[gen]))
    zones = [dict(values[a:b]) for a, b in pairwise(firsts)]
    return [zones[a:b] for a, b in pairwise(heads)]


def _regions(zones: list[Generators], fonts: list[list[Generators]], headers: list[Record]) -> Iterator[Region]:
    """The regions of one preset: its zones times the zones of the instruments that they name."""
    common: Generators = {}
    for zone in zones:
        if INSTRUMENT not in zone:
            common = zone
            continue
        preset = {**common, **zone}
        shared: Generators = {}
        for inner in fonts[zone[INSTRUMENT]]:
            if SAMPLE not in inner:
                shared = inner
                continue
            values = {**DEFAULTS, **shared, **inner}
            keys = _overlap(_range(values, KEY_RANGE), _range(preset, KEY_RANGE))
            velocities = _overlap(_range(values, VELOCITY_RANGE), _range(preset, VELOCITY_RANGE))
            if keys and velocities:
                for number in preset.keys() - _ABSOLUTE:
                    values[number] = values.get(number, 0) + preset[number]
                yield _region(values, headers[values[SAMPLE]], keys, velocities)


def _range(values: Generators, number: int) -> tuple[int, int]:
    packed = values.get(number)
    return (0, 127) if packed is None else (packed & 0xFF, (packed >> 8) & 0xFF)


def _overlap(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int] | None:
    low, high = max(a[0], b[0]), min(a[1], b[1])
    return (low, high) if low <= high else None


def _region(values: Generators, header: Record, keys: tuple[int, int], velocities: tuple[int, int]) -> Region:
    start, end, loop_start, loop_end, rate, pitch, correction = (_whole(f) for f in header[1:8])
    root = values[ROOT_KEY] if values[ROOT_KEY] >= 0 else (pitch if pitch <= 127 else 60)
    tune = values.get(COARSE_TUNE, 0) + (values.get(FINE_TUNE, 0) + correction) / 100.0
    first = start + values.get(START, 0) + 32768 * values.get(START_COARSE, 0)
    last = end + values.get(END, 0) + 32768 * values.get(END_COARSE, 0)
    loop = (
        loop_start + values.get(LOOP_START, 0) + 32768 * values.get(LOOP_START_COARSE, 0),
        loop_end + values.get(LOOP_END, 0) + 32768 * values.get(LOOP_END_COARSE, 0),
    )
    looped = values.get(SAMPLE_MODES, 0) & 1 and first <= loop[0] < loop[1] <= last
    return Region(
        name=_text(header[0]),
        keys=keys,
        velocities=velocities,
        start=first,
        end=last,
        loop=loop if looped else None,
        rate=rate,
        root=root - tune,
        gain_db=-0.4 * values.get(ATTENUATION, 0) / 10.0,  # players have agreed on 0.4 of what the text says
        pan=float(np.clip(values.get(PAN, 0) / 500.0, -1.0, 1.0)),
        attack_s=_seconds(values[ATTACK]),
        decay_s=_seconds(values[DECAY]),
        sustain_db=-values.get(SUSTAIN, 0) / 10.0,
        release_s=_seconds(values[RELEASE]),
        cutoff_hz=8.176 * 2.0 ** (values[FILTER_CUTOFF] / 1200.0),
    )


def _seconds(timecents: int) -> float:
    return float(2.0 ** (timecents / 1200.0))


def covering(regions: tuple[Region, ...], key: int, velocity: int) -> list[Region]:
    """The regions that sound for a key and a velocity, of those nearest in pitch, from left to right."""
    here = [r for r in regions if r.keys[0] <= key <= r.keys[1] and r.velocities[0] <= velocity <= r.velocities[1]]
    nearest = min((abs(r.root - key) for r in here), default=0.0)
    return sorted((r for r in here if abs(r.root - key) <= nearest + 0.5), key=lambda r: r.pan)
