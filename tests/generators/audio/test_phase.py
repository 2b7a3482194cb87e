"""Laws of the walk: true directions give the sound back; nothing told gives noise; pieces make the whole."""

import math

import torch
from torch import Tensor

from generators.audio.inverse import agreed
from generators.audio.mel import FLOOR, MelConfig, left_right, mid_side, spectrum
from generators.audio.phase import NOISE_FRAMES, PhaseWalk, noise_phases
from generators.audio.vocoder import Spectra, VocoderConfig

PHASED = 1024
CONFIG = VocoderConfig(phased=PHASED, shaped=PHASED, anchored=8)
MEL = MelConfig()


def _sure(product: Tensor) -> Tensor:
    return 0.97 * product / (product.abs() + 1e-14)


def _truth(pair: Tensor) -> Spectra:
    """What a perfect vocoder would tell of spectra [2 bins F], but for the phase itself."""
    now = pair[None, :, :PHASED]
    own = torch.exp(-0.5j * torch.pi * (torch.arange(PHASED) % 4))[:, None]
    turn = torch.zeros_like(now)
    turn[..., 1:] = _sure(now[..., 1:] * now[..., :-1].conj() * own)
    lean = _sure(-pair[None, :, 1:] * now.conj())
    cross = _sure(now[:, 1] * now[:, 0].conj())
    anchor = torch.zeros(1, CONFIG.anchored, pair.shape[-1], dtype=torch.complex64)
    return Spectra(pair[None].abs().clamp(min=FLOOR).log(), turn, lean, cross, anchor)


def _chord(samples: int) -> Tensor:
    """Three tones between bins, in different places between left and right."""
    t = torch.arange(samples) / MEL.sample_rate
    tones = [torch.sin(2 * math.pi * hz * t + hz) for hz in (221.3, 447.9, 1013.7)]
    left = 0.2 * tones[0] + 0.1 * tones[1] + 0.05 * tones[2]
    return torch.stack([left, 0.2 * tones[0] - 0.05 * tones[1] + 0.1 * tones[2]])


def _misfit_db(made: Tensor, true: Tensor) -> float:
    """Distance of magnitudes of two sounds [2 N] in dB below the true one."""
    a, b = (spectrum(mid_side(x), MEL).abs() for x in (made, true))
    return 20.0 * math.log10(float((a - b).norm() / b.norm()))


def test_a_walk_along_true_directions_gives_the_sound_back() -> None:
    sound = _chord(40 * MEL.hop)
    pair = spectrum(mid_side(sound), MEL)

    made = left_right(agreed(PhaseWalk(CONFIG).along(_truth(pair)), MEL, 0))

    assert _misfit_db(made, sound) < -25.0


def test_without_directions_a_tone_becomes_rough() -> None:
    sound = _chord(40 * MEL.hop)
    pair = spectrum(mid_side(sound), MEL)
    told = _truth(pair)
    nothing = Spectra(told.level, *(0.0 * x for x in (told.turn, told.lean, told.cross, told.anchor)))

    made = left_right(agreed(PhaseWalk(CONFIG).along(nothing), MEL, 0))

    assert _misfit_db(made, sound) > -10.0


def test_a_walk_in_pieces_is_the_whole_walk() -> None:
    told = _truth(spectrum(mid_side(_chord(23 * MEL.hop)), MEL))
    whole = PhaseWalk(CONFIG).along(told)
    walk = PhaseWalk(CONFIG)

    parts = [
        walk.along(Spectra(**{name: value[..., a:b] for name, value in vars(told).items()}))
        for a, b in ((0, 1), (1, 9), (9, 23))
    ]

    assert torch.equal(torch.cat(parts, dim=-1), whole)


def test_magnitudes_stay_what_was_told() -> None:
    told = _truth(spectrum(mid_side(_chord(9 * MEL.hop)), MEL))

    walked = PhaseWalk(CONFIG).along(told)

    assert torch.allclose(walked.abs(), told.level[0].exp(), rtol=1e-4)


def test_an_anchor_tells_the_phase_outright() -> None:
    sound = _chord(20 * MEL.hop)
    pair = spectrum(mid_side(sound), MEL)
    told = _truth(pair)
    signs = 1.0 - 2.0 * (torch.arange(CONFIG.anchored) % 2)[:, None]
    anchored = Spectra(
        told.level, 0.0 * told.turn, 0.0 * told.lean, told.cross, _sure(pair[None, 0, : CONFIG.anchored] * signs)
    )

    walked = PhaseWalk(CONFIG).along(anchored)[0, : CONFIG.anchored]

    true = pair[0, : CONFIG.anchored]
    agreement = (walked * true.conj()).real / (walked.abs() * true.abs())
    assert float(agreement.min()) > 0.95


def test_noise_goes_round_without_a_seam() -> None:
    phases = noise_phases(MEL)
    around = torch.cat([phases[..., -6:], phases[..., :6]], dim=-1)
    apart = torch.cat([phases[..., 100:106], phases[..., :6]], dim=-1)

    def fits(frames: Tensor) -> float:
        sound = agreed(frames, MEL, 0)
        return float((spectrum(sound, MEL)[..., 3:-3].abs() - 1.0).abs().mean())

    assert phases.shape == (2, MEL.bins, NOISE_FRAMES)
    assert torch.allclose(phases.abs(), torch.tensor(1.0), atol=1e-4)
    assert fits(around) < fits(apart)
