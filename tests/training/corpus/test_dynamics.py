"""Velocities for written scores."""

from statistics import mean

from generators.score.score import Metre, Note, Role
from training.corpus.dynamics import is_flat, shaped

BARS = 8
FLAT = {Role.LEAD: tuple(Note(s, 72, 2, 80) for s in range(0, BARS * 16, 2))}


def test_downbeats_are_louder_than_what_follows_them() -> None:
    (lead,) = shaped(FLAT, Metre.FOUR_FOUR).values()

    assert all(a.velocity > b.velocity for a, b in zip(lead[::8], lead[1::8], strict=True))


def test_nothing_but_velocity_changes() -> None:
    (lead,) = shaped(FLAT, Metre.FOUR_FOUR).values()

    assert [(n.onset, n.pitch, n.duration) for n in lead] == [(n.onset, n.pitch, n.duration) for n in FLAT[Role.LEAD]]
    assert all(1 <= n.velocity <= 127 for n in lead)


def test_a_phrase_rises_to_its_middle() -> None:
    (lead,) = shaped(FLAT, Metre.FOUR_FOUR).values()

    assert lead[2 * 8].velocity > lead[0].velocity


def test_a_flat_file_gets_a_balance_in_which_the_lead_is_above_the_pad() -> None:
    parts = shaped({**FLAT, Role.PAD: FLAT[Role.LEAD]}, Metre.FOUR_FOUR)

    assert mean(n.velocity for n in parts[Role.LEAD]) > mean(n.velocity for n in parts[Role.PAD]) + 10


def test_written_dynamics_are_kept() -> None:
    soft = tuple(Note(s, 72, 2, 40 if s < 64 else 100) for s in range(0, 128, 2))
    out = shaped({Role.LEAD: soft}, Metre.FOUR_FOUR)[Role.LEAD]

    assert not is_flat({Role.LEAD: soft})
    assert max(n.velocity for n in out[:32]) < min(n.velocity for n in out[32:])
