"""Laws of encoded clips: mix, stem and rest belong together, and what is told is what is played in each."""

from pathlib import Path

import numpy as np
import pytest

from encoders.clap import Clap
from generators.audio.conditions import WIDTHS
from generators.score.controls import WIDTH as CONTROL_WIDTH
from generators.score.score import ROLES, Role
from generators.score.style import STYLES
from tests.generators.audio.worlds import CHANNELS, HOP, LevelCodec, every_timbre, write_tiny_audio
from training.audio.aligned import FULL, Aligned, save_aligned
from training.audio.crew import Crew
from training.audio.latents import Kit, Told, encode_all, encoded, encoder, load_all, load_told, save_told

FRAMES = 20


def clip(*, stem_role: int = ROLES.index(Role.BASS)) -> Aligned:
    """A bass and a lead, each a steady level; the first second and a half is one bar."""
    mix, stem = np.full((2, FRAMES * HOP), 9000, np.int16), np.full((2, FRAMES * HOP), 3000, np.int16)
    notes = [(ROLES.index(Role.BASS), 0.0, 0.9, 40, 100), (ROLES.index(Role.LEAD), 0.2, 0.5, 72, 127)]
    bars, controls = np.array([(0.0, 0.75, 16)]), np.full((1, CONTROL_WIDTH), 0.5, np.float32)
    point = np.ones(6, np.float32) / np.sqrt(6.0)
    return Aligned(mix, stem, stem_role, np.array(notes, np.float32), bars, controls, "4/4", point, "calm", "lofi", 0)


def group(told: Told, of: int, name: str) -> np.ndarray:
    """The values of one group, of the mix (0) or the stem (1)."""
    at = list(WIDTHS).index(name)
    start = sum(list(WIDTHS.values())[:at])
    return told.values[of, :, start : start + WIDTHS[name]]


def test_rest_and_stem_are_the_mix() -> None:
    told = encoded(clip(), LevelCodec(), every_timbre())

    mix, stem, rest = told.sound.astype(np.float32)
    assert told.sound.shape == (3, FRAMES, CHANNELS)
    assert stem == pytest.approx(np.full_like(stem, 3000 / FULL), abs=1e-3)
    assert stem + rest == pytest.approx(mix, abs=1e-3)


def test_a_stem_is_told_its_own_notes_only_and_which_role_it_is() -> None:
    told = encoded(clip(), LevelCodec(), every_timbre())

    assert group(told, 0, "melody").any()
    assert not group(told, 1, "melody").any()
    assert group(told, 1, "chords").any()
    assert group(told, 0, "sketch").sum() > group(told, 1, "sketch").sum() > 0
    assert (group(told, 1, "roles") == 255 * np.eye(len(ROLES))[ROLES.index(Role.BASS)]).all()
    assert not told.masks[1, :, list(WIDTHS).index("energy")].any()


def test_curves_are_given_in_bars_and_notes_everywhere() -> None:
    told = encoded(clip(), LevelCodec(), every_timbre())

    energy, whole = (told.masks[0, :, list(WIDTHS).index(name)] for name in ("energy", "whole"))

    assert energy[:15].all()
    assert not energy[17:].any()
    assert whole.all()


def test_a_clip_without_a_stem_is_told_of_all_the_same() -> None:
    told = encoded(clip(stem_role=-1), LevelCodec(), every_timbre())

    assert told.stem_role == -1
    assert np.array_equal(told.values[0], told.values[1])


def test_it_comes_back_from_disk(tmp_path: Path) -> None:
    told = encoded(clip(), LevelCodec(), every_timbre())
    save_told(tmp_path / "a.npz", told)

    back = load_told(tmp_path / "a.npz")

    assert all(np.array_equal(getattr(back, name), getattr(told, name)) for name in Told.__dataclass_fields__)


def test_what_is_encoded_stays_and_short_clips_are_left_out(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_aligned(tmp_path / f"{name}.npz", clip())
    out = tmp_path / "latents"
    clap = Clap.load(Path("weights/tonereel-mini/clap.safetensors"), [s.value for s in STYLES])
    crew = Crew(lambda: Kit(LevelCodec(), every_timbre(), clap))
    assert encode_all(tmp_path, out, crew) == 2
    times = [path.stat().st_mtime_ns for path in sorted(out.glob("*.npz"))]

    encode_all(tmp_path, out, crew)

    assert [path.stat().st_mtime_ns for path in sorted(out.glob("*.npz"))] == times
    assert len(load_all(out, least=FRAMES)) == 2
    assert load_all(out, least=FRAMES + 1) == []


def test_encoding_needs_no_vocoder(tmp_path: Path) -> None:
    (write_tiny_audio(tmp_path) / "vocoder.safetensors").unlink()

    told = encoded(clip(), encoder(tmp_path), every_timbre())

    assert told.sound.shape == (3, FRAMES, 8)
    assert np.isfinite(told.sound).all()
