"""Laws of tuning: low bins turn by the partials that a score puts there, and by nothing where it puts none."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.audio.inverse import agreed
from generators.audio.mel import MelConfig, left_right, mid_side, spectrum
from generators.audio.phase import PhaseWalk
from generators.audio.sketch import Orchestra
from generators.audio.timbre import AGES_S, LOWEST_DB, Timbre
from generators.audio.tuning import BINS, Tuning, tuned, tuning_of
from generators.audio.vocoder import Spectra, VocoderConfig
from generators.render.palette import Palette, Part, Voice
from generators.score.performance import Performance, TimedNote
from generators.score.score import KICK, Role
from generators.score.style import Style

MEL = MelConfig()
PART_S = MEL.hop / MEL.sample_rate
BIN_HZ = MEL.sample_rate / MEL.n_fft
PARTS = 80


def even(*, pitched: bool = True) -> Timbre:
    """As loud in all bands, all the time."""
    levels_db = np.full((61, len(AGES_S), MEL.bands), -20.0, np.float32)
    return Timbre(levels_db, np.full(MEL.bands, LOWEST_DB, np.float32), 30, 0.1, pitched)


def tuning(loop: bool = False, **notes: list[TimedNote]) -> Tuning:
    """Of a duo of lead and drums."""
    parts = {Role.LEAD: Part((Voice("piano"),), send=0.0), Role.DRUMS: Part((Voice("kit"),), send=0.0)}
    orchestra = Orchestra(Palette("duo", Style.LOFI, parts), {"piano": even(), "kit": even(pitched=False)})
    performance = Performance(PARTS * PART_S, {Role(role): tuple(played) for role, played in notes.items()}, loop)
    return tuning_of(orchestra, performance, parts=PARTS, part_s=PART_S)


@settings(max_examples=25)
@given(st.integers(33, 70))
def test_a_bin_turns_by_the_fundamental_that_lies_in_it(pitch: int) -> None:
    hz = 440.0 * 2.0 ** ((pitch - 69) / 12)
    nearest = round(hz / BIN_HZ)

    made = tuning(lead=[TimedNote(0.0, PARTS * PART_S, pitch, 100)])[40, nearest]

    turned_hz = np.angle(made) / (2 * np.pi * PART_S) + nearest * BIN_HZ
    assert turned_hz == pytest.approx(hz, abs=0.6 if hz > 4 * BIN_HZ else 8.0)
    assert abs(made) > 0.5


def test_what_nobody_plays_is_not_known() -> None:
    assert not tuning().any()
    made = np.abs(tuning(lead=[TimedNote(0.5, 0.2, 69, 100)]))
    assert not made[: int(0.5 / PART_S)].any()
    assert made[int(0.6 / PART_S), 20] > 0.9
    assert made[int(0.6 / PART_S), 10] < 0.01


def test_drums_hide_what_notes_say() -> None:
    note, hit = TimedNote(0.0, PARTS * PART_S, 57, 80), TimedNote(0.4, 0.1, KICK, 127)

    alone, together = (np.abs(tuning(lead=[note], drums=hits))[:, 10] for hits in ([], [hit]))

    struck = int(0.45 / PART_S)
    assert together[struck] < 0.5 * alone[struck]
    assert together[: int(0.4 / PART_S)] == pytest.approx(alone[: int(0.4 / PART_S)], abs=1e-5)


def test_in_a_loop_what_lasts_over_the_end_is_known_at_the_start() -> None:
    note = TimedNote((PARTS - 4) * PART_S, 10 * PART_S, 57, 100)

    once, looped = (np.abs(tuning(loop=loop, lead=[note])) for loop in (False, True))

    assert not once[:6].any()
    assert looped[3, 10] > 0.5


def test_a_bass_that_is_told_nothing_but_its_score_is_in_tune() -> None:
    """A walk along the turns of a score alone gives the pitch to a hundredth of a semitone."""
    hz, config = 55.0, VocoderConfig(phased=64, shaped=64, anchored=8)
    t = torch.arange(PARTS * MEL.hop) / MEL.sample_rate
    wave = 0.3 * torch.sin(2 * math.pi * hz * t)
    level = spectrum(mid_side(torch.stack([wave, wave])), MEL).abs().clamp(min=1e-5).log()[None]
    nothing = torch.zeros(1, 2, 64, PARTS, dtype=torch.complex64)
    told = Spectra(level, nothing, nothing, nothing[:, 0], nothing[:, 0, :8])

    known = tuned(told, tuning(lead=[TimedNote(0.0, PARTS * PART_S, 33, 100)]))

    sound = left_right(agreed(PhaseWalk(config).along(known), MEL, 0))[0]
    around = torch.fft.rfft(sound[10 * MEL.hop : -10 * MEL.hop] * torch.hann_window(60 * MEL.hop), 1 << 19).abs()
    found_hz = float(around.argmax()) * MEL.sample_rate / (1 << 19)
    assert 12.0 * math.log2(found_hz / hz) == pytest.approx(0.0, abs=0.05)
    assert known.turn.shape == told.turn.shape
    assert not known.turn[:, :, BINS:].any()
