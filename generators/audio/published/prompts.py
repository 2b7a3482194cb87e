"""Captions into what a U-Net is told, for the two layouts; the U-Net itself, told so."""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from generators.audio.published.folder import ModelFolder
from generators.audio.published.parts import load_part, load_tokenizer
from generators.audio.published.velocity import Predict
from generators.errors import BadWeights


class Backbone(Protocol):
    """A U-Net and the text side that it was trained with."""

    guidance: float  # what the model's authors sample with
    channels: int  # of the latents that it takes
    sample_size: int | None  # latent steps in time that it was trained on, where that is known

    def told(self, captions: Sequence[str]) -> Predict:
        """The net with one caption for each row of the batch; an empty one leaves it free."""


class MusicLdm:
    """MusicLDM (Chen et al. 2024): one CLAP point a caption, given to the net as its class."""

    guidance = 2.0

    def __init__(self, folder: ModelFolder) -> None:
        """Load U-Net, CLAP and tokenizer.

        Raises:
            BadWeights: a part cannot be read, or they do not fit one another.
        """
        from diffusers import UNet2DConditionModel

        self._unet = load_part(folder, "unet", UNet2DConditionModel, low_cpu_mem_usage=False)
        self._clap = _Clap(folder)
        self.channels, self.sample_size = _sizes(self._unet)
        wanted = self._unet.config.projection_class_embeddings_input_dim
        if wanted != self._clap.width:
            raise BadWeights(
                f"{folder.path}: the U-Net takes points of {wanted} numbers, CLAP's are {self._clap.width}"
            )

    def told(self, captions: Sequence[str]) -> Predict:
        """The net with its captions' points."""
        points = self._clap.points(captions)

        def predict(x: Tensor, k: Tensor) -> Tensor:
            out: Tensor = self._unet(x, k, encoder_hidden_states=None, class_labels=points.to(x)).sample
            return out

        return predict


class AudioLdm2:
    """AudioLDM 2 (Liu et al. 2024): CLAP and T5 lead a GPT-2 to eight vectors, and the net hears these and T5's."""

    guidance = 3.5

    def __init__(self, folder: ModelFolder) -> None:
        """Load U-Net, both text encoders, projection, language model and tokenizers.

        Raises:
            BadWeights: a part cannot be read.
        """
        from diffusers import AudioLDM2ProjectionModel, AudioLDM2UNet2DConditionModel
        from transformers import GPT2Model, T5EncoderModel

        self._unet = load_part(folder, "unet", AudioLDM2UNet2DConditionModel, low_cpu_mem_usage=False)
        self._clap = _Clap(folder)
        self._t5 = load_part(folder, "text_encoder_2", T5EncoderModel)
        self._t5_words = load_tokenizer(folder, "tokenizer_2")
        self._join = load_part(folder, "projection_model", AudioLDM2ProjectionModel, low_cpu_mem_usage=False)
        self._gpt2 = load_part(folder, "language_model", GPT2Model)
        self._new = int(getattr(self._gpt2.config, "max_new_tokens", None) or 8)
        self.channels, self.sample_size = _sizes(self._unet)

    def told(self, captions: Sequence[str]) -> Predict:
        """The net with what GPT-2 and T5 make of its captions."""
        words = self._t5_words(
            list(captions), padding=True, truncation=True, max_length=_limit(self._t5_words), return_tensors="pt"
        ).to(self._t5.device)
        mask = words.attention_mask
        heard = self._t5(words.input_ids, attention_mask=mask).last_hidden_state
        points = self._clap.points(captions)[:, None]
        joined = self._join(points, heard, mask.new_ones(len(points), 1), mask)
        thought = self._continued(joined.hidden_states, joined.attention_mask)

        def predict(x: Tensor, k: Tensor) -> Tensor:
            out: Tensor = self._unet(
                x, k, encoder_hidden_states=thought, encoder_hidden_states_1=heard, encoder_attention_mask_1=mask
            ).sample
            return out

        return predict

    def _continued(self, x: Tensor, mask: Tensor) -> Tensor:
        """The vectors [B n D] with which the language model goes on after x [B L D]."""
        for _ in range(self._new):
            last = self._gpt2(inputs_embeds=x, attention_mask=mask, use_cache=False).last_hidden_state[:, -1:]
            x, mask = torch.cat([x, last], dim=1), torch.cat([mask, mask.new_ones(len(mask), 1)], dim=1)
        return x[:, -self._new :]


class _Clap:
    """LAION's CLAP, its text side: captions to unit vectors [B D]."""

    def __init__(self, folder: ModelFolder) -> None:
        from transformers import ClapModel

        self._clap = load_part(folder, "text_encoder", ClapModel)
        del self._clap.audio_model  # two thirds of the weights, and nothing is listened to
        self._words = load_tokenizer(folder, "tokenizer")
        self.width = int(self._clap.config.projection_dim)

    def points(self, captions: Sequence[str]) -> Tensor:
        words = self._words(
            list(captions), padding="max_length", truncation=True, max_length=_limit(self._words), return_tensors="pt"
        ).to(self._clap.device)
        found = self._clap.get_text_features(words.input_ids, attention_mask=words.attention_mask)
        points: Tensor = found if isinstance(found, Tensor) else found.pooler_output  # transformers 4, 5
        return points


def _limit(tokenizer: Any) -> int:
    """How many tokens a text may have; a tokenizer that knows no limit gets the 512 of both families."""
    return min(int(tokenizer.model_max_length), 512)


def _sizes(unet: Any) -> tuple[int, int | None]:
    size = unet.config.sample_size
    return int(unet.config.in_channels), int(size[0] if isinstance(size, list | tuple) else size) if size else None
