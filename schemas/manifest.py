"""The manifest of a model bundle: what is in it, where it comes from and how good it was measured to be."""

from pydantic import Field

from schemas.base import WireModel
from schemas.music import EngineName

MANIFEST = "manifest.json"
AUDIO_FLOW = "audio/flow.safetensors"
IN_PARTS = ".index.json"  # after the name of weights that lie in parts


class DataSource(WireModel):
    """Data that a bundle was trained on."""

    name: str
    licence: str
    credit: str


class Trained(WireModel):
    """How a file of weights came about: from what, how much of it, for how long and on what."""

    file: str = Field(description="Path inside the bundle.")
    licence: str
    source: str
    data: tuple[str, ...] = Field(default=(), description="Names of the collections, as `data` of the manifest.")
    clips: int
    hours: float = Field(description="Of sound that was learned from.")
    held_out_clips: int
    preset: str
    device: str
    steps: int
    minutes: float


class Manifest(WireModel):
    """What is in a bundle: every file by its sha256, where it comes from and how good it was measured to be."""

    name: str
    version: str
    licence: str
    files: dict[str, str] = Field(description="Path inside the bundle to sha256.")
    data: tuple[DataSource, ...] = ()
    trained: tuple[Trained, ...] = Field(default=(), description="What is known of single files of weights.")
    metrics: dict[str, float] = Field(default_factory=dict)

    @property
    def label(self) -> str:
        """Name and version, as they go into reports and tags."""
        return f"{self.name} {self.version}"

    @property
    def engines(self) -> tuple[EngineName, ...]:
        """The engines that it has weights for."""
        sings = AUDIO_FLOW in self.files or AUDIO_FLOW + IN_PARTS in self.files
        return ("score", "audio") if sings else ("score",)
