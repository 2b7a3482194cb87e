"""The table of what the eyes learn, and how pictures are held out."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.adapter_world import embed
from tests.training.photo_archive import write_photos
from training.painted import BRUSHES
from training.vision_data import (
    SIDE,
    Album,
    Seen,
    class_vectors,
    load_album,
    load_classes,
    moods_of,
    sentence_bank,
)

CLASSES = load_classes()
FEW = (
    Seen("red", ("red", "a red one"), 0.5, 0.5, ("red", "crimson")),
    Seen("green", ("green", "a green one"), 0.6, 0.4, ("green",)),
    Seen("blue", ("blue", "a blue one"), 0.4, 0.3, ("blue",), held_out=True),
    Seen("snow", ("snow", "white snow"), 0.6, 0.2),
)


def mood(name: str) -> tuple[float, float]:
    (found,) = (c for c in CLASSES if c.name == name)
    return found.valence, found.arousal


def test_the_table_covers_every_folder_once_and_every_place_that_can_be_painted() -> None:
    folders = [folder for c in CLASSES for folder in c.folders]
    assert len(folders) == len(set(folders)) == 101
    assert {c.name for c in CLASSES if not c.folders} == set(BRUSHES)
    assert len({c.name for c in CLASSES}) == len(CLASSES)


def test_every_class_has_three_wordings_that_no_other_has() -> None:
    said = [text for c in CLASSES for text in c.says]
    assert {len(c.says) for c in CLASSES} == {3}
    assert len(set(said)) == len(said)


def test_moods_are_in_range_and_ordered_as_people_feel() -> None:
    moods = moods_of(CLASSES)
    assert 0.0 <= float(moods.min()) <= float(moods.max()) <= 1.0
    for pleasant, nasty in (("sunflower", "scorpion"), ("panda", "crocodile"), ("beach", "storm"), ("lotus", "tick")):
        assert mood(pleasant)[0] > mood(nasty)[0] + 0.3
    for loud, quiet in (("revolver", "bonsai"), ("electric_guitar", "cup"), ("fire", "fog"), ("Motorbikes", "chair")):
        assert mood(loud)[1] > mood(quiet)[1] + 0.3


def test_eight_classes_are_never_trained_on() -> None:
    assert sum(c.held_out for c in CLASSES) == 8


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Album:
    archive = write_photos(tmp_path_factory.mktemp("photos") / "p.tar", ["red", "crimson", "green", "blue", "odd"], 11)
    return load_album(archive, FEW, seed=0, limit=30)


def test_an_album_has_the_photographs_of_its_classes_and_paints_the_rest(album: Album) -> None:
    assert np.bincount(album.labels).tolist() == [22, 11, 11, 30]
    assert album.squares.shape == (74, SIDE, SIDE, 3)
    green = album.squares[album.labels == 1].mean(
        (0, 1, 2)
    )  # the third folder of the archive is blue, the fourth yellow
    yellow = album.squares[album.labels == 2].mean((0, 1, 2))
    assert green.argmax() == 2
    assert yellow.argmin() == 2


def test_a_tenth_of_every_class_is_held_out_and_all_of_a_held_out_class(album: Album) -> None:
    counts = [int(album.held_out[album.labels == label].sum()) for label in range(4)]
    assert counts == [2, 1, 11, 3]
    kept, tested = (set(album.rows(held_out=h, of=[0, 1])) for h in (False, True))
    assert not kept & tested
    assert len(kept | tested) == 33


def test_the_bank_has_a_row_for_every_wording_and_their_mean_has_unit_length() -> None:
    bank = sentence_bank(FEW, embed)
    assert bank.shape == (4, 2, 26)
    assert torch.allclose(class_vectors(bank).norm(dim=1), torch.ones(4))
    assert torch.allclose(bank[1, 0], torch.from_numpy(embed(["green"])[0]))


def test_classes_with_different_numbers_of_wordings_are_refused() -> None:
    with pytest.raises(ValueError, match=r"as many wordings.*\[1, 2\]"):
        sentence_bank((*FEW, Seen("odd", ("odd",), 0.5, 0.5)), embed)


def test_the_table_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "classes.toml"
    path.write_text('[photo.cat]\nmood = [0.7, 0.4]\nfolders = ["a", "b"]\nsays = """\na cat\na pet"""\n')
    assert load_classes(path) == (Seen("cat", ("a cat", "a pet"), 0.7, 0.4, ("a", "b")),)
