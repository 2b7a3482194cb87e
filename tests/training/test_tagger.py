"""The judge's contract on sounds of any length, rate and level, and that the shipped one hears what is played."""

from pathlib import Path

import numpy as np
import pytest
import torch

from encoders.mel import SAMPLE_RATE
from generators.errors import BadWeights
from generators.flow.checkpoint import parameters, save_module
from generators.render.render import load_bank
from generators.score.score import Mode
from generators.score.style import STYLES
from generators.waveform import Waveform
from training.build import arranged_pieces
from training.judges.clips import every_instrument, render_clips
from training.judges.degradations import SPOILINGS, Spoiled, Spoiling
from training.judges.net import TaggerConfig, TaggerNet
from training.tagger import TEMPI, WEIGHTS, Tagger


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    """Weights in random order: the contract does not depend on training."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    return Tagger(TaggerNet(TaggerConfig(every_instrument(), width=4)))


def music(seconds: float, rate: int = SAMPLE_RATE, channels: int = 2) -> Waveform:
    rng = np.random.default_rng(0)
    at = np.arange(round(seconds * rate)) / rate
    chord = sum(np.sin(2 * np.pi * hz * at) for hz in (220.0, 277.2, 329.6)) * (np.sin(np.pi * 4 * at) > 0)
    return Waveform((0.1 * chord + 0.001 * rng.standard_normal((channels, len(at)))).astype(np.float32), rate)


@pytest.mark.parametrize(("seconds", "rows"), [(0.5, 1), (10.0, 1), (14.9, 1), (15.0, 2), (31.0, 5)], ids=str)
def test_there_is_a_row_for_every_ten_seconds_at_a_hop_of_five(tagger: Tagger, seconds: float, rows: int) -> None:
    features = tagger.features(music(seconds))

    assert features.shape == (rows, tagger.net.config.dim)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


def test_a_window_has_the_same_row_alone_and_within_a_longer_sound(tagger: Tagger) -> None:
    long = music(25.0)
    alone = Waveform(long.samples[:, 5 * SAMPLE_RATE : 15 * SAMPLE_RATE], SAMPLE_RATE)

    assert np.allclose(tagger.features(long)[1], tagger.features(alone)[0], atol=1e-4)


@pytest.mark.parametrize("gain_db", [-30.0, 12.0])
def test_level_does_not_matter(tagger: Tagger, gain_db: float) -> None:
    wave = music(10.0)
    other = Waveform(wave.samples * np.float32(10 ** (gain_db / 20)), wave.sample_rate)

    assert np.allclose(tagger.features(wave), tagger.features(other), atol=0.02)


def test_rate_and_channels_hardly_matter(tagger: Tagger) -> None:
    at_44, mono = music(10.0, rate=44_100), Waveform(music(10.0).samples[:1], SAMPLE_RATE)
    reference = tagger.features(music(10.0))

    for other in (at_44, mono):
        assert np.abs(tagger.features(other) - reference).mean() < 0.2


def test_tags_are_probabilities_by_name(tagger: Tagger) -> None:
    tags = tagger.tags(music(21.0))

    assert list(tags.styles) == [s.value for s in STYLES]
    assert sum(tags.styles.values()) == pytest.approx(1.0, abs=1e-5)
    assert tuple(tags.tempi) == TEMPI
    assert sum(tags.tempi.values()) == pytest.approx(1.0, abs=1e-5)
    assert tuple(tags.instruments) == every_instrument()
    every = [*tags.instruments.values(), tags.major_probability, tags.valence, tags.arousal]
    assert all(0.0 <= x <= 1.0 for x in every)
    assert tags.styles[tags.style] == max(tags.styles.values())
    assert tags.tempo in TEMPI


@pytest.mark.parametrize("samples", [np.zeros((2, 3 * SAMPLE_RATE)), np.ones((1, 1))], ids=["silence", "one sample"])
def test_sound_without_music_gives_finite_rows(tagger: Tagger, samples: np.ndarray) -> None:
    assert np.isfinite(tagger.features(Waveform(samples.astype(np.float32), SAMPLE_RATE))).all()


def test_no_samples_are_refused(tagger: Tagger) -> None:
    with pytest.raises(ValueError, match="without samples"):
        tagger.features(Waveform(np.zeros((2, 0), np.float32), SAMPLE_RATE))


def test_a_saved_judge_comes_back_and_a_missing_one_says_so(tagger: Tagger, tmp_path: Path) -> None:
    save_module(tmp_path / "tagger.safetensors", tagger.net, tagger.net.config)

    loaded = Tagger.load(tmp_path / "tagger.safetensors")

    assert tuple(loaded.net.config.instruments) == every_instrument()
    assert np.allclose(loaded.features(music(10.0)), tagger.features(music(10.0)), atol=0.1)
    with pytest.raises(BadWeights, match="cannot be read"):
        Tagger.load(tmp_path / "none.safetensors")


@pytest.fixture(scope="module")
def shipped() -> Tagger:
    return Tagger.load(WEIGHTS)


def test_the_shipped_judge_is_small(shipped: Tagger) -> None:
    assert parameters(TaggerNet(shipped.net.config)) <= 1_500_000
    assert WEIGHTS.stat().st_size < 3_000_000
    assert tuple(shipped.net.config.instruments) == every_instrument()


def test_the_shipped_judge_beats_chance_on_fresh_clips(shipped: Tagger) -> None:
    bank = load_bank(Path("weights/tonereel-mini/instruments"))
    pieces = list(arranged_pieces(14, seed=987_654))
    heard = [(p, c) for p in pieces for c in render_clips(p, bank, seed=1)]

    tags = [shipped.tags(clip.wave) for _, clip in heard]

    styles = [p.labels.style.value == t.style for (p, _), t in zip(heard, tags, strict=True)]
    modes = [
        (p.score.key.mode is Mode.MAJOR) == (t.major_probability > 0.5) for (p, _), t in zip(heard, tags, strict=True)
    ]
    playing = [t.instruments[name] for (_, c), t in zip(heard, tags, strict=True) for name in c.instruments]
    others = [
        v for (_, c), t in zip(heard, tags, strict=True) for n, v in t.instruments.items() if n not in c.instruments
    ]
    assert np.mean(styles) > 4 / len(STYLES)
    assert np.mean(modes) > 0.5
    assert np.mean(playing) > 3.0 * np.mean(others)


def test_the_shipped_judge_hears_what_spoils_a_sound(shipped: Tagger) -> None:
    bank = load_bank(Path("weights/tonereel-mini/instruments"))
    hard = {Spoiling.NOISE: 5.0, Spoiling.SHUFFLE: 0.25, Spoiling.CLIPPING: 24.0, Spoiling.LOWPASS: 1000.0}
    clips = [c.wave for p in arranged_pieces(6, seed=123_456) for c in render_clips(p, bank, seed=2)]

    clean = np.mean([shipped.spoiled(w) for w in clips], axis=0)

    for i, kind in enumerate(SPOILINGS):
        heard = np.mean([shipped.spoiled(Spoiled(kind, hard[kind]).applied(w, 0))[i] for w in clips])
        assert heard > clean[i] + 0.1, kind
