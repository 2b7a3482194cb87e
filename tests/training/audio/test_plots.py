"""Pictures of the audio engine's parts."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from generators.audio.codec import AudioCodec
from generators.audio.engine import AudioEngine
from generators.audio.vae import MelVae, MelVaeConfig
from generators.audio.vocoder import Vocoder, VocoderConfig
from tests.generators.audio.worlds import LevelCodec, every_timbre, tiny_net
from tests.training.audio.test_latents import clip
from training.audio.plots import CURVES, curves, played, read_log, smoothed, spectrograms, there_and_back


@pytest.fixture(scope="module")
def codec() -> AudioCodec:
    torch.manual_seed(0)
    vae = MelVae(MelVaeConfig(channels=4, width=16, hidden=16, depth=1)).eval().requires_grad_(requires_grad=False)
    vocoder = Vocoder(VocoderConfig(width=16, hidden=16, depth=1, shaped=64, phased=64, anchored=8)).eval()
    return AudioCodec(vae, vocoder.requires_grad_(requires_grad=False))


def test_louder_music_is_brighter_in_the_picture(codec: AudioCodec, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).standard_normal((2, 20_480)).astype(np.float32)

    loud, quiet = (
        np.asarray(Image.open(spectrograms({"noise": [level * noise]}, codec, tmp_path / f"{level}.png"))).mean()
        for level in (0.1, 0.001)
    )

    assert loud > quiet + 5.0


def test_what_went_through_the_codec_is_as_long(codec: AudioCodec) -> None:
    clips = [np.zeros((2, n), np.float32) for n in (4096, 9000)]

    assert [x.shape for x in there_and_back(codec, clips)] == [(2, 4096), (2, 9000)]


def test_curves_are_drawn_of_the_logs_that_are_there(tmp_path: Path) -> None:
    rows = [{"minutes": m, "level": 1.0 / (1 + m), "kl": 1.0} for m in range(4)]
    (tmp_path / "log.jsonl").write_text("\n".join(json.dumps(row) for row in rows))

    drawn = curves({"codec": tmp_path, "vocoder": tmp_path / "none"}, tmp_path / "curves.png")

    assert drawn is not None
    assert Image.open(drawn).width == 880
    assert curves({"codec": tmp_path / "none"}, tmp_path / "nothing.png") is None


def test_every_stage_that_learns_has_a_picture_of_its_own(tmp_path: Path) -> None:
    heights = []
    for stages in (("codec", "vocoder"), ("codec", "vocoder", "flow", "distill")):
        runs = {stage: tmp_path / stage for stage in stages}
        for stage, folder in runs.items():
            folder.mkdir(exist_ok=True)
            rows = [{"minutes": m, CURVES[stage][0][0]: 2.0 / (1 + m), "held_out": 1.0} for m in range(50)]
            (folder / "log.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
        drawn = curves(runs, tmp_path / "curves.png")
        assert drawn is not None
        heights.append(Image.open(drawn).height)

    assert heights[1] == 2 * heights[0]


def test_smoothing_keeps_straight_lines_and_calms_noise() -> None:
    line = [0.5 * i for i in range(60)]
    noise = np.random.default_rng(0).standard_normal(600).tolist()

    assert smoothed(line) == pytest.approx(line)
    assert np.std(smoothed(noise)) < 0.3 * np.std(noise)
    assert smoothed([1.0, 2.0]) == [1.0, 2.0]


def test_what_a_run_forgot_when_it_went_on_is_not_drawn(tmp_path: Path) -> None:
    rows = [{"minutes": m, "loss": float(i)} for i, m in enumerate((1.0, 2.0, 3.0, 1.5, 2.5))]
    (tmp_path / "log.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + '\n{"minutes": 3.0, "lo')

    assert [row["loss"] for row in read_log(tmp_path / "log.jsonl")] == [0.0, 3.0, 4.0]


def test_a_score_is_played_as_long_as_its_clip() -> None:
    engine = AudioEngine(LevelCodec(), tiny_net(), every_timbre())

    made = played(engine, clip())

    assert made.shape == clip().mix.shape
    assert np.abs(made).max() > 0.0
