"""An audio engine of a user's own training, from a folder that may hold as little as additions to the bundle's flow."""

from pathlib import Path

from generators.audio.codec import CODEC_FILE, AudioCodec
from generators.audio.engine import FLOW, AudioEngine
from generators.audio.timbre import TIMBRES_FILE, load_timbres
from generators.flow.checkpoint import load_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.lora import LORA, load_lora, merged
from generators.flow.parts import files_of


def load_own(folder: Path, bundle: Path) -> AudioEngine:
    """The flow of `folder`, or its additions over the flow of `bundle`; codec and timbres of `folder` or else `bundle`.

    Where there are additions, in the flow or beside it, the engine is adapted.

    Raises:
        BadWeights: a file is missing or damaged, or parts were made for others than these.
    """
    whole = bool(files_of(folder / FLOW))
    net = load_module(folder / FLOW, DiT, DiTConfig) if whole else merged(load_lora(folder / LORA, bundle / FLOW))
    home = folder if files_of(folder / CODEC_FILE) else bundle
    known = folder if (folder / TIMBRES_FILE).exists() else bundle
    adapted = bool(files_of(folder / LORA))
    return AudioEngine(AudioCodec.load(home), net, load_timbres(known / TIMBRES_FILE), adapted=adapted)
