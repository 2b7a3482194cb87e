"""A model's folder in the diffusers layout: `model_index.json` and one folder a part, safetensors only."""

import json
from dataclasses import dataclass
from pathlib import Path

from generators.errors import BadWeights

INDEX = "model_index.json"
CONFIG = "config.json"
_OF_DIFFUSERS = ("vae", "unet", "projection_model")
_MEND = "load the model with its own library and write it again with save_pretrained(..., safe_serialization=True)"
_LIBRARIES = {"diffusers", "transformers", "audioldm2"}  # the last is how an index names diffusers' own folder of it

#: What each layout needs: part -> the classes that it may be.
LAYOUTS: dict[str, dict[str, tuple[str, ...]]] = {
    "MusicLDMPipeline": {
        "vae": ("AutoencoderKL",),
        "unet": ("UNet2DConditionModel",),
        "vocoder": ("SpeechT5HifiGan",),
        "text_encoder": ("ClapModel",),
        "tokenizer": ("RobertaTokenizer", "RobertaTokenizerFast"),
        "scheduler": (),
    },
    "AudioLDM2Pipeline": {
        "vae": ("AutoencoderKL",),
        "unet": ("AudioLDM2UNet2DConditionModel",),
        "vocoder": ("SpeechT5HifiGan",),
        "text_encoder": ("ClapModel",),
        "text_encoder_2": ("T5EncoderModel",),
        "projection_model": ("AudioLDM2ProjectionModel",),
        "language_model": ("GPT2Model", "GPT2LMHeadModel"),
        "tokenizer": ("RobertaTokenizer", "RobertaTokenizerFast"),
        "tokenizer_2": ("T5Tokenizer", "T5TokenizerFast"),
        "scheduler": (),
    },
}
_WITHOUT_WEIGHTS = ("tokenizer", "tokenizer_2", "scheduler")


@dataclass(frozen=True)
class ModelFolder:
    """A folder that was looked at: its layout is known and every part that it needs is there."""

    path: Path
    layout: str

    @property
    def name(self) -> str:
        """What reports call the model: its folder."""
        return self.path.name

    def part(self, name: str) -> Path:
        """The folder of a part."""
        return self.path / name


def open_folder(path: Path) -> ModelFolder:
    """Look at a folder without reading any weights.

    Raises:
        BadWeights: no such folder, a layout that is not known, a part that is missing or of another class, or weights
            that are not one safetensors file.
    """
    index = _index(path)
    layout = str(index.get("_class_name"))
    if layout not in LAYOUTS:
        raise BadWeights(f"{path / INDEX} is of {layout}, which is not known; use one of {', '.join(LAYOUTS)}")
    for part, classes in LAYOUTS[layout].items():
        _check_class(path, part, index.get(part), classes)
        _check_files(path / part)
    return ModelFolder(path, layout)


def weights_file(part: str) -> str:
    """The name of a part's weights in its folder."""
    return "diffusion_pytorch_model.safetensors" if part in _OF_DIFFUSERS else "model.safetensors"


def _index(path: Path) -> dict[str, object]:
    file = path / INDEX
    try:
        index = json.loads(file.read_text(encoding="utf-8"))
    except OSError as exc:
        raise BadWeights(f"{file} cannot be read ({exc.strerror}); name a model's folder in diffusers' layout") from exc
    except ValueError as exc:
        raise BadWeights(f"{file} is not JSON; fetch the model again") from exc
    if not isinstance(index, dict):
        raise BadWeights(f"{file} is no index of a model; fetch it again")
    return index


def _check_class(path: Path, part: str, named: object, classes: tuple[str, ...]) -> None:
    """Hold a part's `[library, class]` in the index against what the layout asks for; () allows any class."""
    if not isinstance(named, list) or len(named) != 2 or named[1] is None:
        raise BadWeights(f"{path / INDEX} names no {part}; fetch the whole model")
    library, found = named
    if library not in _LIBRARIES or (classes and found not in classes):
        raise BadWeights(f"{path / part} is a {library}.{found}; this layout is known with {' or '.join(classes)}")


def _check_files(folder: Path) -> None:
    if not folder.is_dir():
        raise BadWeights(f"{folder} is missing; fetch the whole model")
    if folder.name in _WITHOUT_WEIGHTS:
        return
    if not (folder / CONFIG).is_file():
        raise BadWeights(f"{folder / CONFIG} is missing; fetch the whole model")
    weights = folder / weights_file(folder.name)
    if weights.is_file():
        return
    if list(folder.glob("*.safetensors.index.json")):
        raise BadWeights(f"{folder}: weights in several files are not read; {_MEND} and max_shard_size='100GB'")
    if any(list(folder.glob(f"*{suffix}")) for suffix in (".bin", ".pt", ".pth", ".ckpt")):
        raise BadWeights(f"{folder}: only pickled weights, which can carry code and are never opened; {_MEND}")
    raise BadWeights(f"{weights} is missing; fetch the whole model")
