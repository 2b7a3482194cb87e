"""Scores to latents and back: the codec with its rules around it, harmony first."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generators.flow.checkpoint import load_module
from generators.score.bars import NO_CHORD, ROWS, STEPS, BarRolls, decode_chords, encode_chords, from_rolls, to_rolls
from generators.score.codec import CHORD_WIDTH, Codec, CodecConfig, chord_features
from generators.score.given import Given
from generators.score.score import QUALITIES, ROLES, Chord, Key, Metre, Note, Role, Score

SOUNDING = [i for i, role in enumerate(ROLES) if role is not Role.EFFECTS]
NEARLY_AS_LIKELY = 0.5  # in logits: what else begins in a bar that would be silent without its likeliest onset
_HALF = CHORD_WIDTH // 2


def roll_tensor(onset: Tensor, sustain: Tensor, velocity: Tensor) -> Tensor:
    """Rolls [... 16 88], [... 16 88], [... 16] -> the codec's input [... 16 177]."""
    return torch.cat([onset.float(), sustain.float(), velocity.float()[..., None] / 127.0], dim=-1)


def known_features(chords: Tensor, role: Tensor) -> Tensor:
    """What both sides of the codec are told: chords int [N 2 2] and role int [N] -> [N CHORD_WIDTH + R]."""
    return torch.cat([chord_features(chords), torch.nn.functional.one_hot(role.long(), len(ROLES)).float()], dim=-1)


class ScoreCodec:
    """Encode a score to normalised latents [T C]; decode latents to notes and chords. Decoding is deterministic."""

    def __init__(self, codec: Codec) -> None:
        self.codec = codec.eval()

    @classmethod
    def load(cls, path: Path) -> "ScoreCodec":
        """From a bundle's file."""
        return cls(load_module(path, Codec, CodecConfig))

    @torch.inference_mode()
    def encode(self, score: Score) -> NDArray[np.float32]:
        """Latent means [T C], zero mean and unit variance over the training corpus."""
        rolls = to_rolls(
            {r: list(n) for r, n in score.parts.items()},
            score.chords,
            bars=score.bars,
            metre=score.metre,
            key=score.key,
        )
        return self.encode_rolls(rolls)

    @torch.inference_mode()
    def encode_rolls(self, rolls: BarRolls) -> NDArray[np.float32]:
        """Latent means [T C] of rolls."""
        bars, roles = rolls.onset.shape[:2]
        inputs = roll_tensor(*(torch.from_numpy(a) for a in (rolls.onset, rolls.sustain, rolls.velocity)))
        chords = torch.from_numpy(rolls.chords)
        role = torch.arange(roles).repeat(bars)
        known = known_features(chords.repeat_interleave(roles, 0), role)
        mean, _ = self.codec.bar.encode(inputs.flatten(0, 1), known)
        harmony, _ = self.codec.harmony.encode(chord_features(chords))
        latents = torch.cat([harmony, mean.unflatten(0, (bars, roles)).flatten(1)], dim=1)
        out: NDArray[np.float32] = ((latents - self.codec.latent_mean) / self.codec.latent_std).numpy()
        return out

    @torch.inference_mode()
    def decode(
        self,
        latents: NDArray[np.float32],
        *,
        metre: Metre,
        key: Key,
        least_logit: float = 0.0,
        silence: bool = True,
        given: Given | None = None,
    ) -> tuple[dict[Role, tuple[Note, ...]], tuple[Chord | None, ...]]:
        """Notes by role and chords, in the given key; a note sounds where its logit is over `least_logit`.

        Without `silence`, a bar in which nothing would sound gets its likeliest onsets. Chords that are given are the
        ones that the notes are written to, whatever the latents say.
        """
        x = torch.from_numpy(latents) * self.codec.latent_std + self.codec.latent_mean
        chords = self._decode_chords(x[:, self.codec.groups[0]])
        if given is not None:
            asked = torch.from_numpy(encode_chords(given.score.chords, key.normal_shift).astype(np.int64))
            chords = torch.where(torch.from_numpy(given.cells[:, 0])[:, None, None], asked, chords)
        bars, roles = len(x), len(ROLES)
        per_role = x[:, self.codec.config.harmony :].unflatten(1, (roles, -1)).flatten(0, 1)
        known = known_features(chords.repeat_interleave(roles, 0), torch.arange(roles).repeat(bars))
        out = self.codec.bar.decode(per_role, known).unflatten(0, (bars, roles))
        rolls = BarRolls(
            (out[..., :ROWS] > least_logit).numpy(),
            (out[..., ROWS : 2 * ROWS] > least_logit).numpy(),
            (out[..., -1] * 127.0).round().clamp(1, 127).to(torch.uint8).numpy(),
            chords.numpy().astype(np.int16),
        )
        rolls.onset[:, :, metre.steps_per_bar : STEPS] = False
        parts = from_rolls(rolls, metre=metre, key=key)
        if not silence:
            silent = silent_bars(parts, bars=bars, metre=metre)
            onsets = out[:, SOUNDING, : metre.steps_per_bar, :ROWS]
            likely = onsets > onsets.flatten(1).amax(1)[:, None, None, None] - NEARLY_AS_LIKELY
            likely[~torch.from_numpy(silent)] = False
            rolls.onset[:, SOUNDING, : metre.steps_per_bar] |= likely.numpy()
            parts = from_rolls(rolls, metre=metre, key=key) if silent.any() else parts
        return parts, decode_chords(rolls.chords, key.normal_shift)

    def _decode_chords(self, latent: Tensor) -> Tensor:
        logits = self.codec.harmony.decode(latent).unflatten(-1, (2, _HALF))
        root = logits[..., : NO_CHORD + 1].argmax(-1)
        quality = logits[..., NO_CHORD + 1 : NO_CHORD + 1 + len(QUALITIES)].argmax(-1)
        return torch.stack([root, quality], dim=-1)


def silent_bars(parts: dict[Role, tuple[Note, ...]], *, bars: int, metre: Metre) -> NDArray[np.bool_]:
    """Which bars [T] nothing but effects sounds in."""
    silent = np.ones(bars, dtype=bool)
    for role, notes in parts.items():
        for note in notes if role is not Role.EFFECTS else ():
            silent[note.onset // metre.steps_per_bar : -(-(note.onset + note.duration) // metre.steps_per_bar)] = False
    return silent
