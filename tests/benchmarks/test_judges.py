"""The gate lets a distance through only if every asked way of spoiling raises it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from benchmarks.judges import (
    Clean,
    Raised,
    answers,
    conditions,
    halved,
    heard,
    measured,
    reference_rows,
    refused,
    section,
)
from benchmarks.table import replaced
from generators.waveform import Waveform
from training.judges.clips import Sounding, every_instrument
from training.judges.degradations import Spoiling
from training.judges.labelled import Labelled
from training.judges.net import TaggerConfig, TaggerNet
from training.tagger import Tagger

RATE = 22_050
CLIPS = 24
CLEAN = Clean(0.1, (0.05, 0.2), floor=0.25)


@pytest.fixture(scope="module")
def sounding() -> Sounding:
    """Tones of random pitch and length with pauses, a second each."""
    rng = np.random.default_rng(0)
    at = np.arange(RATE) / RATE
    waves = [
        8000.0 * np.sin(2 * np.pi * rng.uniform(1500.0, 3000.0) * at) * np.exp(-rng.uniform(2.0, 4.0) * at)
        for _ in range(CLIPS)
    ]
    nothing = np.zeros((CLIPS, 5), np.int64)
    return Sounding(
        np.stack(waves).astype(np.int16), nothing, np.zeros((CLIPS, len(every_instrument())), bool), np.arange(CLIPS)
    )


def statistics(wave: Waveform) -> NDArray[np.float32]:
    """Crest, brightness and roughness of the order in decibels: simple, but deaf to nothing that is asked."""
    x = wave.samples[0]
    quiet = np.sort(np.square(x.reshape(50, -1)).mean(1))
    spectrum = np.square(np.abs(np.fft.rfft(x)))
    bands = np.array([band.sum() for band in np.array_split(spectrum, 12)])
    falls = np.abs(np.diff(np.square(x.reshape(50, -1)).mean(1))).sum() / quiet.sum()
    rows = [np.abs(x).max() ** 2 / np.square(x).mean(), *(bands / bands.sum() + 1e-9), quiet[0] / quiet[-1], falls]
    return (10.0 * np.log10(np.asarray(rows) + 1e-9))[None].astype(np.float32)


@pytest.fixture(scope="module")
def found(sounding: Sounding) -> list[Raised]:
    rng = np.random.default_rng(1)
    clean = heard(statistics, sounding, lambda wave, _: wave)
    reference = clean + 0.1 * rng.standard_normal(clean.shape).astype(np.float32)
    return measured(statistics, sounding, reference, resamples=20, seed=0)[1]


def test_the_gate_asks_for_noise_shuffling_clipping_and_lowpass_at_several_amounts() -> None:
    asked = [c for c in conditions() if c.asked]

    assert {c.way for c in asked} == {kind.value for kind in Spoiling}
    assert all(sum(c.way == kind.value for c in asked) >= 3 for kind in Spoiling)
    assert all(c.way not in {kind.value for kind in Spoiling} for c in conditions() if not c.asked)


def test_features_that_hear_noise_show_it_rising(found: list[Raised]) -> None:
    noise = [r.distance for r in found if r.condition.way == Spoiling.NOISE.value]

    assert noise == sorted(noise)
    assert all(r.surely for r in found if r.condition.way == Spoiling.NOISE.value)


def test_deaf_features_are_refused_with_every_reason(sounding: Sounding) -> None:
    def deaf(wave: Waveform) -> NDArray[np.float32]:
        return np.full((1, 3), wave.samples.shape[-1], np.float32)

    reference = np.random.default_rng(0).standard_normal((40, 3)).astype(np.float32)
    raised = measured(deaf, sounding, reference, resamples=5, seed=0)[1]

    reasons = refused(raised)

    assert len(reasons) == sum(c.asked for c in conditions()) + len(Spoiling)
    assert any("hard clipping (24 dB over the peak) does not surely raise it" in r for r in reasons)


def test_a_condition_is_compared_with_its_own_clean_clips_and_these_with_their_other_half(
    found: list[Raised], sounding: Sounding
) -> None:
    clean = heard(statistics, sounding, lambda wave, _: wave)
    noise = [r.itself for r in found if r.condition.way == Spoiling.NOISE.value]

    floor = halved(clean, sounding, np.random.default_rng(0))

    assert noise == sorted(noise)
    assert noise[0] > 0.0
    assert 0.0 < floor < noise[-1]


def test_halves_keep_pieces_whole_and_have_every_style_equally(sounding: Sounding) -> None:
    rng = np.random.default_rng(3)
    pairs = replace(sounding, piece=np.arange(CLIPS) // 2, targets=np.repeat(np.arange(CLIPS) // 4, 5).reshape(-1, 5))
    styles = 100.0 * np.eye(CLIPS // 4, dtype=np.float32)[pairs.targets[:, 0]] + rng.random((CLIPS, 6))

    within = halved(styles.astype(np.float32), pairs, rng)
    pieces = halved(np.arange(CLIPS, dtype=np.float32)[:, None] // 2, pairs, rng)

    assert within < 1.0
    assert pieces > 0.1  # 0 where the two clips of a piece part


def test_one_way_that_does_not_rise_is_enough_to_refuse(found: list[Raised]) -> None:
    good = [replace(r, distance=float(i), above=(1.0, 0.5, 2.0)) for i, r in enumerate(found)]
    bad = [replace(r, above=(1.0, -0.1, 2.0)) if r.condition.amount.startswith("12 dB") else r for r in good]
    falling = [replace(r, distance=-r.distance) if r.condition.way == "lowpass" else r for r in good]
    unasked = [r if r.condition.asked else replace(r, above=(0.0, -1.0, 1.0)) for r in good]

    assert refused(good) == []
    assert refused(unasked) == []
    assert refused(bad) == ["hard clipping (12 dB over the peak) does not surely raise it"]
    assert refused(falling) == ["more lowpass does not always raise it more"]


def test_the_section_says_what_the_gate_says(found: list[Raised], sounding: Sounding) -> None:
    good = [replace(r, distance=float(i), above=(1.0, 0.5, 2.0)) for i, r in enumerate(found)]
    bad = [replace(r, above=(1.0, -0.1, 2.0)) for r in good]

    passed, failed = (section(CLEAN, group, "", sounding).body for group in (good, bad))

    assert f"{CLIPS} clips of 10 s from {CLIPS} pieces" in passed
    assert "; met." in passed
    assert "**not met**: white noise (40 dB SNR)" in failed
    assert "clean; the floor beside it, 0.25," in passed
    assert "<!-- judges -->" in replaced("", section(CLEAN, good, "", sounding))


def test_answers_and_reference_come_from_clean_held_out_clips(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    rng = np.random.default_rng(2)
    tagger = Tagger(TaggerNet(TaggerConfig(every_instrument(), width=4)))
    targets = np.stack([np.arange(28) % 14, *(np.arange(28) % 2 for _ in range(4))], axis=1)
    held_out = Labelled(
        rng.normal(-1.0, 0.5, (28, 64, 216)).astype(np.float16),
        rng.dirichlet(np.ones(12), 28).astype(np.float32),
        torch.from_numpy(targets),
        torch.ones(28, len(every_instrument()), dtype=torch.bool),
        rng.random((28, 2)).astype(np.float32),
    )

    told, rows = answers(tagger, held_out), reference_rows(tagger, held_out, 14, seed=0)

    assert "28 clean clips" in told
    assert "| mode | share right |" in told
    assert "| 0.500 |" in told
    assert "| instruments | mAP | 1.00 | 1.00 |" in told
    assert "| arousal | Pearson r with the label |" in told
    assert rows.shape == (14, tagger.net.config.dim)
