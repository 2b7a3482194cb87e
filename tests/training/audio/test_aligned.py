"""Laws of aligned clips: what is told of a clip is what sounds in it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import uniform_filter1d

from encoders.clap import Clap
from generators.errors import InvalidAudio
from generators.render.bank import NoteBank
from generators.render.render import load_bank
from generators.score.score import KICK, ROLES, Role
from generators.score.style import STYLES, Style
from training.audio.aligned import (
    CLIP_SAMPLES,
    SAMPLE_RATE,
    Aligned,
    Kit,
    from_pool,
    load_aligned,
    make_aligned,
    render_aligned,
    save_aligned,
)
from training.audio.crew import Crew
from training.audio.pool import Pool, Rendered
from training.build import arranged_pieces
from training.pieces import Piece, save_pieces

BUNDLE = Path("weights/tonereel-mini")
HOUSE = STYLES.index(Style.HOUSE)


@pytest.fixture(scope="module")
def bank() -> NoteBank:
    return load_bank(BUNDLE / "instruments")


@pytest.fixture(scope="module")
def clap() -> Clap:
    return Clap.load(BUNDLE / "clap.safetensors", [s.value for s in STYLES])


@pytest.fixture(scope="module")
def pieces() -> list[Piece]:
    return list(arranged_pieces(HOUSE + 1, seed=5))


@pytest.fixture(scope="module")
def clip(bank: NoteBank, clap: Clap, pieces: list[Piece]) -> Aligned:
    made = render_aligned(pieces[1], bank, clap, seed=3)
    assert made is not None
    return made


def test_a_clip_has_a_mix_a_stem_of_it_and_its_notes(clip: Aligned) -> None:
    rest = clip.mix.astype(np.int32) - clip.stem

    assert clip.mix.shape == clip.stem.shape == (2, CLIP_SAMPLES)
    assert (
        0 < np.abs(rest).mean() < np.abs(clip.mix.astype(np.int32)).mean() + np.abs(clip.stem.astype(np.int32)).mean()
    )
    assert ROLES[clip.stem_role] in clip.performance().parts
    assert np.linalg.norm(clip.clap) == pytest.approx(1.0, abs=1e-4)


def test_the_sound_begins_where_its_notes_begin(bank: NoteBank, clap: Clap, pieces: list[Piece]) -> None:
    """Kicks of house music are heard within a few milliseconds of where the notes say."""
    made = render_aligned(pieces[HOUSE], bank, clap, seed=2)
    assert made is not None
    kicks = sorted(n.onset_s for n in made.performance().parts[Role.DRUMS] if n.pitch == KICK and 0.1 < n.onset_s < 11)
    low = uniform_filter1d(made.mix.astype(np.float64).mean(axis=0), 256)

    rises = []
    for at in (int(t * SAMPLE_RATE) for t in kicks):
        before, after = np.abs(low[at - 1500 : at]).max(), np.abs(low[at : at + 1500]).max()
        rises.append(after / (before + 1.0))

    assert len(kicks) > 4
    assert np.median(rises) > 1.3


def test_bars_touch_the_clip_and_have_controls(clip: Aligned) -> None:
    grid = clip.grid()

    assert len(grid) == len(clip.controls)
    assert all(bar.end_s > 0.0 and bar.start_s < CLIP_SAMPLES / SAMPLE_RATE for bar in grid)


def test_a_clip_comes_back_from_disk(clip: Aligned, tmp_path: Path) -> None:
    save_aligned(tmp_path / "a.npz", clip)

    back = load_aligned(tmp_path / "a.npz")

    assert all(np.array_equal(getattr(back, name), value) for name, value in vars(clip).items())


def test_a_clip_that_tells_too_little_is_named(clip: Aligned, tmp_path: Path) -> None:
    told: dict[str, Any] = {
        name: np.asarray(value) for name, value in vars(clip).items() if name not in ("style", "seed")
    }
    np.savez(tmp_path / "old.npz", **told)

    with pytest.raises(InvalidAudio, match=r"old.npz does not tell its style and seed; delete"):
        load_aligned(tmp_path / "old.npz")


def test_a_clip_of_the_pool_is_told_by_its_own_notes_and_goes_round(clap: Clap, pieces: list[Piece]) -> None:
    sound = np.random.default_rng(0).integers(-9000, 9000, (1, 2, 44_100)).astype(np.int16)

    made = from_pool(Pool(sound, (Rendered(0, 7, 2.0),)), 0, pieces[0], clap)

    assert made.stem_role == -1
    assert made.performance().loop
    assert min(note[1] for note in made.notes.tolist()) >= 0.0


def test_clips_that_are_there_are_not_rendered_again(
    bank: NoteBank, clap: Clap, pieces: list[Piece], tmp_path: Path
) -> None:
    save_pieces(tmp_path, pieces[:2])
    split = pieces[0].split
    out = tmp_path / "out"
    crew = Crew(lambda: Kit(bank, clap))
    first = make_aligned(tmp_path, out, split, count=1, crew=crew)
    times = [path.stat().st_mtime_ns for path in out.glob("*.npz")]

    again = make_aligned(tmp_path, out, split, count=1, crew=crew)

    assert first == again == 1
    assert [path.stat().st_mtime_ns for path in out.glob("*.npz")] == times
