"""Cut a compact set of sampled instruments out of a General MIDI SoundFont: `python -m training.instruments`.

Every instrument becomes one Ogg Opus file that holds its zones one after the other, and an entry of `index.json` that
says where they lie, how they loop, decay and are tuned. The same font gives the same bytes.
"""

import hashlib
import json
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from generators.render.sf2 import SoundFont, read_soundfont
from training.instrument_zones import CUTS, RATE, Cut, Zone, cut_zones

GAP_FRAMES = 2400  # silence between zones, so that the codec's pre-echo of one never falls into another


@click.command()
@click.option("--soundfont", type=click.Path(exists=True, path_type=Path), required=True, help="FluidR3_GM.sf2")
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@click.option("--bit-rate", type=int, default=112_000, show_default=True, help="Opus bits a second of stereo.")
def main(soundfont: Path, out: Path, bit_rate: int) -> None:
    """Write the instruments and their index."""
    font = read_soundfont(soundfont)
    out.mkdir(parents=True, exist_ok=True)
    instruments = {cut.name: write_instrument(cut, font, out, bit_rate) for cut in CUTS}
    write_index(out, instruments)
    total = sum(f.stat().st_size for f in out.iterdir())
    print(f"{len(instruments)} instruments, {total / 1e6:.1f} MB in {out}")


def write_index(out: Path, instruments: dict[str, dict[str, object]]) -> None:
    """Write `index.json` beside the files that it describes."""
    index = {
        "format": 1,
        "rate": RATE,
        "source": "Fluid (R3) General MIDI SoundFont by Frank Wen",
        "licence": "MIT",
        "instruments": instruments,
    }
    (out / "index.json").write_text(json.dumps(index, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def write_instrument(cut: Cut, font: SoundFont, out: Path, bit_rate: int) -> dict[str, object]:
    """Cut one instrument, write its audio and return its entry of the index."""
    return write_zones(cut.name, cut_zones(cut, font), out, kit=cut.kit, bit_rate=bit_rate)


def write_zones(name: str, zones: list[Zone], out: Path, *, kit: bool, bit_rate: int) -> dict[str, object]:
    """Write the zones of one instrument as one file and return its entry of the index."""
    peak = max(float(np.max(np.abs(z.samples))) for z in zones)
    level = np.float32(0.7 / peak)
    gap = np.zeros((2, GAP_FRAMES), np.float32)
    pieces, entries, at = [], [], GAP_FRAMES
    for zone in zones:
        pieces += [gap, zone.samples * level]
        entries.append(zone.entry(at, float(-20.0 * np.log10(level))))
        at += zone.samples.shape[1] + GAP_FRAMES
    path = out / f"{name}.ogg"
    write_opus(path, np.concatenate([*pieces, gap], axis=1), bit_rate)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    print(f"{name:16s} {len(zones):3d} zones {at / RATE:6.1f} s {path.stat().st_size / 1000:7.0f} kB")
    return {"file": path.name, "sha256": digest, "kit": kit, "release_s": zones[0].release_s, "zones": entries}


def write_opus(path: Path, samples: NDArray[np.float32], bit_rate: int) -> None:
    """Write [2 N] as Ogg Opus with a fixed stream serial."""
    import av

    with av.open(str(path), "w", format="ogg", options={"fflags": "+bitexact", "serial_offset": "0"}) as container:
        stream = container.add_stream("libopus", rate=RATE, options={"vbr": "on", "application": "audio"})
        stream.codec_context.layout = "stereo"
        stream.codec_context.format = "flt"
        stream.codec_context.bit_rate = bit_rate
        for at in range(0, samples.shape[1], 960):
            block = np.zeros((2, 960), np.float32)
            part = samples[:, at : at + 960]
            block[:, : part.shape[1]] = part
            frame = av.AudioFrame.from_ndarray(block.T.reshape(1, -1).copy(), format="flt", layout="stereo")
            frame.sample_rate, frame.pts = RATE, at
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


if __name__ == "__main__":
    main()
