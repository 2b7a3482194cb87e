"""The parts of a published model, built by diffusers and transformers from local safetensors; nothing is fetched."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from generators.audio.published.folder import ModelFolder
from generators.errors import BadWeights

MISSING = "needs the package diffusers; install it with: pip install 'tonereel[published]'"
_READ_ERRORS = (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError)


class Loadable(Protocol):
    """A class of diffusers or transformers that reads itself from a folder."""

    def from_pretrained(self, folder: str, **options: object) -> Any:
        """The object, or with `output_loading_info` also what did not fit."""


def load_part(folder: ModelFolder, part: str, kind: Loadable, **options: object) -> Any:
    """A module from its folder in float32, ready to be asked and without gradients.

    Raises:
        BadWeights: it is broken, or weights are missing or of other shapes.
    """
    from safetensors import SafetensorError

    place = folder.part(part)
    try:
        with _quiet():
            module, info = kind.from_pretrained(
                str(place), use_safetensors=True, local_files_only=True, output_loading_info=True, **options
            )
    except (*_READ_ERRORS, SafetensorError) as exc:
        raise BadWeights(f"{place} cannot be read ({_first_line(exc)}); fetch the model again") from exc
    lacking = [*info.get("missing_keys", ()), *(str(m) for m in info.get("mismatched_keys", ()))]
    if lacking:
        raise BadWeights(f"{place} does not fit its config: {sorted(lacking)[0]} is missing or of another shape")
    return module.float().eval().requires_grad_(False)


def load_tokenizer(folder: ModelFolder, part: str) -> Any:
    """A tokenizer of the class that its own folder names.

    Raises:
        BadWeights: it cannot be read.
    """
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(str(folder.part(part)), local_files_only=True)
    except (*_READ_ERRORS, ImportError) as exc:
        raise BadWeights(f"{folder.part(part)} cannot be read ({_first_line(exc)}); fetch the model again") from exc


class MelDecoder:
    """The VAE's decoder: latents [B C T W] to log-mel spectrograms [B 1 scale T bands]."""

    def __init__(self, folder: ModelFolder) -> None:
        """Load it.

        Raises:
            BadWeights: it cannot be read.
        """
        from diffusers import AutoencoderKL

        self._vae = load_part(folder, "vae", AutoencoderKL, low_cpu_mem_usage=False)
        self._vae.encoder = nn.Identity()  # music is only made here
        self.channels = int(self._vae.config.latent_channels)
        self.scale = 2 ** (len(self._vae.config.block_out_channels) - 1)
        self._factor = float(self._vae.config.scaling_factor)

    def __call__(self, latents: Tensor) -> Tensor:
        """Decode."""
        mel: Tensor = self._vae.decode(latents / self._factor).sample
        return mel


class Vocoder:
    """SpeechT5's HiFi-GAN: log-mel [B T bands] to samples [B T hop] at its own rate."""

    def __init__(self, folder: ModelFolder) -> None:
        """Load it.

        Raises:
            BadWeights: it cannot be read, or its rate is not one of music.
        """
        from transformers import SpeechT5HifiGan

        self._net = load_part(folder, "vocoder", SpeechT5HifiGan)
        config = self._net.config
        self.sample_rate, self.bands = int(config.sampling_rate), int(config.model_in_dim)
        self.hop_length = int(torch.tensor(config.upsample_rates).prod())
        if not 8_000 <= self.sample_rate <= 192_000:
            raise BadWeights(f"{folder.part('vocoder')}: a sampling_rate of {self.sample_rate} Hz is not one of music")
        frames_per_s = self.sample_rate / self.hop_length
        if not 20.0 <= frames_per_s <= 1_000.0:
            raise BadWeights(
                f"{folder.part('vocoder')}: {frames_per_s:.0f} frames a second do not go with its upsample_rates; "
                "its sampling_rate must be that of the mel spectrograms"
            )
        self._context = _reach(config) + 1

    def __call__(self, mel: Tensor, *, chunk: int = 1024) -> Tensor:
        """Sound, in chunks of frames whose seams are exact: each is made with all the neighbours that it hears."""
        n, pieces = mel.shape[1], []
        for start in range(0, n, chunk):
            first, last = max(0, start - self._context), min(n, start + chunk + self._context)
            sound = self._net(mel[:, first:last])
            begin = (start - first) * self.hop_length
            pieces.append(sound[:, begin : begin + min(chunk, n - start) * self.hop_length])
        return torch.cat(pieces, dim=1)


def _reach(config: Any) -> int:
    """How many frames to each side a frame's sound depends on: half of every kernel, at its own rate."""
    reach, rate = 3.0, 1.0  # the first convolution is 7 wide
    blocks = zip(config.resblock_kernel_sizes, config.resblock_dilation_sizes, strict=True)
    widest = max((k - 1) // 2 * (sum(dilations) + len(dilations)) for k, dilations in blocks)
    for up, kernel in zip(config.upsample_rates, config.upsample_kernel_sizes, strict=True):
        reach += kernel / up / rate  # a transposed convolution hears kernel / up steps of its input
        rate *= up
        reach += widest / rate
    return int(reach + 3.0 / rate) + 1


@contextmanager
def needing_diffusers(folder: ModelFolder) -> Iterator[None]:
    """Say how to mend it where the optional package is not installed."""
    try:
        yield
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] != "diffusers":
            raise
        raise BadWeights(f"{folder.path} {MISSING}") from exc


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the bars and remarks that both libraries write while they load; what matters is raised."""
    import diffusers.utils.logging as diffusers_log
    import transformers.utils.logging as transformers_log

    logs = (diffusers_log, transformers_log)
    levels, barred = [log.get_verbosity() for log in logs], transformers_log.is_progress_bar_enabled()
    try:
        transformers_log.disable_progress_bar()
        for log in logs:
            log.set_verbosity_error()
        yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.set_verbosity(level)
        if barred:
            transformers_log.enable_progress_bar()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
