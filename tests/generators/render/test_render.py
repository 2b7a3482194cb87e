"""Laws of the whole renderer: length, sum of stems, loudness, peak, ending, loop, timing."""

import numpy as np
import pyloudnorm
import pytest
from scipy import signal

from generators.render.bank import NoteBank
from generators.render.render import Mix, palette_for, render, render_dry, render_mix
from generators.score.performance import Performance, TimedNote
from generators.score.score import EFFECTS, Effect, Role
from generators.score.style import STYLES, Style
from tests.generators.render.measure import level_db

RATE = 44100


def piece(duration_s: float = 4.0, loop: bool = False) -> Performance:
    """A bar of a band: chords, melody, bass, a beat and a hit."""
    chord = [TimedNote(0.0, 1.4, p, 80) for p in (60, 64, 67)] + [TimedNote(1.5, 1.4, p, 84) for p in (57, 60, 65)]
    lead = [TimedNote(0.4 * i, 0.35, p, 90 + 3 * i) for i, p in enumerate((72, 74, 76, 79, 76, 74, 72))]
    bass = [TimedNote(0.0, 1.4, 36, 100), TimedNote(1.5, 1.4, 41, 100)]
    drums = [TimedNote(0.5 * i, 0.2, (36, 42, 38, 42)[i % 4], 100) for i in range(6)]
    parts = {
        Role.LEAD: tuple(lead),
        Role.COUNTER: (TimedNote(1.0, 0.5, 67, 80),),
        Role.CHORDS: tuple(chord),
        Role.PAD: tuple(chord),
        Role.BASS: tuple(bass),
        Role.DRUMS: tuple(drums),
        Role.EFFECTS: (TimedNote(1.5, 0.5, EFFECTS.index(Effect.BOOM), 90),),
    }
    return Performance(duration_s, parts, loop)


@pytest.fixture(scope="module")
def mixed(bank: NoteBank) -> Mix:
    return render(piece(4.3217), palette_for(Style.CORPORATE, 1), bank, seed=1)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_meets_its_loudness_below_the_true_peak(bank: NoteBank, style: Style) -> None:
    mix = render_mix(piece(), palette_for(style, 3), bank, seed=3, target_lufs=-16.0)
    samples = mix.mix.samples
    measured = pyloudnorm.Meter(RATE).integrated_loudness(samples.T.astype(np.float64))
    assert abs(measured + 16.0) < 0.5
    assert abs(measured - mix.loudness_lufs) < 0.1
    fine = signal.resample_poly(samples.astype(np.float64), 8, 1, axis=1)
    assert level_db(fine.astype(np.float32)) <= -1.0
    assert mix.true_peak_dbtp <= -1.0
    assert abs(float(samples.mean())) < 1e-4
    assert level_db(samples[:, -int(0.05 * RATE) :]) < -50.0


def test_stems_add_up_to_the_mix(mixed: Mix) -> None:
    total = np.sum([stem.samples for stem in mixed.stems.values()], axis=0)
    assert np.max(np.abs(total - mixed.mix.samples)) < 1e-5
    assert set(mixed.stems) == set(Role)


def test_mix_and_stems_are_exactly_as_long_as_asked(mixed: Mix) -> None:
    frames = round(4.3217 * RATE)
    assert mixed.mix.samples.shape == (2, frames)
    assert {stem.samples.shape for stem in mixed.stems.values()} == {(2, frames)}


def test_the_quick_mix_is_the_same_mix(bank: NoteBank, mixed: Mix) -> None:
    quick = render_mix(piece(4.3217), palette_for(Style.CORPORATE, 1), bank, seed=1)
    assert quick.stems == {}
    assert np.max(np.abs(quick.mix.samples - mixed.mix.samples)) < 1e-4


def test_same_seed_gives_the_same_samples_and_another_does_not(bank: NoteBank) -> None:
    palette = palette_for(Style.FOLK, 0)
    first, again, other = (render_dry(piece(), palette, bank, seed=s).samples for s in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_turned_loop_is_the_loop_turned(bank: NoteBank) -> None:
    palette = palette_for(Style.AMBIENT, 1)
    rate, turn = 22050, 7938  # frames of 0.36 s
    loops = []
    for shift_s in (0.0, turn / rate):
        parts = {
            Role.LEAD: (TimedNote(2.5 + shift_s, 1.2, 72, 100),),
            Role.PAD: (TimedNote(0.5 + shift_s, 2.0, 60, 90),),
            Role.BASS: (TimedNote(1.0 + shift_s, 1.8, 36, 100),),
        }
        loops.append(render_dry(Performance(3.0, parts, loop=True), palette, bank, seed=1, sample_rate=rate).samples)
    assert np.max(np.abs(np.roll(loops[0], turn, axis=1) - loops[1])) < 1e-3


def test_a_loop_has_no_seam_and_keeps_its_level(bank: NoteBank) -> None:
    mix = render_mix(piece(3.0, loop=True), palette_for(Style.SYNTHWAVE, 2), bank, seed=2)
    x = mix.mix.samples
    seam = np.max(np.abs(x[:, 0] - x[:, -1]))
    assert seam <= np.max(np.abs(np.diff(x, axis=1)))
    assert level_db(x[:, -2000:]) > -30.0
    assert mix.true_peak_dbtp <= -1.0


def test_notes_sound_when_they_are_played(bank: NoteBank) -> None:
    onset_s = 1.2345
    for style in (Style.HOUSE, Style.ACOUSTIC, Style.JAZZ):
        performance = Performance(3.0, {Role.DRUMS: (TimedNote(onset_s, 0.3, 36, 110),)})
        x = render_dry(performance, palette_for(style, 0), bank, seed=0, sample_rate=RATE).samples
        loud = int(np.argmax(np.max(np.abs(x), axis=0) > 0.3 * np.max(np.abs(x))))
        assert 0.0 <= loud / RATE - onset_s < 0.02
        assert level_db(x[:, : int(onset_s * RATE) - 1]) < -100.0


def test_silence_stays_silence(bank: NoteBank) -> None:
    mix = render(Performance(1.0, {}), palette_for(Style.EPIC, 0), bank, seed=0)
    assert mix.mix.samples.shape == (2, RATE)
    assert not np.any(mix.mix.samples)
    assert mix.loudness_lufs == mix.true_peak_dbtp == -np.inf


def test_the_lows_are_mono(bank: NoteBank) -> None:
    x = render_mix(piece(), palette_for(Style.CINEMATIC, 0), bank, seed=0).mix.samples.astype(np.float64)
    spectra = np.abs(np.fft.rfft(np.stack([x[0] + x[1], x[0] - x[1]]), axis=1)) ** 2
    low = np.fft.rfftfreq(x.shape[1], 1.0 / RATE) < 90.0
    assert spectra[1, low].sum() < 0.05 * spectra[0, low].sum()
