"""Tiny random models in the published layouts, built and written by diffusers itself."""

from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AudioLDM2Pipeline,
    AudioLDM2ProjectionModel,
    AudioLDM2UNet2DConditionModel,
    AutoencoderKL,
    DDIMScheduler,
    MusicLDMPipeline,
    UNet2DConditionModel,
)
from transformers import (
    ClapConfig,
    ClapModel,
    GPT2Config,
    GPT2LMHeadModel,
    RobertaTokenizer,
    SpeechT5HifiGan,
    SpeechT5HifiGanConfig,
    T5Config,
    T5EncoderModel,
    T5Tokenizer,
)

SAMPLE_RATE, HOP, BANDS, SCALE, WINDOW, CHANNELS = 16_000, 40, 8, 2, 32, 4
CAPTION = "a slow waltz for strings"
#: The scheduler that both families are published with.
PUBLISHED = {
    "beta_schedule": "scaled_linear",
    "beta_start": 0.0015,
    "beta_end": 0.0195,
    "clip_sample": False,
    "set_alpha_to_one": False,
    "steps_offset": 1,
}
_DOWN, _UP = ("DownBlock2D", "CrossAttnDownBlock2D"), ("CrossAttnUpBlock2D", "UpBlock2D")


def write_musicldm(folder: Path) -> MusicLDMPipeline:
    """Write one with 32 latent steps of training length, and return the library's own pipeline of it."""
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        **_unet(),
        cross_attention_dim=(16, 32),
        class_embed_type="simple_projection",
        projection_class_embeddings_input_dim=16,
        class_embeddings_concat=True,
    )
    pipeline = MusicLDMPipeline(
        vae=_vae(), unet=unet, vocoder=_vocoder(), text_encoder=_clap(), tokenizer=_roberta(), feature_extractor=None,
        scheduler=DDIMScheduler(**PUBLISHED),
    )  # fmt: skip
    return _written(pipeline, folder)


def write_audioldm2(folder: Path) -> AudioLDM2Pipeline:
    """Write one with 32 latent steps of training length, and return the library's own pipeline of it."""
    torch.manual_seed(0)
    gpt2 = GPT2Config(n_embd=16, n_head=2, n_layer=2, n_ctx=99, n_positions=99, vocab_size=10)
    gpt2.max_new_tokens = 8
    pipeline = AudioLDM2Pipeline(
        vae=_vae(),
        unet=AudioLDM2UNet2DConditionModel(**_unet(), cross_attention_dim=[[None, 16, 32], [None, 16, 32]]),
        vocoder=_vocoder(),
        text_encoder=_clap(),
        text_encoder_2=T5EncoderModel(T5Config(vocab_size=40, d_model=32, d_ff=37, d_kv=8, num_heads=4, num_layers=2)),
        projection_model=AudioLDM2ProjectionModel(text_encoder_dim=16, text_encoder_1_dim=32, langauge_model_dim=16),
        language_model=GPT2LMHeadModel(gpt2),
        tokenizer=_roberta(),
        tokenizer_2=T5Tokenizer(
            vocab=[("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *((c, -2.0) for c in "▁abcdefghijklmnopqrstuvwxyz")],
            extra_ids=0,
            model_max_length=64,
        ),
        feature_extractor=None,
        scheduler=DDIMScheduler(**PUBLISHED),
    )
    return _written(pipeline, folder)


def _written(pipeline: Any, folder: Path) -> Any:
    pipeline.save_pretrained(folder)
    for part in pipeline.components.values():
        if isinstance(part, torch.nn.Module):
            part.eval()
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _unet() -> dict[str, Any]:
    return {
        "block_out_channels": (16, 32), "layers_per_block": 1, "sample_size": WINDOW, "in_channels": CHANNELS,
        "out_channels": CHANNELS, "norm_num_groups": 8, "down_block_types": _DOWN, "up_block_types": _UP,
        "attention_head_dim": 4,
    }  # fmt: skip


def _vae() -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 16), in_channels=1, out_channels=1, norm_num_groups=8, latent_channels=CHANNELS,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, scaling_factor=0.9,
    )  # fmt: skip


def _vocoder() -> SpeechT5HifiGan:
    config = SpeechT5HifiGanConfig(
        model_in_dim=BANDS, sampling_rate=SAMPLE_RATE, upsample_initial_channel=16, upsample_rates=[5, 8],
        upsample_kernel_sizes=[16, 16], resblock_kernel_sizes=[3, 7], normalize_before=False,
        resblock_dilation_sizes=[[1, 3, 5], [1, 3, 5]], initializer_range=0.2,
    )  # fmt: skip
    return SpeechT5HifiGan(config)


def _clap() -> ClapModel:
    text = {
        "vocab_size": 262, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
        "intermediate_size": 37, "projection_dim": 16, "max_position_embeddings": 80, "pad_token_id": 1,
        "initializer_range": 1.0,
    }  # fmt: skip
    audio = {
        "spec_size": 64, "window_size": 4, "num_mel_bins": 64, "intermediate_size": 37, "depths": [1, 1],
        "num_attention_heads": [2, 2], "num_hidden_layers": 2, "hidden_size": 64, "patch_size": 2, "patch_stride": 2,
        "patch_embeds_hidden_size": 32, "projection_dim": 16,
    }  # fmt: skip
    return ClapModel(ClapConfig(text_config=text, audio_config=audio, projection_dim=16))


def _roberta() -> RobertaTokenizer:
    """One token a character: RoBERTa's pieces, none of them merged."""
    from tokenizers.pre_tokenizers import ByteLevel

    pieces = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *sorted(ByteLevel.alphabet())]
    return RobertaTokenizer({piece: i for i, piece in enumerate(pieces)}, [], model_max_length=64)
