"""Which encoder looks at pictures: open_clip where the environment names a checkpoint, the bundle's own otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from encoders.errors import BadEncoderWeights
from service.bundle import bundle_folder, read_manifest
from service.errors import BadInput
from service.settings import PREFIX, PictureSettings

if TYPE_CHECKING:
    from encoders.clip import OpenClipConfig

Way = Literal["fit", "bridge"]
MODEL, CHECKPOINT, SHA256, WAY, CACHE = (
    PREFIX + name.upper()
    for name in ("open_clip_model", "open_clip_checkpoint", "open_clip_sha256", "open_clip_way", "cache_dir")
)
OWN_EYES = "vision.safetensors"  # in a bundle
_WAYS: dict[Way, str] = {
    "fit": "by a map fitted on sentences",
    "bridge": "through words, the sentences nearest to each picture",
}


@dataclass(frozen=True)
class EyesConfig:
    """An open_clip model, the way from its space to music's, and the folder where fits are kept."""

    clip: "OpenClipConfig"
    way: Way
    cache: Path


def eyes_config(environment: Mapping[str, str]) -> EyesConfig | None:
    """The eyes that the environment names; None for the bundle's own.

    Raises:
        BadEncoderWeights: only half of a model is named.
        BadInput: the environment names no such way.
    """
    clip, way = open_clip_config(environment), PictureSettings.from_environment(environment).open_clip_way
    return None if clip is None else EyesConfig(clip, way, cache_folder(environment))


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


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Where fits are kept: the folder that the environment names, or the user's cache.

    Raises:
        BadInput: the environment names none, and the user has no home.
    """
    named, shared = environment.get(CACHE), environment.get("XDG_CACHE_HOME")
    if named:
        return Path(named)
    try:
        return (Path(shared) if shared else Path.home() / ".cache") / "tonereel"
    except RuntimeError as exc:
        raise BadInput(f"there is no home to keep fits in; set {CACHE} to a folder") from exc


def visual_encoder(environment: Mapping[str, str]) -> str:
    """Which encoder pictures go through, which way and why; an open_clip model is loaded to see that it can be.

    Raises:
        BadEncoderWeights: the model that the environment names cannot be used.
        BadInput: the environment names no such way.
        BadWeights: the bundle's manifest cannot be read.
    """
    eyes = eyes_config(environment)
    if eyes is None:
        own = "eyes and descriptors" if OWN_EYES in read_manifest(bundle_folder(environment)).files else "descriptors"
        return f"the bundle's own {own}, since {CHECKPOINT} is not set"
    from encoders.clip import OpenClipEncoder

    clip = OpenClipEncoder(eyes.clip)
    why = f"{WAY}={eyes.way}" if WAY in environment else f"{WAY} is not set"
    return (
        f"{clip.name} at {clip.image_size} px, from {eyes.clip.checkpoint} ({CHECKPOINT}), sha256 {clip.sha256[:12]}; "
        f"to music {_WAYS[eyes.way]} ({why})" + (f", kept in {eyes.cache}" if eyes.way == "fit" else "")
    )
