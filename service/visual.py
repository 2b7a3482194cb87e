"""Which encoder looks at pictures: open_clip where the environment names a checkpoint, the bundle's own otherwise."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from encoders.errors import BadEncoderWeights

if TYPE_CHECKING:
    from encoders.clip import OpenClipConfig

MODEL = "TONEREEL_OPEN_CLIP_MODEL"
CHECKPOINT = "TONEREEL_OPEN_CLIP_CHECKPOINT"
SHA256 = "TONEREEL_OPEN_CLIP_SHA256"


def open_clip_config(environment: Mapping[str, str]) -> "OpenClipConfig | None":
    """The open_clip model that the environment names: one of open_clip's names or a config file, and its checkpoint.

    Raises:
        BadEncoderWeights: only half of it is named.
    """
    model, checkpoint = environment.get(MODEL), environment.get(CHECKPOINT)
    if not model and not checkpoint:
        return None
    if not model or not checkpoint:
        given, missing = (MODEL, CHECKPOINT) if model else (CHECKPOINT, MODEL)
        raise BadEncoderWeights(f"{given} is set but {missing} is not; set both, or neither for the bundle's own eyes")
    from encoders.clip import OpenClipConfig

    config_file = Path(model) if model.endswith(".json") else None
    name = config_file.stem if config_file else model
    return OpenClipConfig(name, Path(checkpoint), (environment.get(SHA256) or "").lower() or None, config_file)


def visual_encoder(environment: Mapping[str, str]) -> str:
    """Which encoder pictures go through and why, in words; an open_clip model is loaded to see that it can be.

    Raises:
        BadEncoderWeights: the model that the environment names cannot be used.
    """
    config = open_clip_config(environment)
    if config is None:
        return f"the bundle's own descriptors, since {CHECKPOINT} is not set"
    from encoders.clip import OpenClipEncoder

    clip = OpenClipEncoder(config)
    return f"{clip.name} at {clip.image_size} px, from {config.checkpoint} ({CHECKPOINT}), sha256 {clip.sha256[:12]}"
