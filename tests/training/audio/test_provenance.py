"""Runs tell what they learned from; those that were not asked to are known by what lies beside them."""

import json
from pathlib import Path

import pytest

from tests.training.audio.recorded import music, write
from training.audio.__main__ import read
from training.audio.aligned import CLIP_SAMPLES as ALIGNED_SAMPLES
from training.audio.pool import CLIP_SAMPLES
from training.audio.provenance import (
    HOUR,
    INSTRUMENTS,
    NOTE,
    PRESETS,
    Clips,
    data_names,
    encoded_clips,
    note_of,
    rendered_clips,
    trained,
    write_note,
)
from training.manifest import DATA


def _clips(audio: Path, *, pool: int = 4, aligned: int = 2) -> Path:
    """The folders of rendered clips and of their latents, empty ones."""
    for split, count in (("train", pool), ("valid", 1)):
        (audio / "pool" / split).mkdir(parents=True)
        (audio / "pool" / split / "index.json").write_text(json.dumps([{}] * count))
        for folder in ("aligned", "latents"):
            (audio / folder / split).mkdir(parents=True)
        for i in range(count):
            (audio / "latents" / split / f"pool-{i:05}.npz").touch()
    for i in range(aligned):
        for folder in ("aligned", "latents"):
            (audio / folder / "train" / f"{i:05}.npz").touch()
    return audio


def test_clips_are_counted_with_their_lengths(tmp_path: Path) -> None:
    audio = _clips(tmp_path)
    both = Clips(6, (4 * CLIP_SAMPLES + 2 * ALIGNED_SAMPLES) / HOUR, 1)

    assert rendered_clips(audio / "pool", audio / "aligned") == both
    assert encoded_clips(audio / "latents") == both
    assert rendered_clips(audio / "none", audio / "aligned") is None
    assert encoded_clips(audio / "none") is None


@pytest.mark.parametrize("stage", PRESETS)
def test_a_note_is_read_as_it_was_written(stage: str, tmp_path: Path) -> None:
    audio = _clips(tmp_path)
    folders = [f"--{name}={audio / name}" for name in ("pool", "aligned", "latents")]

    written = write_note(read([stage, "--preset", "tiny", f"--run={audio / stage}", *folders]))

    note = note_of(audio, stage)
    assert written == audio / stage / NOTE
    assert (note.preset, note.device, note.source, note.clips.clips) == ("tiny", "cpu", "renders", 6)


def test_stages_that_do_not_learn_and_those_without_clips_leave_no_note(tmp_path: Path) -> None:
    nothing = [f"--{name}={tmp_path / name}" for name in ("pool", "aligned", "latents", "run")]

    assert [write_note(read([stage, *nothing])) for stage in ("plots", "pool", "codec", "flow")] == [None] * 4
    assert not (tmp_path / "run").exists()


def test_recordings_are_not_given_a_licence_that_is_not_ours(tmp_path: Path) -> None:
    songs = tmp_path / "songs"
    songs.mkdir()
    for i in range(2):
        write(songs / f"{i}.wav", music(9.0, seed=i))
    write_note(read(["codec", f"--audio={songs}", f"--pool={tmp_path / 'pool'}", f"--run={tmp_path / 'codec'}"]))

    (part,) = trained(
        tmp_path, ["codec"], {"audio_codec_steps": 5.0, "audio_codec_minutes": 0.5}, frozenset({"lieder"})
    )

    assert (part.source, part.data, part.clips, part.held_out_clips) == ("a folder of recordings", (), 1, 1)
    assert part.licence != "Apache-2.0"


def test_a_run_without_a_note_is_known_by_its_settings_and_clips(tmp_path: Path) -> None:
    audio = _clips(tmp_path)
    for stage, preset in (("codec", "gpu"), ("flow", "cpu")):
        (audio / stage).mkdir()
        steps, device = PRESETS[stage][preset].steps, PRESETS[stage][preset].device
        (audio / stage / "loop.json").write_text(json.dumps({"steps": steps, "device": device}))
    metrics = {f"audio_{stage}_{name}": 7.0 for stage in ("codec", "flow") for name in ("steps", "minutes")}

    codec, flow = trained(audio, ["codec", "flow"], metrics, frozenset({"lieder", "arranged"}))

    assert (codec.preset, codec.device, codec.clips) == ("gpu", "cuda", 6)
    assert (flow.preset, flow.device, flow.steps, flow.licence) == ("cpu", "cpu", 7, "Apache-2.0")
    assert flow.data == ("OpenScore Lieder Corpus", *INSTRUMENTS)


def test_every_collection_is_credited_in_the_manifest() -> None:
    everything = frozenset({"arranged", "lieder", "orchestra", "quartets", "freedoom", "openewld"})

    assert set(data_names(everything)) <= {source.name for source in DATA}
