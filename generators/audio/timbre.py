"""What the audio engine knows of instruments: of each key its mean spectrum while it is struck, sounds and rings on.

Spectra are those of the engine's own front end, measured once from the instruments that its music was rendered with.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from generators.errors import BadWeights

TIMBRES_FILE = "timbres.safetensors"
AGES_S = ((0.0, 0.023), (0.023, 0.093), (0.093, 0.372), (0.372, 1.115))  # of a note; a spectrum is the mean over one
CENTRES_S = tuple(0.5 * (start + end) for start, end in AGES_S)
LOWEST_DB, STEP_DB = -110.0, 0.5  # of a level written as a byte
SIDE = "/side"  # after the name of an instrument
Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Timbre:
    """levels_db float32 [keys len(AGES_S) bands] of the middle, from key `lowest` on, and what is known of all keys.

    side_db float32 [bands]: how loud the sides are beside the middle; seconds until a released note is 60 dB down;
    whether keys are pitches, not drums.
    """

    levels_db: Floats
    side_db: Floats
    lowest: int
    release_s: float
    pitched: bool

    @property
    def highest(self) -> int:
        """Its highest key."""
        return self.lowest + len(self.levels_db) - 1

    def aged(self, key: int, ages_s: NDArray[np.floating]) -> Floats:
        """Levels [N bands] in dB of a key held for `ages_s` [N]: from spectrum to spectrum, then on as it fades."""
        spectra = self.levels_db[min(max(key, self.lowest), self.highest) - self.lowest]
        place = np.interp(ages_s, CENTRES_S, range(len(CENTRES_S)))
        below = np.minimum(place.astype(int), len(CENTRES_S) - 2)
        share = (place - below)[:, None]
        levels = (1.0 - share) * spectra[below] + share * spectra[below + 1]
        pace = np.minimum(spectra[-1] - spectra[-2], 0.0) / (CENTRES_S[-1] - CENTRES_S[-2])
        beyond_s = np.maximum(ages_s - CENTRES_S[-1], 0.0)[:, None]
        out: Floats = np.maximum(levels + beyond_s * pace, LOWEST_DB).astype(np.float32)
        return out


Timbres = Mapping[str, Timbre]


def save_timbres(path: Path, timbres: Timbres) -> None:
    """Write timbres, a byte a level; at once or not at all."""
    tensors, told = {}, {}
    for name, timbre in timbres.items():
        tensors[name] = _bytes(timbre.levels_db)
        tensors[name + SIDE] = _bytes(timbre.side_db)
        told[name] = {"lowest": timbre.lowest, "release_s": timbre.release_s, "pitched": timbre.pitched}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata={"timbres": json.dumps(told)})
    partial.replace(path)


def load_timbres(path: Path) -> dict[str, Timbre]:
    """Read what `save_timbres` wrote.

    Raises:
        BadWeights: the file is missing or damaged.
    """
    try:
        with safe_open(path, framework="np") as file:
            told = json.loads((file.metadata() or {})["timbres"])
            return {
                name: Timbre(
                    _levels(file.get_tensor(name)),
                    _levels(file.get_tensor(name + SIDE)),
                    int(known["lowest"]),
                    float(known["release_s"]),
                    bool(known["pitched"]),
                )
                for name, known in told.items()
            }
    except (OSError, KeyError, TypeError, ValueError, SafetensorError) as exc:
        raise BadWeights(f"{path} cannot be read as timbres ({exc}); fetch the bundle again") from exc


def _bytes(levels_db: Floats) -> torch.Tensor:
    return torch.from_numpy(np.clip(np.round((levels_db - LOWEST_DB) / STEP_DB), 0, 255).astype(np.uint8)).contiguous()


def _levels(steps: NDArray[np.uint8]) -> Floats:
    levels: Floats = LOWEST_DB + STEP_DB * steps.astype(np.float32)
    return levels
