"""A bundle takes over what was trained anew, keeps the rest, and tells how long everything was trained."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from generators.flow.checkpoint import load_module, save_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.parts import save_tensors
from schemas.manifest import MANIFEST, Manifest
from training.bundle import SINGING, STAGES, assemble, names_of
from training.loop import START
from training.manifest import sha256_of


def finished(runs: Path, stage: str, *, steps: int, value: float) -> Path:
    """A finished run of a stage."""
    run = runs / stage
    run.mkdir(parents=True, exist_ok=True)
    save_file({"weight": torch.full((3,), value)}, run / f"{stage}.safetensors")
    rows = [{"step": steps, "minutes": steps / 100, "loss": 1.0, "held_out": value}]
    (run / "log.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    (run / "loop.json").write_text('{"steps": 40000, "device": "cpu"}')
    return run


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Finished runs of every stage."""
    folder = tmp_path / "runs"
    for stage in STAGES:
        finished(folder, stage, steps=100, value=0.5)
    (folder / "corpus").mkdir()
    (folder / "corpus" / "pieces.jsonl").write_text('{"source": "arranged"}\n')
    return folder


def metrics(bundle: Path) -> dict[str, float]:
    """The figures in a bundle's manifest."""
    return Manifest.model_validate_json((bundle / MANIFEST).read_bytes()).metrics


def test_a_stage_that_was_not_run_again_keeps_its_weights_and_figures(runs: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    assemble(runs, bundle, version="1")
    kept = sha256_of(bundle / "clap.safetensors")
    for stage in ("codec", "clap"):
        (runs / stage / "log.jsonl").unlink()
    finished(runs, "flow", steps=300, value=0.25)

    assemble(runs, bundle, version="2")

    assert sha256_of(bundle / "clap.safetensors") == kept
    assert metrics(bundle)["clap_steps"] == 100
    assert metrics(bundle)["flow_steps"] == 300
    assert metrics(bundle)["flow_held_out_loss"] == 0.25


def test_a_run_that_goes_on_from_the_bundle_adds_to_its_steps(runs: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    assemble(runs, bundle, version="1")
    run = finished(runs, "flow", steps=300, value=0.25)
    (run / START).write_text(sha256_of(bundle / "flow.safetensors"))

    for _ in range(2):  # twice is as once
        assemble(runs, bundle, version="2")

    assert metrics(bundle)["flow_steps"] == 400
    assert metrics(bundle)["flow_minutes"] == pytest.approx(4.0)


def test_the_card_says_how_long_every_stage_was_trained(runs: Path, tmp_path: Path) -> None:
    assemble(runs, tmp_path / "bundle", version="1")

    card = (tmp_path / "bundle" / "MODEL_CARD.md").read_text()

    assert "vision" not in card
    assert "Colour and movement alone are a poor judge" in card
    assert card.count("100 steps") + card.count("100\n  steps") + card.count("100 steps\n") >= 3
    assert "flow_steps" not in card


def test_trained_eyes_join_the_bundle_and_stay_when_they_are_not_trained_anew(runs: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    assemble(runs, bundle, version="1")
    run = finished(runs, "vision", steps=250, value=0.5)
    (run / "metrics.json").write_text('{"photo_top1": 0.7}')

    assemble(runs, bundle, version="2")
    (run / "log.jsonl").unlink()
    assemble(runs, bundle, version="3")

    manifest = Manifest.model_validate_json((bundle / MANIFEST).read_bytes())
    assert manifest.files["vision.safetensors"] == sha256_of(run / "vision.safetensors")
    assert manifest.metrics["vision_photo_top1"] == 0.7
    assert "`vision.safetensors`: eyes" in (bundle / "MODEL_CARD.md").read_text()
    assert "250 steps" in (bundle / "MODEL_CARD.md").read_text()
    assert "What its eyes know" in (bundle / "MODEL_CARD.md").read_text()


def test_the_audio_engine_joins_the_bundle_whole_or_not_at_all(runs: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    for stage in SINGING[:-1]:
        finished(runs / "audio", stage, steps=200, value=0.5)
    assemble(runs, bundle, version="1")
    assert not (bundle / "audio").exists()
    assert "audio engine" not in (bundle / "MODEL_CARD.md").read_text()

    finished(runs / "audio", SINGING[-1], steps=400, value=0.5)
    (runs / "audio" / "codec" / "timbres.safetensors").write_bytes(b"what is known of instruments")
    assemble(runs, bundle, version="2")

    manifest = Manifest.model_validate_json((bundle / MANIFEST).read_bytes())
    assert {f"audio/{stage}.safetensors" for stage in (*SINGING, "timbres")} <= set(manifest.files)
    assert manifest.engines == ("score", "audio")
    assert (metrics(bundle)["audio_codec_steps"], metrics(bundle)["audio_flow_steps"]) == (200, 400)
    assert metrics(bundle)["flow_steps"] == 100
    assert "the audio engine, experimental" in (bundle / "MODEL_CARD.md").read_text()


def test_a_flow_that_was_distilled_since_takes_the_place_of_its_teacher(runs: Path, tmp_path: Path) -> None:
    bundle, audio = tmp_path / "bundle", runs / "audio"
    for stage in (*SINGING, "distill"):
        finished(audio, stage, steps=200, value=0.5)
    save_tensors(audio / "distill" / "flow.safetensors", {"layer": torch.ones(3)}, {})
    (audio / "distill" / START).write_text("of another flow")
    assemble(runs, bundle, version="1")
    others = names_of(bundle / "audio" / "flow.safetensors")

    (audio / "distill" / START).write_text(sha256_of(audio / "flow" / "flow.safetensors"))
    assemble(runs, bundle, version="2")

    assert sha256_of(audio / "flow" / "flow.safetensors") in others
    assert sha256_of(audio / "distill" / "flow.safetensors") in names_of(bundle / "audio" / "flow.safetensors")
    assert metrics(bundle)["audio_flow_steps"] == 400
    assert "| `audio/flow.safetensors` | 3 |" in (bundle / "MODEL_CARD.md").read_text()


def test_weights_in_parts_join_the_bundle_and_give_way_to_a_whole_file(runs: Path, tmp_path: Path) -> None:
    bundle, codec = tmp_path / "bundle", runs / "audio" / "codec" / "codec.safetensors"
    for stage in SINGING:
        finished(runs / "audio", stage, steps=200, value=0.5)
    tensors = {f"layer.{i}": torch.zeros(100) for i in range(4)}
    save_tensors(codec, tensors, {}, limit=600)
    assemble(runs, bundle, version="1")
    in_parts = Manifest.model_validate_json((bundle / MANIFEST).read_bytes())
    card = (bundle / "MODEL_CARD.md").read_text()

    save_tensors(codec, tensors, {})
    assemble(runs, bundle, version="2")

    whole = Manifest.model_validate_json((bundle / MANIFEST).read_bytes())
    assert {name for name in in_parts.files if "audio/codec" in name} == {
        "audio/codec.safetensors.index.json",
        *(f"audio/codec-0000{i}-of-00004.safetensors" for i in (1, 2, 3, 4)),
    }
    assert in_parts.engines == whole.engines == ("score", "audio")
    assert "| `audio/codec.safetensors` | 400 |" in card
    assert {name for name in whole.files if "audio/codec" in name} == {"audio/codec.safetensors"}


def test_flows_are_kept_in_eight_bits_and_taken_over_once(runs: Path, tmp_path: Path) -> None:
    bundle, run = tmp_path / "bundle", runs / "flow"
    net = DiT(DiTConfig(4, 3, 5, 32, 2, 2))
    save_module(run / "flow.safetensors", net, net.config)
    assemble(runs, bundle, version="1")
    first = (bundle / "flow.safetensors").read_bytes()
    (run / START).write_text(sha256_of(run / "flow.safetensors"))  # of what it was made of itself

    assemble(runs, bundle, version="2")

    kept = load_module(bundle / "flow.safetensors", DiT, DiTConfig).state_dict()
    assert len(first) < 0.7 * (run / "flow.safetensors").stat().st_size
    assert (bundle / "flow.safetensors").read_bytes() == first
    assert metrics(bundle)["flow_steps"] == 100
    for name, value in net.state_dict().items():
        assert torch.allclose(kept[name], value, atol=float(value.abs().max()) / 200)


def test_what_an_earlier_bundle_kept_in_halves_is_kept_in_eight_bits(runs: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    net = DiT(DiTConfig(4, 3, 5, 32, 2, 2))
    save_module(runs / "flow" / "flow.safetensors", net, net.config)
    assemble(runs, bundle, version="1")
    (bundle / "flow.safetensors").write_bytes((runs / "flow" / "flow.safetensors").read_bytes())
    figures = metrics(bundle)

    assemble(runs, bundle, version="2")

    assert sha256_of(runs / "flow" / "flow.safetensors") in names_of(bundle / "flow.safetensors")
    assert (bundle / "flow.safetensors").stat().st_size < 0.7 * (runs / "flow" / "flow.safetensors").stat().st_size
    assert metrics(bundle) == figures


def test_a_run_that_goes_on_from_what_the_bundle_was_made_of_adds_to_its_steps(runs: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    assemble(runs, bundle, version="1")
    begun_from = sha256_of(runs / "flow" / "flow.safetensors")
    run = finished(runs, "flow", steps=300, value=0.25)
    (run / START).write_text(begun_from)

    assemble(runs, bundle, version="2")

    assert metrics(bundle)["flow_steps"] == 400


def test_the_manifest_and_the_card_tell_what_the_audio_engine_learned_from(runs: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    for stage in SINGING:
        finished(runs / "audio", stage, steps=200, value=0.5)
    for name in ("00000", "pool-00000", "pool-00001"):
        (runs / "audio" / "latents" / "train").mkdir(parents=True, exist_ok=True)
        (runs / "audio" / "latents" / "train" / f"{name}.npz").touch()

    assemble(runs, bundle, version="1")
    (runs / "audio" / "flow" / "flow.safetensors").write_bytes(b"of a run that has just begun")
    (runs / "audio" / "codec" / "codec.safetensors").unlink()
    assemble(runs, bundle, version="2")

    manifest, card = (
        Manifest.model_validate_json((bundle / MANIFEST).read_bytes()),
        (bundle / "MODEL_CARD.md").read_text(),
    )
    flow = manifest.trained[-1]
    assert [part.file for part in manifest.trained] == [f"audio/{stage}.safetensors" for stage in SINGING]
    assert (flow.preset, flow.device, flow.licence, flow.clips, flow.steps) == ("cpu", "cpu", "Apache-2.0", 3, 200)
    assert set(flow.data) <= {source.name for source in manifest.data}
    assert "| `audio/flow.safetensors` | 3 | cpu | cpu | 3 | 0.0 | 0 | 200 | 2 |" in card
    assert "docs/audio-learning.png" in card
