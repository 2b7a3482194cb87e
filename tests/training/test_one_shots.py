"""Cutting a drum kit out of an archive of one-shots."""

import io
import tarfile
from pathlib import Path

import av
import click
import numpy as np
import pytest

from generators.render.bank import NoteBank, load_instruments
from generators.render.kits import KIT_LEVELS_DB, synth_kits
from generators.render.loudness import NOTE_LEVEL_DB, moment_level_db
from generators.render.tone import Tone
from generators.score.score import CLAP, DRUM_KEYS, KICK, SNARE
from tests.generators.render.conftest import INSTRUMENTS
from training.instruments import write_index
from training.one_shots import KIT_NAME, add_kit, cut_shots

RATE = 44100


def flac(hz: float, silence_s: float) -> bytes:
    """A decaying sine behind a silence and before another, mono."""
    at = np.arange(RATE // 2) / RATE
    sound = 0.8 * np.sin(2 * np.pi * hz * at + 0.5 * np.pi) * np.exp(-at / 0.05)
    pcm = np.concatenate([np.zeros(round(silence_s * RATE)), sound, np.zeros(RATE)])
    frame = av.AudioFrame.from_ndarray((pcm * 32767).astype(np.int16)[None], format="s16", layout="mono")
    frame.sample_rate, frame.pts = RATE, 0
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=RATE)
        stream.codec_context.layout, stream.codec_context.format = "mono", "s16"
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return file.getvalue()


def archive(path: Path, **files: bytes) -> Path:
    with tarfile.open(path, "w") as out:
        for name, data in files.items():
            member = tarfile.TarInfo(f"samples/{name}.flac")
            member.size = len(data)
            out.addfile(member, io.BytesIO(data))
    return path


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    drums = {"drum_heavy_kick": flac(80.0, 0.1), "drum_snare_hard": flac(900.0, 0.0), "loop_amen": b"no sound"}
    return archive(tmp_path / "samples.tar", **drums)


def cut(samples: Path, out: Path) -> Path:
    out.mkdir()
    write_index(out, {})
    add_kit(samples, out, 96_000)
    return out


def onset_s(note: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    height = np.max(np.abs(note), axis=0)
    return float(np.argmax(height > 0.1 * np.max(height))) / RATE


def test_a_cut_kit_sounds_at_once_and_each_drum_at_its_level(samples: Path, tmp_path: Path) -> None:
    kit = load_instruments(cut(samples, tmp_path / "out"))[KIT_NAME]
    assert not kit.pitched
    for key in (KICK, SNARE):
        note = kit.render(key, 2, RATE, RATE, Tone())
        assert onset_s(note) < 0.005
        assert abs(moment_level_db(note, RATE) - NOTE_LEVEL_DB - KIT_LEVELS_DB[key]) < 1.0
    assert not np.any(kit.render(CLAP, 2, RATE, RATE, Tone()))


def test_silence_is_trimmed_at_both_ends(samples: Path) -> None:
    assert [zone.key for zone in cut_shots(samples)] == [KICK, SNARE]
    assert all(0.2 < zone.samples.shape[1] / 48_000 < 0.4 for zone in cut_shots(samples))


def test_the_same_archive_gives_the_same_bytes(samples: Path, tmp_path: Path) -> None:
    a, b = cut(samples, tmp_path / "a"), cut(samples, tmp_path / "b")
    assert all((a / name).read_bytes() == (b / name).read_bytes() for name in ("cc0_kit.ogg", "index.json"))


def test_an_archive_without_the_drums_is_refused(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="none of the one-shots"):
        cut_shots(archive(tmp_path / "other.tar", loop_amen=b"no sound"))


def test_the_shipped_kit_has_every_drum_at_once_and_as_loud_as_the_lofi_kit() -> None:
    bank = NoteBank({**load_instruments(INSTRUMENTS), **synth_kits()})
    for key in DRUM_KEYS:
        note, other = (bank.note(name, key, 2, 1.5, RATE, Tone()) for name in (KIT_NAME, "lofi_kit"))
        assert abs(moment_level_db(note, RATE) - moment_level_db(other, RATE)) < 1.0
        assert onset_s(note) < 0.005
