"""The manifest of a model bundle: what is in it, where it comes from and how good it was measured to be."""

from pydantic import Field

from schemas.base import WireModel
from schemas.music import EngineName

MANIFEST = "manifest.json"
AUDIO_FLOW = "audio/flow.safetensors"


class DataSource(WireModel):
    """Data that a bundle was trained on."""

    name: str
    licence: str
    credit: str


class Manifest(WireModel):
    """What is in a bundle: every file by its sha256, where it comes from and how good it was measured to be."""

    name: str
    version: str
    licence: str
    files: dict[str, str] = Field(description="Path inside the bundle to sha256.")
    data: tuple[DataSource, ...] = ()
    metrics: dict[str, float] = Field(default_factory=dict)

    @property
    def label(self) -> str:
        """Name and version, as they go into reports and tags."""
        return f"{self.name} {self.version}"

    @property
    def engines(self) -> tuple[EngineName, ...]:
        """The engines that it has weights for."""
        return ("score", "audio") if AUDIO_FLOW in self.files else ("score",)
