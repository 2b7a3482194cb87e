"""What is said of a clip is true of the piece that it comes from."""

import numpy as np
import pytest

from generators.score.score import Metre, Role
from generators.score.style import Style
from tests.training.judges.conftest import World
from training.judges.labelled import sounding_roles, voices
from training.pieces import load_pieces


def test_labels_are_those_of_the_pieces(world: World) -> None:
    pieces = load_pieces(world.corpus, splits=frozenset({"train"}))
    of = np.load(world.corpus / "train" / "mel_piece.npy")

    assert world.labelled.targets[:, 2].tolist() == [int(pieces[p].labels.major) for p in of]
    assert world.labelled.mood == pytest.approx(
        np.array([(pieces[p].labels.valence, pieces[p].labels.arousal) for p in of], np.float32)
    )
    assert world.labelled.instruments.any(1).all()


def test_a_role_counts_that_strikes_in_half_of_the_bars() -> None:
    head = {"metre": Metre.THREE_FOUR.value, "bars": 4}
    lead, bass = list(Role).index(Role.LEAD), list(Role).index(Role.BASS)
    notes = np.array([[lead, 0, 60, 2, 90], [lead, 12, 62, 2, 90], [bass, 1, 40, 2, 90], [bass, 11, 40, 2, 90]])

    found = sounding_roles(head, notes.astype(np.int16))  # type: ignore[arg-type]

    assert found == [Role.LEAD]
    assert voices(Style.JAZZ, "quartet", found) == {"alto_sax"}
