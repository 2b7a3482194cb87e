"""The picture of a score shows what there is, the same way every time."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from encoders.features import Events, Frames, ShotCut
from generators.score.performance import Performance, TimedNote
from generators.score.plan.brief import Brief, Curve, Cut
from generators.score.plan.plan import plan
from generators.score.score import DRUM_KEYS, FORMS, ROLES, Key, Mode, Role
from generators.score.style import Style
from service.picture import ink, lanes
from service.picture.picture import Scene, draw
from tests.service.clips import tone


def scene(*, with_video: bool = True, with_notes: bool = True) -> Scene:
    energy = Curve(np.array([0.0, 8.0]), np.array([0.3, 0.8]))
    brief = Brief(8.0, Style.HOUSE, 120.0, Key(9, Mode.MINOR), cuts=(Cut(4.0, 1.0),), curves={"energy": energy})
    notes = {r: (TimedNote(1.0, 0.5, {Role.DRUMS: 36, Role.EFFECTS: 2}.get(r, 60), 90),) for r in ROLES}
    times = np.linspace(0, 8, 17)
    flat = np.full(17, 0.5)
    rgb = np.zeros((17, 36, 64, 3), np.uint8)
    rgb[:8], rgb[8:] = (255, 0, 0), (0, 0, 255)
    return Scene(
        plan(brief),
        Performance(8.0, notes if with_notes else {}),
        tone(8.0),
        "Sea",
        Frames(rgb, times, 64, 36, 2.0, 17, 8.0, False) if with_video else None,
        Events(times, (ShotCut(4.0, 1.0, "cut"),), np.zeros(0), flat, flat, flat, flat) if with_video else None,
    )


def drawn(what: Scene, path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    draw(what, path)
    return np.asarray(Image.open(path).convert("RGB"))


def test_every_shot_is_on_its_side_of_the_cut(tmp_path: Path) -> None:
    pixels = drawn(scene(), tmp_path / "a.png")
    red = np.argwhere((pixels == (255, 0, 0)).all(axis=-1))[:, 1]
    blue = np.argwhere((pixels == (0, 0, 255)).all(axis=-1))[:, 1]
    assert red.max() < blue.min()


def test_the_same_scene_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        draw(scene(), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_without_a_video_the_shots_leave_no_gap(tmp_path: Path) -> None:
    assert len(drawn(scene(with_video=False), tmp_path / "a.png")) < len(drawn(scene(), tmp_path / "b.png"))


def test_a_piece_without_notes_can_be_drawn(tmp_path: Path) -> None:
    assert drawn(scene(with_notes=False), tmp_path / "a.png").std() > 1


def test_a_title_is_written_as_it_stands(tmp_path: Path) -> None:
    dollars = drawn(replace(scene(), title=r"$\\5 or $x^2$"), tmp_path / "a.png")
    assert (dollars != drawn(scene(), tmp_path / "b.png")).any()


def test_every_role_form_and_drum_has_its_place() -> None:
    assert set(ink.ROLES) == set(ROLES)
    assert set(ink.SECTIONS) == {f.value for f in FORMS}
    assert {k for lane in lanes.DRUM_LANES for k in lane} == set(DRUM_KEYS)
