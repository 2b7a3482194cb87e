"""A published model as a flow: the latents of the library's own DDIM, exact lengths, seeds and long pieces."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler
from torch import Tensor

from generators.audio.published.engine import Parts, PublishedAudio, Sampling
from generators.audio.published.folder import open_folder
from generators.audio.published.parts import MelDecoder, Vocoder
from generators.audio.published.schedule import read_schedule
from generators.audio.published.velocity import Predict
from generators.errors import BadWeights, InvalidPlan
from generators.flow.solver import SolverName
from tests.generators.audio.published.conftest import Written
from tests.generators.audio.published.tiny import CAPTION, HOP, PUBLISHED, SAMPLE_RATE, SCALE, WINDOW

LATENT = HOP * SCALE  # samples


@pytest.fixture(scope="module")
def music(musicldm: Written) -> PublishedAudio:
    return PublishedAudio.load(musicldm.folder)


class Fake:
    """A net that says what it is told to, and remembers how long the pieces were that it saw."""

    guidance, channels, sample_size = 1.0, 4, WINDOW

    def __init__(self, level: float) -> None:
        self.level, self.lengths = level, list[int]()

    def told(self, captions: Sequence[str]) -> Predict:
        def predict(x: Tensor, k: Tensor) -> Tensor:
            self.lengths.append(x.shape[2])
            return torch.full_like(x, self.level)

        return predict


@pytest.fixture
def made_of(musicldm: Written) -> Callable[..., PublishedAudio]:
    folder = open_folder(musicldm.folder)
    decoder, vocoder, schedule = MelDecoder(folder), Vocoder(folder), read_schedule(folder.part("scheduler"))
    return lambda fake, **options: PublishedAudio("fake", Parts(fake, decoder, vocoder, schedule), **options)


def theirs(written: Written, noise: Tensor, steps: int, guidance: float) -> Tensor:
    """The latents of the library's own pipeline; captions are encoded for MusicLDM's, which cannot do it any more."""
    pipe, length = written.pipeline, noise.shape[2] * LATENT / SAMPLE_RATE
    asked = {"latents": noise, "num_inference_steps": steps, "audio_length_in_s": length, "output_type": "latent"}
    if "AudioLDM2" in type(pipe).__name__:
        asked["prompt"] = CAPTION
    else:
        words = pipe.tokenizer([CAPTION, ""], padding="max_length", max_length=64, return_tensors="pt")
        given, free = pipe.text_encoder.get_text_features(**words).pooler_output.chunk(2)
        asked.update(prompt_embeds=given, negative_prompt_embeds=free)
    latents: Tensor = pipe(guidance_scale=guidance, **asked).audios
    return latents


@pytest.mark.parametrize("name", ["musicldm", "audioldm2"])
@pytest.mark.parametrize(("steps", "guidance"), [(10, None), (7, 1.0)])
@torch.inference_mode()
def test_latents_are_those_of_the_librarys_own_ddim(
    request: pytest.FixtureRequest, name: str, steps: int, guidance: float | None
) -> None:
    written: Written = request.getfixturevalue(name)
    model = PublishedAudio.load(written.folder, sampling=Sampling(guidance))
    noise = model.noise(20 * LATENT, seed=5)

    expected = theirs(written, noise, steps, guidance or (2.0 if name == "musicldm" else 3.5))

    scale = float(expected.abs().max())
    assert (model.latents(CAPTION, noise, steps=steps) - expected).abs().max() < 1e-5 * scale


@torch.inference_mode()
def test_a_net_that_predicts_v_follows_ddim_too(
    musicldm: Written, spoiled: Path, rewrite: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = {**PUBLISHED, "prediction_type": "v_prediction", "timestep_spacing": "trailing", "steps_offset": 0}
    rewrite(spoiled / "scheduler" / "scheduler_config.json", **config)
    monkeypatch.setattr(musicldm.pipeline, "scheduler", DDIMScheduler(**config))
    model = PublishedAudio.load(spoiled)
    noise = model.noise(16 * LATENT, seed=2)

    expected = theirs(musicldm, noise, 10, 2.0)

    torch.testing.assert_close(model.latents(CAPTION, noise, steps=10), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("solver", "evaluations"), [(SolverName.EULER, 3), (SolverName.MIDPOINT, 6)])
def test_the_solver_that_is_asked_for_makes_the_steps(
    made_of: Callable[..., PublishedAudio], solver: SolverName, evaluations: int
) -> None:
    fake = Fake(0.1)
    made_of(fake, sampling=Sampling(solver=solver)).generate(CAPTION, 0.05, seed=1, steps=3)
    assert len(fake.lengths) == evaluations


@pytest.mark.parametrize("duration_s", [0.001, 0.1, 0.50003, 0.7])
def test_the_length_is_exact(music: PublishedAudio, duration_s: float) -> None:
    made = music.generate(CAPTION, duration_s, seed=1, steps=2)

    assert made.samples.shape == (1, round(duration_s * SAMPLE_RATE))
    assert made.sample_rate == SAMPLE_RATE
    assert made.samples.dtype == np.float32
    assert np.abs(made.samples).max() <= 1.0


def test_the_same_seed_gives_the_same_sound_and_another_seed_or_caption_another(music: PublishedAudio) -> None:
    first, again, other, words = (
        music.generate(caption, 0.2, seed=seed, steps=3).samples
        for caption, seed in ((CAPTION, 1), (CAPTION, 1), (CAPTION, 2), ("loud drums", 1))
    )
    assert np.array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3
    assert np.abs(first - words).max() > 1e-5


def test_a_long_piece_goes_through_the_net_in_windows_of_its_training_length(
    made_of: Callable[..., PublishedAudio],
) -> None:
    fake = Fake(0.1)

    made = made_of(fake).generate(CAPTION, 100 * LATENT / SAMPLE_RATE, seed=1, steps=2)

    assert made.samples.shape == (1, 100 * LATENT)
    assert set(fake.lengths) == {WINDOW}
    assert len(fake.lengths) == 2 * 6


@torch.inference_mode()
def test_a_known_prediction_leads_to_the_closed_form(made_of: Callable[..., PublishedAudio]) -> None:
    level, model = 0.25, made_of(Fake(0.25))
    noise = torch.randn(1, 4, 70, 4)
    alphas = read_schedule_alphas(model)

    made = model.latents(CAPTION, noise, steps=5)

    start, end = alphas[801], alphas[0]  # leading: 4 * 200 + 1
    data = (noise - (1 - start) ** 0.5 * level) / start**0.5
    torch.testing.assert_close(made, (end**0.5 * data + (1 - end) ** 0.5 * level).float(), rtol=1e-4, atol=1e-4)


def read_schedule_alphas(model: PublishedAudio) -> Tensor:
    return torch.from_numpy(model._parts.schedule.alphas)


def test_sound_that_is_not_finite_is_an_error(made_of: Callable[..., PublishedAudio]) -> None:
    with pytest.raises(BadWeights, match="not finite"):
        made_of(Fake(float("nan"))).generate(CAPTION, 0.1, seed=1, steps=2)


@pytest.mark.parametrize("duration_s", [0.0, -1.0, float("nan"), float("inf"), 4000.0])
def test_a_duration_that_cannot_be_made_is_refused(music: PublishedAudio, duration_s: float) -> None:
    with pytest.raises(InvalidPlan, match="duration"):
        music.generate(CAPTION, duration_s, seed=1)


@pytest.mark.parametrize("steps", [0, 1001])
def test_steps_that_the_schedule_does_not_have_are_refused(music: PublishedAudio, steps: int) -> None:
    with pytest.raises(InvalidPlan, match="steps"):
        music.generate(CAPTION, 0.1, seed=1, steps=steps)


def test_bands_that_do_not_divide_by_the_vaes_factor_are_refused(spoiled: Path) -> None:
    from transformers import SpeechT5HifiGan, SpeechT5HifiGanConfig

    config = SpeechT5HifiGanConfig.from_pretrained(spoiled / "vocoder")
    config.model_in_dim = 9
    SpeechT5HifiGan(config).save_pretrained(spoiled / "vocoder")
    with pytest.raises(BadWeights, match="9 bands"):
        PublishedAudio.load(spoiled)
