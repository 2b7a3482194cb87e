"""The audio codec: sound to latents and back, in blocks, so that memory does not grow with the length of the piece."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from generators.audio.inverse import Inverse
from generators.audio.kept import Kept
from generators.audio.mel import CHANNELS, check, log_mel, mel_filters
from generators.audio.phase import PhaseWalk
from generators.audio.tuning import Tuning, tuned
from generators.audio.vae import FRAMES, MelVae, MelVaeConfig
from generators.audio.vae import VERSION as CODEC_VERSION
from generators.audio.vocoder import VERSION as VOCODER_VERSION
from generators.audio.vocoder import Spectra, Vocoder, VocoderConfig
from generators.errors import BadWeights, InvalidAudio
from generators.flow.checkpoint import load_module
from generators.waveform import Waveform

CODEC_FILE, VOCODER_FILE = "codec.safetensors", "vocoder.safetensors"
BLOCK = 192  # latents that are worked on at once: 8.9 s

Latents = NDArray[np.float32]


@dataclass(frozen=True)
class AudioCodec:
    """Stereo at `sample_rate` to whitened latents float32 [T C], T = N / hop_length rounded up, and back.

    Raises:
        BadWeights: codec and vocoder do not belong together.
    """

    vae: MelVae
    vocoder: Vocoder

    def __post_init__(self) -> None:
        if self.vae.config.mel != self.vocoder.config.mel:
            raise BadWeights("the codec and the vocoder were trained on different spectra; fetch the bundle again")

    @classmethod
    def load(cls, folder: Path) -> "AudioCodec":
        """Read the two files of a bundle's `audio` folder.

        Raises:
            BadWeights: a file is missing, damaged, of a version that is not known, or does not fit the other.
        """
        vae = load_module(folder / CODEC_FILE, MelVae, MelVaeConfig)
        vocoder = load_module(folder / VOCODER_FILE, Vocoder, VocoderConfig)
        _known(folder / CODEC_FILE, vae.config.version, CODEC_VERSION)
        _known(folder / VOCODER_FILE, vocoder.config.version, VOCODER_VERSION)
        return cls(vae, vocoder)

    @property
    def sample_rate(self) -> int:
        """In Hz."""
        return self.vae.config.sample_rate

    @property
    def hop_length(self) -> int:
        """Samples that one latent stands for."""
        return FRAMES * self.vae.config.hop

    @property
    def channels(self) -> int:
        """Numbers in one latent."""
        return self.vae.config.channels

    @torch.inference_mode()
    def encode(self, sound: Waveform) -> Latents:
        """Stereo (or mono, taken as both sides) -> whitened latents [T C].

        Raises:
            InvalidAudio: the sound is at another sample rate, shorter than one latent, or not finite.
        """
        if sound.sample_rate != self.sample_rate:
            raise InvalidAudio(f"the sound is at {sound.sample_rate} Hz; resample it to {self.sample_rate} Hz")
        samples = torch.from_numpy(np.ascontiguousarray(sound.samples, dtype=np.float32))
        samples = samples.expand(CHANNELS, -1) if samples.ndim == 2 and len(samples) == 1 else samples
        check(samples)
        if samples.shape[1] < self.hop_length:
            raise InvalidAudio(f"{samples.shape[1]} samples are too short; give at least {self.hop_length}")
        filters, hop, reach = mel_filters(self.vae.config.mel), self.hop_length, self.vae.config.reach
        blocks = []
        for start, end, first, last in _blocks(-(-samples.shape[1] // hop), BLOCK, reach):
            part = samples[:, first * hop : last * hop]
            part = functional.pad(part, (0, (last - first) * hop - part.shape[1]))
            mean = self.vae.encode(log_mel(part, self.vae.config.mel, filters)[None])
            blocks.append(self.vae.whiten(mean)[0, :, start - first : end - first].T)
        latents: Latents = torch.cat(blocks).numpy()
        return latents

    def decode(
        self, latents: Latents, n_samples: int, tuning: Tuning | None = None, *, kept: Kept | None = None
    ) -> Waveform:
        """Whitened latents [T C] -> the first `n_samples` of their sound.

        It is in tune with a score [4 T BINS] if given, and joins what is kept of a recording in some of the 4 T frames.

        Raises:
            InvalidAudio: latents of another width, that are not finite, or that are too few for the samples; a tuning
                or a recording of another length.
        """
        pieces = list(self.decode_stream(latents, n_samples, tuning=tuning, kept=kept))
        return Waveform(np.concatenate(pieces, axis=1), self.sample_rate)

    def decode_stream(
        self,
        latents: Latents,
        n_samples: int,
        *,
        tuning: Tuning | None = None,
        kept: Kept | None = None,
        block: int = BLOCK,
    ) -> Iterator[NDArray[np.float32]]:
        """The same sound in pieces float32 [2 n], as they get ready; `block` latents are worked on at once."""
        self._check(latents, n_samples)
        _check_frames(FRAMES * len(latents), tuning, kept)
        across = torch.from_numpy(np.ascontiguousarray(latents.T, dtype=np.float32))
        return _first(n_samples, self._pieces(across, tuning, kept, block))

    def _pieces(self, latents: Tensor, tuning: Tuning | None, kept: Kept | None, block: int) -> Iterator[Tensor]:
        walk, inverse = PhaseWalk(self.vocoder.config), Inverse(self.vocoder.config.mel)
        reach = self.vae.config.reach + -(-self.vocoder.config.reach // FRAMES)
        for start, end, first, last in _blocks(latents.shape[1], block, reach):
            with torch.inference_mode():
                told = self._told(latents[:, first:last], FRAMES * (start - first), FRAMES * (end - first))
                told = told if tuning is None else tuned(told, tuning[FRAMES * start : FRAMES * end])
                part = None if kept is None else kept.frames(FRAMES * start, FRAMES * end, self.vocoder.config.mel)
                fixed = None if part is None else part.fixed(self.vocoder.config.mel.bins)
                ready = inverse.push(walk.along(told, part), fixed)
                if end == latents.shape[1]:
                    ready = torch.cat([ready, inverse.finish()], dim=1)
            yield ready

    def _told(self, latents: Tensor, start: int, end: int) -> Spectra:
        """Spectra of frames start..end of a stretch of latents [C T]."""
        views = self.vae.decode(self.vae.colour(latents[None]))
        told = self.vocoder(views)
        return Spectra(**{name: value[..., start:end] for name, value in vars(told).items()})

    def _check(self, latents: Latents, n_samples: int) -> None:
        if latents.ndim != 2 or latents.shape[1] != self.channels:
            raise InvalidAudio(f"latents of shape {latents.shape} are not [T {self.channels}]")
        if not 0 < n_samples <= len(latents) * self.hop_length:
            most = len(latents) * self.hop_length
            raise InvalidAudio(f"{len(latents)} latents hold 1 to {most} samples, not {n_samples}")
        if not np.isfinite(latents).all():
            raise InvalidAudio("the latents hold values that are not numbers")


def _check_frames(frames: int, tuning: Tuning | None, kept: Kept | None) -> None:
    if tuning is not None and len(tuning) != frames:
        raise InvalidAudio(f"the tuning is for {len(tuning)} spectra, the latents make {frames}")
    if kept is not None and kept.count != frames:
        raise InvalidAudio(f"a recording of {kept.count} spectra is to be kept, the latents make {frames}")


def _first(n_samples: int, pieces: Iterator[Tensor]) -> Iterator[NDArray[np.float32]]:
    """The first samples of pieces, none of them empty."""
    for ready in pieces:
        piece: NDArray[np.float32] = ready[:, :n_samples].numpy()
        n_samples -= piece.shape[1]
        if piece.shape[1]:
            yield piece


def _blocks(total: int, block: int, reach: int) -> Iterator[tuple[int, int, int, int]]:
    """Start and end of each block, and where the stretch around it that it can see starts and ends."""
    for start in range(0, total, block):
        end = min(start + block, total)
        yield start, end, max(0, start - reach), min(total, end + reach)


def _known(path: Path, version: int, known: int) -> None:
    if version != known:
        raise BadWeights(
            f"{path} is of version {version}, this build reads {known}; update it or fetch the bundle again"
        )
