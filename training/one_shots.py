"""Cut a drum kit out of an archive of one-shots: `python -m training.one_shots`.

The kit is written as `training.instruments` writes its own and added to the index that is there: run it after that
one. The same archive gives the same bytes.
"""

import io
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from generators.render.kits import KIT_LEVELS_DB
from generators.score.score import (
    CLAP,
    CLOSED_HAT,
    CONGA,
    COWBELL,
    CRASH,
    FLOOR_TOM,
    HIGH_TOM,
    KICK,
    LOW_TOM,
    OPEN_HAT,
    PEDAL_HAT,
    RIDE,
    SHAKER,
    SIDE_STICK,
    SNARE,
    TAMBOURINE,
)
from training.instrument_zones import RATE, Floats, Zone, level_gain_db, prompt
from training.instruments import write_zones

KIT_NAME = "cc0_kit"
TAIL_DB = -50.0  # below the peak; what is softer than this at the end is cut
RELEASE_S = 0.6
OPEN_HZ = 20_000.0


@dataclass(frozen=True, slots=True)
class Shot:
    """One drum of the kit: its key, its recording, where it stands (-1 left .. 1 right) and how long it may ring."""

    key: int
    sample: str
    pan: float = 0.0
    longest_s: float = 1.2


SHOTS: tuple[Shot, ...] = (
    Shot(KICK, "drum_heavy_kick"),
    Shot(SNARE, "drum_snare_hard"),
    Shot(SIDE_STICK, "tabla_te2"),  # a dry stroke on the rim of the drum
    Shot(CLAP, "perc_snap"),
    Shot(CLOSED_HAT, "drum_cymbal_closed", 0.2),
    Shot(PEDAL_HAT, "drum_cymbal_pedal", 0.2),
    Shot(OPEN_HAT, "drum_cymbal_open", 0.2),
    Shot(FLOOR_TOM, "drum_tom_lo_hard", 0.35),
    Shot(LOW_TOM, "drum_tom_mid_hard", 0.1),
    Shot(HIGH_TOM, "drum_tom_hi_hard", -0.2),
    Shot(CRASH, "drum_splash_hard", -0.3, 2.2),
    Shot(RIDE, "ride_tri", -0.25, 2.2),
    Shot(TAMBOURINE, "hat_gnu", -0.3),  # the brightest hats stand in for what the archive has not
    Shot(COWBELL, "drum_cowbell", 0.25),
    Shot(SHAKER, "hat_snap", 0.35),
    Shot(CONGA, "tabla_ghe1", -0.35),
)


@click.command()
@click.option("--samples", type=click.Path(exists=True, path_type=Path), required=True, help="A tar of FLAC files.")
@click.option("-o", "--out", type=click.Path(exists=True, path_type=Path), required=True, help="Folder with an index.")
@click.option("--bit-rate", type=int, default=112_000, show_default=True, help="Opus bits a second of stereo.")
def main(samples: Path, out: Path, bit_rate: int) -> None:
    """Write the kit and add it to the index."""
    add_kit(samples, out, bit_rate)


def add_kit(samples: Path, out: Path, bit_rate: int) -> None:
    """Cut the kit out of the archive at `samples` into the folder `out`, whose index then lists it."""
    entry = write_zones(KIT_NAME, cut_shots(samples), out, kit=True, bit_rate=bit_rate)
    path = out / "index.json"
    index = json.loads(path.read_text(encoding="utf-8"))
    index["instruments"][KIT_NAME] = entry | {"source": "Sonic Pi samples", "licence": "CC0-1.0"}
    path.write_text(json.dumps(index, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def cut_shots(samples: Path) -> list[Zone]:
    """The drums that the archive has, lowest key first."""
    with tarfile.open(samples) as archive:
        files = {Path(member.name).name: member for member in archive.getmembers() if member.isfile()}
        zones = []
        for shot in sorted(SHOTS, key=lambda s: s.key):
            if member := files.get(f"{shot.sample}.flac"):
                stream = archive.extractfile(member)
                zones.append(_zone(shot, decode(stream.read() if stream else b"")))
    if not zones:
        raise click.ClickException(f"{samples} has none of the one-shots of the kit; give a tar of Sonic Pi's samples")
    return zones


def decode(data: bytes) -> Floats:
    """An audio file as [2 N] at RATE."""
    import av

    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
    with av.open(io.BytesIO(data)) as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    blocks = [frame.to_ndarray() for frame in [*frames, *resampler.resample(None)]]
    return np.concatenate(blocks, axis=1).astype(np.float32)


def _zone(shot: Shot, recorded: Floats) -> Zone:
    """One drum: prompt, without its silent end, in its place, and as loud as that drum is in every kit."""
    sound, _ = prompt(recorded, None)
    height = np.max(np.abs(sound), axis=0)
    heard = np.flatnonzero(height > np.max(height) * 10.0 ** (TAIL_DB / 20.0))
    frames = min(int(heard[-1]) + 1, round(shot.longest_s * RATE))
    sound = sound[:, :frames].copy()
    fade = min(frames // 4, RATE // 4)
    sound[:, frames - fade :] *= np.cos(np.linspace(0.0, np.pi / 2.0, fade, dtype=np.float32)) ** 2
    angle = (shot.pan + 1.0) * np.pi / 4.0
    sound *= np.array([[np.cos(angle)], [np.sin(angle)]], np.float32) * np.float32(np.sqrt(2.0))
    sound *= np.float32(0.7 / np.max(np.abs(sound)))  # one file holds them all: each uses the codec's whole range
    return Zone(
        samples=sound,
        root=float(shot.key),
        key=shot.key,
        loop=None,
        gain_db=level_gain_db(sound, None, OPEN_HZ, 0.0) + KIT_LEVELS_DB[shot.key],
        decay_db_s=0.0,
        cutoffs_hz=(OPEN_HZ, OPEN_HZ, OPEN_HZ),
        release_s=RELEASE_S,
    )


if __name__ == "__main__":
    main()
