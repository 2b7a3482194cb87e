"""Wire types that only the API has."""

from pydantic import Field

from schemas.base import WireModel
from schemas.manifest import DataSource
from schemas.music import EngineName
from schemas.soundtrack import Format


class ModelCard(WireModel):
    """A bundle that music can be made with, and its limits."""

    id: str
    version: str
    licence: str
    engines: tuple[EngineName, ...] = ("score",)
    sample_rate: int = 44_100
    max_duration_s: float
    formats: tuple[Format, ...]
    data: tuple[DataSource, ...] = ()
    metrics: dict[str, float] = Field(default_factory=dict)


class ModelList(WireModel):
    """All bundles."""

    data: tuple[ModelCard, ...]


class Health(WireModel):
    """Whether a process lives, or is ready: then each part by name."""

    status: str
    parts: dict[str, str] = Field(default_factory=dict)
