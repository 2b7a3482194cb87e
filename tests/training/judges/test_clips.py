"""Sounding clips: what is rendered, what is said of it, and in which order."""

import numpy as np
import pytest

from encoders.clap import CLIP_S
from encoders.mel import SAMPLE_RATE
from generators.render.palettes import PALETTES
from generators.score.score import Role
from generators.score.style import STYLES, Style
from tests.training.judges.conftest import World
from training.judges.clips import (
    Order,
    balanced,
    every_instrument,
    load_set,
    near,
    present,
    render_clips,
    render_set,
    targets_of,
)
from training.pieces import Labels, load_pieces


def test_clips_have_ten_seconds_and_the_voices_of_the_roles_that_sound(world: World) -> None:
    piece = load_pieces(world.corpus, splits=frozenset({"test"}))[0]

    clips, again = (render_clips(piece, world.bank, seed=4, count=2) for _ in range(2))

    assert len(clips) == 2
    for clip, same in zip(clips, again, strict=True):
        assert clip.wave.samples.shape == (2, int(CLIP_S * SAMPLE_RATE))
        assert np.array_equal(clip.wave.samples, same.wave.samples)
        assert clip.palette.name in {p.name for p in PALETTES[piece.labels.style]}
        assert clip.roles <= {role for role, notes in piece.score.parts.items() if notes}
        assert clip.instruments == {v.instrument for r in clip.roles for v in clip.palette.parts[r].voices}
        assert clip.instruments <= set(every_instrument())
    assert not np.array_equal(clips[0].wave.samples, clips[1].wave.samples)


def test_leaving_far_notes_out_leaves_all_near_ones_in(world: World) -> None:
    score = load_pieces(world.corpus)[0].score
    per_s = score.steps / score.duration_s

    kept = near(score, 8.0, 10.0)

    for role, notes in score.parts.items():
        inside = {n for n in notes if 8.0 * per_s <= n.onset < 18.0 * per_s}
        assert inside <= set(kept.parts[role]) <= set(notes)
    assert sum(map(len, kept.parts.values())) < sum(map(len, score.parts.values()))
    assert kept.duration_s == score.duration_s


def test_targets_name_style_tempo_mode_and_thirds() -> None:
    slow = Labels(Style.JAZZ, 60.0, 0.5, 0.5, valence=0.1, arousal=0.9, major=False)
    fast = Labels(Style.HOUSE, 126.0, 0.5, 0.5, valence=0.5, arousal=0.5, major=True)

    assert targets_of(slow).tolist() == [STYLES.index(Style.JAZZ), 0, 0, 0, 2]
    assert targets_of(fast).tolist() == [STYLES.index(Style.HOUSE), 3, 1, 1, 1]


def test_styles_take_turns_while_they_last() -> None:
    styles = [Style.ROMANTIC] * 20 + [Style.JAZZ] * 3 + [Style.FUNK] * 5

    chosen = [styles[p] for p in balanced(styles, 13, seed=0)]

    assert [chosen.count(s) for s in (Style.JAZZ, Style.FUNK, Style.ROMANTIC)] == [3, 5, 5]
    assert len(set(balanced(styles, 28, seed=0))) == 28


def test_a_set_is_read_as_it_was_rendered_and_never_rendered_twice(world: World) -> None:
    folder = world.run / "clips" / "train"
    before = {p: p.stat().st_mtime_ns for p in folder.iterdir()}

    render_set(world.corpus, "test", folder, world.bank, Order(2, clips=1, mastered=0.5))
    sounding = load_set(folder)

    assert {p: p.stat().st_mtime_ns for p in folder.iterdir()} == before
    assert len(sounding) == 2
    assert sounding.instruments.shape == (2, len(every_instrument()))
    peaks = [float(np.abs(sounding.wave(i).samples).max()) for i in range(2)]
    assert peaks == pytest.approx([0.5, 0.5], abs=1e-3)


def test_an_empty_folder_says_what_to_run(world: World) -> None:
    with pytest.raises(FileNotFoundError, match="render them"):
        load_set(world.corpus)


def test_effects_play_no_instrument() -> None:
    assert all(not p.parts[Role.EFFECTS].voices for palettes in PALETTES.values() for p in palettes)
    assert present({"piano"}).sum() == 1
