"""The noise schedule of a diffusion model, seen as times on the straight path between noise and data."""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generators.errors import BadWeights, InvalidPlan

CONFIG = "scheduler_config.json"
Alphas = NDArray[np.float64]


class Prediction(StrEnum):
    """What a net was trained to say."""

    NOISE = "epsilon"
    DATA = "sample"
    V = "v_prediction"


class Spacing(StrEnum):
    """How few steps are laid over many (Lin et al. 2024, table 2)."""

    LEADING = "leading"
    TRAILING = "trailing"
    LINSPACE = "linspace"


@dataclass(frozen=True)
class NoiseSchedule:
    """A variance-preserving schedule x_k = sqrt(a_k) data + sqrt(1 - a_k) noise, `alphas` float64 [K], falling.

    `offset` is added to the steps that leading spacing picks; `ends_clean`: the last step goes to a = 1, and to a_0
    otherwise.
    """

    alphas: Alphas
    prediction: Prediction = Prediction.NOISE
    spacing: Spacing = Spacing.LEADING
    offset: int = 0
    ends_clean: bool = True

    def times(self, steps: int) -> Tensor:
        """Times float64 [steps + 1] on the straight path, where DDIM makes its steps.

        The straight path through the same data and noise meets the schedule, up to a scale, at
        t = sqrt(a) / (sqrt(a) + sqrt(1 - a)).

        Raises:
            InvalidPlan: the schedule does not have so many steps.
        """
        if not 1 <= steps <= len(self.alphas):
            raise InvalidPlan(f"{steps} steps cannot be made; ask for 1 to {len(self.alphas)}")
        picked = self._t[self._picked(steps)]
        return torch.from_numpy(np.append(picked, 1.0 if self.ends_clean else self._t[0]))

    def timestep(self, t: Tensor) -> Tensor:
        """The net's own time float32 [B] for times t [B]: the index k, between two by linear interpolation in t."""
        rising = np.arange(len(self.alphas) - 1, -1, -1, dtype=np.float64)
        k = np.interp(t.detach().double().cpu().numpy(), self._t[::-1], rising)
        return torch.from_numpy(k).to(t.device, torch.float32)

    @property
    def _t(self) -> Alphas:
        data, noise = np.sqrt(self.alphas), np.sqrt(1.0 - self.alphas)
        return np.asarray(data / (data + noise))

    def _picked(self, steps: int) -> NDArray[np.int64]:
        """The indices of the steps, falling."""
        n = len(self.alphas)
        if self.spacing is Spacing.LINSPACE:
            picked = np.linspace(0, n - 1, steps).round()[::-1]
        elif self.spacing is Spacing.TRAILING:
            picked = np.round(n - np.arange(steps) * (n / steps)) - 1
        else:
            picked = np.arange(steps, dtype=np.float64)[::-1] * (n // steps) + self.offset
        return picked.clip(0, n - 1).astype(np.int64)


def read_schedule(folder: Path) -> NoiseSchedule:
    """Read `scheduler_config.json` of a folder; what it leaves out is as in diffusers' DDIM scheduler.

    Raises:
        BadWeights: it is missing, broken, or no flow has its samples.
    """
    path = folder / CONFIG
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        schedule = NoiseSchedule(
            _alphas(config),
            Prediction(config.get("prediction_type", Prediction.NOISE)),
            Spacing(config.get("timestep_spacing", Spacing.LEADING)),
            int(config.get("steps_offset", 0)),
            bool(config.get("set_alpha_to_one", True)),
        )
    except OSError as exc:
        raise BadWeights(f"{path} cannot be read ({exc.strerror}); fetch the model again") from exc
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise BadWeights(f"{path} does not describe a noise schedule that is known ({exc!r})") from exc
    if config.get("thresholding") or config.get("clip_sample", True):
        raise BadWeights(f"{path}: clipped samples are not those of a flow; set clip_sample and thresholding to false")
    if schedule.alphas[-1] <= 0.0 and schedule.prediction is Prediction.NOISE:
        raise BadWeights(f"{path}: predicted noise says nothing where all is noise; rescale_betas_zero_snr needs v")
    return schedule


def _alphas(config: dict[str, object]) -> Alphas:
    """The products of 1 - beta, float64 [K]."""
    n, name = int(str(config.get("num_train_timesteps", 1000))), config.get("beta_schedule", "linear")
    low, high = float(str(config.get("beta_start", 1e-4))), float(str(config.get("beta_end", 0.02)))
    if config.get("trained_betas") is not None:
        betas = np.asarray(config["trained_betas"], np.float64)
    elif name == "linear":
        betas = np.linspace(low, high, n)
    elif name == "scaled_linear":
        betas = np.linspace(low**0.5, high**0.5, n) ** 2
    elif name == "squaredcos_cap_v2":
        bars = np.cos((np.arange(n + 1) / n + 0.008) / 1.008 * np.pi / 2) ** 2  # Nichol and Dhariwal 2021
        betas = np.minimum(1.0 - bars[1:] / bars[:-1], 0.999)
    else:
        raise ValueError(f"beta_schedule {name}")
    if betas.ndim != 1 or not len(betas) or not ((betas > 0.0) & (betas < 1.0)).all():
        raise ValueError("betas outside 0 to 1")
    alphas: Alphas = np.asarray(np.cumprod(1.0 - betas), np.float64)
    return _zero_snr(alphas) if config.get("rescale_betas_zero_snr") else alphas


def _zero_snr(alphas: Alphas) -> Alphas:
    """Shift and stretch sqrt(a) so that the last is 0 and the first as it was (Lin et al. 2024, algorithm 1)."""
    root = np.sqrt(alphas)
    return np.asarray(((root - root[-1]) * root[0] / (root[0] - root[-1])) ** 2)
