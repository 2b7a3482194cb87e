"""Pictures through open_clip: any of its models, from a checkpoint on this machine; nothing is downloaded."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from encoders.errors import BadEncoderWeights
from encoders.features import Features, Frames
from encoders.image import load_image

if TYPE_CHECKING:
    import open_clip
    import torch

_CONFIG_FILE = "open_clip_config.json"
_WEIGHTS_FILE = "open_clip_model.safetensors"
_BATCH = 16
_TEXT_BATCH = 64
# The mean and deviation of RGB that OpenAI's CLIP was trained with; open_clip's default too.
_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class OpenClipConfig:
    """Which model: `checkpoint` is a safetensors file, or a folder with it and `open_clip_config.json`.

    `sha256` is checked if it is given. `model_name` is one of open_clip's, used where there is no config: neither
    `config_file`, which may be the published form or one of open_clip's own, nor one in the folder.
    """

    model_name: str
    checkpoint: Path
    sha256: str | None = None
    config_file: Path | None = None


@dataclass(frozen=True)
class _ModelCard:
    """`model` are the arguments of open_clip's own constructor; the rest says how pictures and texts go in."""

    model: dict[str, object]
    image_size: int
    context_length: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


class OpenClipEncoder:
    """Images, frames and texts to open_clip's space, unit vectors [S D]."""

    def __init__(self, config: OpenClipConfig) -> None:
        """Build the model and load its weights.

        Raises:
            BadEncoderWeights: no such file or model, not safetensors, another hash, tensors that do not fit.
        """
        import torch

        weights, self.sha256 = _verified(config)
        card = _described(config)
        self.name = f"open_clip:{config.model_name}"
        self.image_size = card.image_size
        self._model = _built(card, config.model_name)
        self._mean, self._std = (torch.tensor(stat)[None, :, None, None] for stat in (card.mean, card.std))
        self._context = card.context_length
        _filled(self._model, weights, config)

    def encode_image(self, path: Path) -> Features:
        """Return the image at `path` as one vector [1 D]; raises as `encoders.image.load_image`."""
        picture = load_image(path, short_side=self.image_size)
        return Features("image", self.name, self.embed(picture[None]), np.zeros(1))

    def encode_video(self, frames: Frames) -> Features:
        """Return one vector a frame [S D]; read the frames at one a second and `short_side=image_size`."""
        return Features("video", self.name, self.embed(frames.rgb), frames.times_s)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the texts' unit vectors [S D] in the same space."""
        import torch
        from open_clip.tokenizer import SimpleTokenizer

        tokens = SimpleTokenizer(context_length=self._context)(list(texts))
        with torch.inference_mode():
            parts = [self._read(batch).float().numpy() for batch in tokens.split(_TEXT_BATCH)]
        return np.concatenate(parts).astype(np.float32)

    def embed(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return unit vectors [S D] for pictures uint8 [S H W 3], each scaled and cropped to the model's square."""
        import torch

        parts = []
        with torch.inference_mode():
            for start in range(0, len(rgb), _BATCH):
                batch = self._prepared(torch.from_numpy(np.array(rgb[start : start + _BATCH])))
                parts.append(self._model.encode_image(batch, normalize=True).float().numpy())
        return np.concatenate(parts).astype(np.float32)

    def _read(self, tokens: "torch.Tensor") -> "torch.Tensor":
        """Texts [S L] to unit vectors; what follows the end of the longest is left out where it cannot count.

        It cannot where every token looks back only and the vector is the last one's; that saves four fifths of the
        time, since sentences are much shorter than the 77 tokens that CLIP has room for.
        """
        import open_clip
        from torch.func import functional_call

        model = self._model
        looks_back = type(model) is open_clip.CLIP and model.attn_mask is not None and model.text_pool_type == "argmax"
        if not looks_back:
            full: torch.Tensor = model.encode_text(tokens, normalize=True)
            return full
        end = int(tokens.argmax(dim=1).max()) + 1
        short = {
            "positional_embedding": model.positional_embedding[:end],
            "attn_mask": model.attn_mask[:end, :end],
        }
        vectors: torch.Tensor = functional_call(model, short, (None, tokens[:, :end]))[1]
        return vectors

    def _prepared(self, pictures: "torch.Tensor") -> "torch.Tensor":
        from torch.nn import functional

        height, width = pictures.shape[1:3]
        scale = self.image_size / min(height, width)
        size = (max(self.image_size, round(height * scale)), max(self.image_size, round(width * scale)))
        planes = pictures.permute(0, 3, 1, 2).float() / 255.0
        planes = functional.interpolate(planes, size=size, mode="bicubic", antialias=True).clamp(0.0, 1.0)
        top, left = (size[0] - self.image_size) // 2, (size[1] - self.image_size) // 2
        square = planes[:, :, top : top + self.image_size, left : left + self.image_size]
        return (square - self._mean) / self._std


def _verified(config: OpenClipConfig) -> tuple[bytes, str]:
    """Return the checkpoint's bytes and sha256."""
    path = config.checkpoint / _WEIGHTS_FILE if config.checkpoint.is_dir() else config.checkpoint
    if path.suffix != ".safetensors":
        raise BadEncoderWeights(f"{path} is not a .safetensors file; convert it, other formats can carry code")
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise BadEncoderWeights(f"{path} cannot be read ({exc.strerror}); put the checkpoint there") from exc
    found = hashlib.sha256(data).hexdigest()
    if config.sha256 is not None and found != config.sha256:
        raise BadEncoderWeights(f"{path} has sha256 {found}, not {config.sha256}; fetch it again")
    return data, found


def _described(config: OpenClipConfig) -> _ModelCard:
    """Return what the config file or the folder's own says of the model, or open_clip's list."""
    import open_clip

    path = config.config_file or config.checkpoint / _CONFIG_FILE
    described = {"model_cfg": open_clip.get_model_config(config.model_name)}
    if config.config_file or (config.checkpoint.is_dir() and path.exists()):
        described = _read_config(path)
    model = described.get("model_cfg")
    if not model or "vision_cfg" not in model or "text_cfg" not in model:
        raise BadEncoderWeights(f"open_clip knows no model {config.model_name}, and {path} does not describe one")
    if "hf_model_name" in model["text_cfg"] or "multimodal_cfg" in model:
        raise BadEncoderWeights(f"{config.model_name} takes parts from elsewhere; choose a model complete in itself")
    size = model["vision_cfg"].get("image_size", 224)
    preprocess = described.get("preprocess_cfg") or {}
    return _ModelCard(
        model=dict(model),
        image_size=size if isinstance(size, int) else min(size),
        context_length=model["text_cfg"].get("context_length", 77),
        mean=tuple(preprocess.get("mean", _MEAN)),
        std=tuple(preprocess.get("std", _STD)),
    )


def _read_config(path: Path) -> dict[str, dict[str, object]]:
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise BadEncoderWeights(f"{path} cannot be read ({exc.strerror}); put the model's config there") from exc
    except ValueError as exc:
        raise BadEncoderWeights(f"{path} is not JSON; fetch it again") from exc
    if not isinstance(described, dict):
        raise BadEncoderWeights(f"{path} does not describe a model; fetch it again")
    return {"model_cfg": described} if "vision_cfg" in described else described


def _built(card: _ModelCard, name: str) -> "open_clip.CLIP":
    import open_clip

    model_config = dict(card.model)
    family = open_clip.CustomTextCLIP if model_config.pop("custom_text", False) else open_clip.CLIP
    try:
        return family(**model_config).eval()
    except (TypeError, ValueError, RuntimeError) as exc:
        raise BadEncoderWeights(f"the config of {name} does not describe an open_clip model: {exc}") from exc


def _filled(model: "open_clip.CLIP", weights: bytes, config: OpenClipConfig) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        model.load_state_dict(load(weights))
    except (SafetensorError, RuntimeError) as exc:
        reason = str(exc).splitlines()[0]
        raise BadEncoderWeights(f"{config.checkpoint} does not fit {config.model_name}: {reason}") from exc
