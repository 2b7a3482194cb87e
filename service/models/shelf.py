"""The folder where pulled models stand, each in a folder of its name with a manifest."""

import re
from collections.abc import Mapping
from pathlib import Path

from schemas.manifest import MANIFEST
from service.errors import BadInput
from service.settings import PREFIX, ModelSettings

FOLDER, MIRROR = (PREFIX + name.upper() for name in ("models_dir", "mirror"))
AUDIO_INDEX = "model_index.json"  # in a published model of audio
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def models_folder(environment: Mapping[str, str]) -> Path:
    """Where models are kept: the folder that the environment names, or the user's data folder.

    Raises:
        BadInput: the environment names none, and the user has no home.
    """
    named, shared = ModelSettings.from_environment(environment).models_dir, environment.get("XDG_DATA_HOME")
    if named is not None:
        return named
    try:
        return (Path(shared) if shared else Path.home() / ".local" / "share") / "tonereel" / "models"
    except RuntimeError as exc:
        raise BadInput(f"there is no home to keep models in; set {FOLDER} to a folder") from exc


def shelved(shelf: Path) -> tuple[Path, ...]:
    """The folders of the models that are there, by name; what is still on its way is not."""
    if not shelf.is_dir():
        return ()
    return tuple(sorted(p for p in shelf.iterdir() if (p / MANIFEST).is_file() and not p.name.startswith(".")))


def place_on(shelf: Path, name: str) -> Path:
    """The folder of a model on a shelf.

    Raises:
        BadInput: the name is none of a folder.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name!r} is no model's name; a name has letters, digits, dots, dashes and underscores")
    return shelf / name


def use_of(folder: Path) -> str:
    """How a model is used: the variable that leads to it."""
    variable = PREFIX + ("AUDIO_MODEL" if (folder / AUDIO_INDEX).is_file() else "BUNDLE")
    return f"{variable}={folder}"
