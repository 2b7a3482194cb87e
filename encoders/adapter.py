"""From what a source shows or tells to where its music lies: adapters into CLAP space, each a small flow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from encoders.errors import BadEncoderWeights
from encoders.features import Features
from generators.errors import BadWeights
from generators.flow.checkpoint import load_module
from generators.flow.guidance import guide
from generators.flow.head import FlowHead, FlowHeadConfig
from generators.flow.solver import heun, time_grid

KINDS = ("story", "image", "video")
STEPS = 2  # Heun; 8 and 4 measured the same
CANDIDATES = 16
EXPECTED_DRAWS = 4
GUIDANCE = 4.0  # with the cooled noise the affect of the mean's MLP, at a sixth of its distance from real music
TEMPERATURE = 0.85  # of the noise
_ROWS = 64  # of a path that are drawn at once, to save memory


@dataclass(frozen=True, slots=True)
class AdapterConfig:
    """features: width of the source's vectors; channels: of CLAP space; encoder: whose vectors it was trained on."""

    kind: str
    encoder: str
    features: int
    channels: int
    width: int = 384
    depth: int = 4


class Standardised(nn.Module):
    """Features and points brought to mean 0 and deviation 1 by stored buffers, shared by both kinds of adapter."""

    feature_mean: Tensor
    feature_std: Tensor
    point_mean: Tensor
    point_std: Tensor

    def __init__(self, config: AdapterConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("feature_mean", torch.zeros(config.features))
        self.register_buffer("feature_std", torch.ones(config.features))
        self.register_buffer("point_mean", torch.zeros(config.channels))
        self.register_buffer("point_std", torch.ones(config.channels))

    def measure(self, features: Tensor, points: Tensor) -> None:
        """Take means and deviations from training data [N F] and [N D]; a constant column keeps deviation 1."""
        for name, rows in (("feature", features), ("point", points)):
            std = rows.std(0)
            getattr(self, f"{name}_mean").copy_(rows.mean(0))
            getattr(self, f"{name}_std").copy_(torch.where(std > 1e-4, std, torch.ones_like(std)))

    def read(self, features: Tensor) -> Tensor:
        """Standard features [B F], held within 6 deviations: pictures unlike all training ones must not blow up."""
        return ((features - self.feature_mean) / self.feature_std).clamp(-6.0, 6.0)

    def place(self, points: Tensor) -> Tensor:
        """Points [B D] in the coordinates of the flow."""
        return (points - self.point_mean) / self.point_std

    def leave(self, x_1: Tensor) -> Tensor:
        """Flow coordinates [B D] back to unit vectors."""
        return functional.normalize(x_1 * self.point_std + self.point_mean, dim=-1)


class FlowAdapter(Standardised):
    """(x_t [B D], t [B], standard features [B F], known [B 1]) -> velocity [B D]; known 0 means no condition."""

    def __init__(self, config: AdapterConfig) -> None:
        super().__init__(config)
        self.head = FlowHead(FlowHeadConfig(config.channels, config.features + 1, config.width, config.depth))

    def forward(self, x_t: Tensor, t: Tensor, standard: Tensor, known: Tensor) -> Tensor:
        """The velocity at x_t."""
        velocity: Tensor = self.head(x_t, t, torch.cat([standard * known, known], dim=-1))
        return velocity


class MlpAdapter(Standardised):
    """Features [B F] -> the one point [B D] that is best in the mean: the baseline that the flow must beat."""

    def __init__(self, config: AdapterConfig) -> None:
        super().__init__(config)
        self.layers = nn.Sequential(
            nn.Linear(config.features, config.width),
            nn.GELU(),
            nn.Linear(config.width, config.width),
            nn.GELU(),
            nn.Linear(config.width, config.channels),
        )

    def forward(self, standard: Tensor) -> Tensor:
        """Flow coordinates of the point."""
        point: Tensor = self.layers(standard)
        return point


@torch.inference_mode()
def sample(adapter: FlowAdapter, features: Tensor, noise: Tensor, *, guidance: float, steps: int = STEPS) -> Tensor:
    """Solve the flow from noise [B D], cooled to TEMPERATURE, for features [B F]: unit vectors [B D]."""
    standard = adapter.read(features).repeat(2, 1)
    known = torch.cat([torch.ones(len(noise), 1), torch.zeros(len(noise), 1)])
    velocity = guide(lambda x_t, t: adapter(x_t, t, standard, known), guidance)
    *_, x_1 = heun(velocity, TEMPERATURE * noise, time_grid(steps))
    return adapter.leave(x_1)


@torch.inference_mode()
def medoid_path(
    adapter: FlowAdapter, features: Tensor, *, seed: int, candidates: int = CANDIDATES, guidance: float
) -> Tensor:
    """[S F] -> [S D]: of several paths through CLAP space, each from one noise, the one nearest to all the others.

    All rows share a path's noise, so that like rows give like points and a video's path is smooth; a medoid is a true
    sample, while a mean of samples would lie off the data, towards the middle.
    """
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(candidates, 1, adapter.config.channels, generator=generator)
    parts = []
    for some in features.split(_ROWS):
        rows = some[None].expand(candidates, -1, -1).flatten(0, 1)
        flat = sample(adapter, rows, noise.expand(-1, len(some), -1).flatten(0, 1), guidance=guidance)
        parts.append(flat.view(candidates, len(some), -1))
    paths = torch.cat(parts, dim=1)
    agreement = torch.einsum("ksd,jsd->kj", paths, paths).sum(1)
    return paths[int(agreement.argmax())]


class Adapters:
    """The trained adapters of a bundle by kind of source."""

    def __init__(self, by_kind: Mapping[str, FlowAdapter], *, guidance: float = GUIDANCE) -> None:
        self.by_kind = dict(by_kind)
        self.guidance = guidance

    @classmethod
    def load(cls, folder: Path) -> "Adapters":
        """Every `<kind>.safetensors` in a folder.

        Raises:
            BadEncoderWeights: there is none, or one cannot be read.
        """
        found = [kind for kind in KINDS if (folder / f"{kind}.safetensors").exists()]
        if not found:
            raise BadEncoderWeights(f"no adapter in {folder}; train with training.adapters or fetch the bundle again")
        try:
            return cls({k: load_module(folder / f"{k}.safetensors", FlowAdapter, AdapterConfig) for k in found})
        except BadWeights as exc:
            raise BadEncoderWeights(str(exc)) from exc

    def to_clap(self, features: Features, *, seed: int) -> NDArray[np.float32]:
        """Unit vectors [S D] for the rows of a source; the same seed gives the same points.

        Raises:
            BadEncoderWeights: no adapter for this kind, or one made for another encoder's vectors.
        """
        adapter = self._for(features)
        rows = torch.from_numpy(np.ascontiguousarray(features.vectors, dtype=np.float32))
        out: NDArray[np.float32] = medoid_path(adapter, rows, seed=seed, guidance=self.guidance).numpy()
        return out

    @torch.inference_mode()
    def expected(self, features: Features, *, seed: int, draws: int = EXPECTED_DRAWS) -> NDArray[np.float32]:
        """Unit vectors [S D]: the mean direction of a few draws for each row, for those who need no true sample.

        Raises:
            BadEncoderWeights: as `to_clap`.
        """
        adapter = self._for(features)
        rows = torch.from_numpy(np.ascontiguousarray(features.vectors, dtype=np.float32))
        noise = torch.randn(draws, 1, adapter.config.channels, generator=torch.Generator().manual_seed(seed))
        drawn = [sample(adapter, rows, x.expand(len(rows), -1), guidance=self.guidance) for x in noise]
        out: NDArray[np.float32] = functional.normalize(torch.stack(drawn).mean(0), dim=-1).numpy()
        return out

    def pooled(self, features: Features, *, seed: int) -> NDArray[np.float32]:
        """One unit vector [D] for a whole source: the mean direction of its rows."""
        points = self.to_clap(features, seed=seed)
        return mix([(point, 1.0) for point in points])

    def _for(self, features: Features) -> FlowAdapter:
        kind = "story" if features.kind == "caption" else features.kind  # both are sentences of one encoder
        adapter = self.by_kind.get(kind)
        if adapter is None:
            known = ", ".join(self.by_kind)
            raise BadEncoderWeights(f"the bundle has no adapter for {features.kind}; it has {known}")
        config = adapter.config
        if features.encoder != config.encoder or features.vectors.shape[-1] != config.features:
            raise BadEncoderWeights(
                f"the {config.kind} adapter was trained on {config.encoder} [{config.features}] and cannot read "
                f"{features.encoder} [{features.vectors.shape[-1]}]; use that encoder or fit adapters for this one"
            )
        return adapter


def mix(points: Sequence[tuple[NDArray[np.float32], float]]) -> NDArray[np.float32]:
    """The weighted mean direction [D] of unit vectors: what several sources ask for together.

    It minimises the weighted squared chords to the points and is the same in any order, which slerp is not for three.

    Raises:
        ValueError: no points, a negative weight, or weights or points that cancel out.
    """
    _check_weights(weight for _, weight in points)
    total = np.sum([np.float64(weight) * point.astype(np.float64) for point, weight in points], axis=0)
    length = float(np.linalg.norm(total))
    if length < 1e-6:
        raise ValueError("these points cancel each other out; give one of them more weight")
    out: NDArray[np.float32] = (total / length).astype(np.float32)
    return out


def _check_weights(weights: Iterable[float]) -> None:
    values = list(weights)
    if not values or min(values) < 0 or sum(values) <= 0:
        raise ValueError(f"weights {values} must not be negative, and one must be above 0")
