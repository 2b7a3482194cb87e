"""What effects sound like in bands: they are synthesised, always in the same way."""

from functools import lru_cache

import torch

from generators.audio.acoustics import Floats
from generators.audio.mel import MelConfig, mel_filters, mel_of, mid_side, spectrum
from generators.render.effects import LEADING, effect_frames, render_effect
from generators.score.performance import TimedNote
from generators.score.score import EFFECTS, Effect


def struck(note: TimedNote, frame_s: float) -> tuple[float, Floats]:
    """When the effect of a note begins, in seconds, and its energies [F 2 BANDS]; some lead to the note's end."""
    effect = EFFECTS[note.pitch % len(EFFECTS)]
    energies = _energies(effect, effect_frames(effect, note.duration_s, MelConfig().sample_rate))
    leads_s = note.duration_s - len(energies) * frame_s if effect in LEADING else 0.0
    return note.onset_s + leads_s, energies


@lru_cache(maxsize=64)
def _energies(effect: Effect, samples: int) -> Floats:
    config = MelConfig()
    sound = torch.from_numpy(render_effect(effect, samples, config.sample_rate))
    sound = torch.nn.functional.pad(sound, (0, -samples % config.hop))
    levels = mel_of(mid_side(spectrum(sound, config), dim=0).abs(), mel_filters(config))
    energies: Floats = levels.mul(2.0).exp().permute(2, 0, 1).numpy()
    return energies
