"""Laws of editing: what is not asked for stays bit-identical, and bad input is named."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from generators.audio.conditions import Floats
from generators.audio.editing import AWAY, SEAM, accompany, extend, known_latents, repaint
from generators.audio.engine import AROUND, AudioEngine
from generators.audio.kept import Kept, Recording
from generators.audio.tuning import Tuning
from generators.errors import InvalidAudio
from generators.flow.solver import SolverName
from generators.score.sampling import Sampling
from generators.waveform import Waveform
from tests.generators.audio.worlds import HOP, RATE, LevelCodec, small_conditions, tiny_net

LIGHT = Sampling(2, SolverName.EULER, guidance=1.0, temperature=1.0)
LENGTH = 50 * HOP + 77
FRAMES = 51


@pytest.fixture(scope="module")
def engine() -> AudioEngine:
    return AudioEngine(LevelCodec(), tiny_net())


@pytest.fixture(scope="module")
def original() -> Waveform:
    """Slow waves, which the level codec hears, and noise."""
    noise = 0.02 * np.random.default_rng(0).standard_normal((2, LENGTH))
    return Waveform((noise + 0.1 * np.sin(np.arange(LENGTH) / 2000.0)).astype(np.float32), RATE)


def test_outside_the_spans_every_sample_is_the_originals(engine: AudioEngine, original: Waveform) -> None:
    spans = [(0.5, 0.9), (1.5, 1.75)]

    painted = repaint(engine, original, spans, small_conditions(FRAMES), seed=1, sampling=LIGHT).samples

    inside = np.zeros(LENGTH, bool)
    for start_s, end_s in spans:
        inside[int(start_s * RATE) : int(np.ceil(end_s * RATE))] = True
    assert np.array_equal(painted[:, ~inside], original.samples[:, ~inside])
    assert (painted[:, inside] != original.samples[:, inside]).mean() > 0.99


def test_latents_that_stay_are_bit_identical(engine: AudioEngine, original: Waveform) -> None:
    known = known_latents(engine, original)
    stays = np.arange(FRAMES) < 20
    told = small_conditions(FRAMES).with_sound(known, stays=stays)

    made = engine.latents(told, seed=0, sampling=LIGHT)

    assert np.array_equal(made[stays], known[stays])
    assert not np.isclose(made[~stays], known[~stays]).all(axis=1).any()


def test_what_is_new_hears_what_stays(engine: AudioEngine, original: Waveform) -> None:
    louder = Waveform(8.0 * original.samples, RATE)
    told = small_conditions(FRAMES)

    one, other = (
        repaint(engine, wave, [(1.0, 1.4)], told, seed=1, sampling=LIGHT).samples[:, int(1.1 * RATE) : int(1.3 * RATE)]
        for wave in (original, louder)
    )

    assert not np.allclose(one, other, atol=1e-4)


@dataclass(frozen=True)
class Listening(LevelCodec):
    """A codec that remembers what it was told to keep."""

    told: list[Recording] = field(default_factory=list)

    def decode_stream(
        self, latents: Floats, n_samples: int, *, tuning: Tuning | None = None, kept: Kept | None = None
    ) -> Iterator[Floats]:
        if isinstance(kept, Recording):
            self.told.append(kept)
        return super().decode_stream(latents, n_samples, tuning=tuning, kept=kept)


def test_the_original_is_kept_where_nothing_new_would_show(original: Waveform) -> None:
    codec = Listening()
    engine = AudioEngine(codec, tiny_net())

    repaint(engine, original, [(20 * HOP / RATE, 22 * HOP / RATE)], small_conditions(FRAMES), seed=0, sampling=LIGHT)
    extend(engine, original, LENGTH + 60_000, small_conditions(80, 4.0), seed=0, sampling=LIGHT)

    repainted, extended = codec.told
    first = max(0, 20 - AROUND)
    hole = np.flatnonzero(~repainted.stays) + 4 * first
    assert np.array_equal(hole, np.arange(80 - AWAY, 88 + AWAY))
    assert np.array_equal(repainted.samples, original.samples[:, first * HOP : (22 + AROUND) * HOP])
    first = (LENGTH - SEAM) // HOP - AROUND
    assert np.array_equal(np.flatnonzero(extended.stays), np.arange(4 * (50 - first) - AWAY))
    assert np.array_equal(extended.samples, original.samples[:, first * HOP :])


def test_nothing_to_repaint_gives_the_original(engine: AudioEngine, original: Waveform) -> None:
    assert np.array_equal(repaint(engine, original, [], small_conditions(FRAMES), seed=0).samples, original.samples)


def test_an_extension_begins_with_the_original(engine: AudioEngine, original: Waveform) -> None:
    whole = extend(engine, original, LENGTH + 60_000, small_conditions(80, 4.0), seed=0, sampling=LIGHT).samples

    same = LENGTH - SEAM
    assert whole.shape == (2, LENGTH + 60_000)
    assert np.array_equal(whole[:, :same], original.samples[:, :same])
    assert whole[:, LENGTH:].any()


def test_a_stem_beside_is_as_long_and_another_for_another_mix(engine: AudioEngine, original: Waveform) -> None:
    told = small_conditions(FRAMES)

    stem = accompany(engine, original, told, seed=0, sampling=LIGHT).samples
    other = accompany(engine, Waveform(8.0 * original.samples, RATE), told, seed=0, sampling=LIGHT).samples

    assert stem.shape == original.samples.shape
    assert not np.allclose(stem, other, atol=1e-4)


@pytest.mark.parametrize("span", [(-0.1, 0.5), (1.0, 1.0), (1.0, 99.0), (float("nan"), 1.0)])
def test_a_span_outside_the_piece_is_refused(
    engine: AudioEngine, original: Waveform, span: tuple[float, float]
) -> None:
    with pytest.raises(InvalidAudio, match="no span of a piece"):
        repaint(engine, original, [span], small_conditions(FRAMES), seed=0)


@pytest.mark.parametrize(
    ("samples", "rate", "said"),
    [
        (np.zeros((2, LENGTH), np.float32), 22_050, "resample"),
        (np.zeros((1, LENGTH), np.float32), RATE, "stereo"),
        (np.full((2, LENGTH), np.nan, np.float32), RATE, "not numbers"),
        (np.zeros((2, 900), np.float32), RATE, "too short"),
    ],
)
def test_sound_that_cannot_be_used_is_refused(engine: AudioEngine, samples: np.ndarray, rate: int, said: str) -> None:
    with pytest.raises(InvalidAudio, match=said):
        known_latents(engine, Waveform(samples, rate))


def test_an_extension_must_be_longer(engine: AudioEngine, original: Waveform) -> None:
    with pytest.raises(InvalidAudio, match="no longer"):
        extend(engine, original, LENGTH, small_conditions(FRAMES), seed=0)
