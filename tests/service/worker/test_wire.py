"""Messages over the pipe come out as they went in, and nothing else comes in."""

import asyncio
import socket
from pathlib import Path

import pytest

from schemas.request import MusicRequest
from schemas.source import CaptionSource
from service.errors import BadInput
from service.worker import wire
from service.worker.problem import problem_of
from service.worker.task import Made, Outcome, Task, Wanted

TASK = Task(
    "st_1",
    "soundtrack",
    MusicRequest(sources=(CaptionSource(text="ruhig, 静か"),), duration_s=4.0),
    Wanted("wav", stems=True),
    Path("/scratch/out"),
)
OUTCOME = Outcome(
    "st_1", made=(Made(Path("/scratch/out/a.wav"), "audio", 1, "audio/wav"),), problem=problem_of(BadInput("no"))
)


@pytest.mark.parametrize("message", [wire.Work((TASK, TASK)), wire.Stop("st_1")])
def test_what_a_supervisor_says_survives_the_pipe(message: wire.ToChild) -> None:
    ours, its = socket.socketpair()
    with ours, its:
        ours.sendall(wire.to_child().pack(message))
        frame = wire.receive_frame(its)
        assert frame is not None
        assert wire.to_child().unpack(frame) == message


@pytest.mark.parametrize(
    "message",
    [
        wire.Ready("mini 1"),
        wire.Unready("bad-weights", "broken"),
        wire.Said("st_1", "plan", 0.25),
        wire.Ended(OUTCOME),
        wire.Halted("st_1"),
        wire.Idle(),
    ],
)
def test_what_a_child_says_survives_the_pipe(message: wire.FromChild) -> None:
    async def heard() -> bytes | None:
        reader = asyncio.StreamReader()
        reader.feed_data(wire.from_child().pack(message))
        return await wire.read_frame(reader)

    frame = asyncio.run(heard())
    assert frame is not None
    assert wire.from_child().unpack(frame) == message


@pytest.mark.parametrize("body", [b"", b"{}", b'{"type":"stop"}', b'{"type":"eval"}', b"\x80\x04pickle", b"[1"])
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(wire.GarbledMessage):
        wire.to_child().unpack(body)


def test_an_endless_message_is_refused_before_it_is_read() -> None:
    async def hear() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(wire.LENGTH.pack(wire.MAX_MESSAGE_BYTES + 1))
        await wire.read_frame(reader)

    with pytest.raises(wire.GarbledMessage):
        asyncio.run(hear())


def test_the_end_of_the_pipe_is_no_message() -> None:
    ours, its = socket.socketpair()
    with its:
        ours.sendall(wire.LENGTH.pack(10) + b"half")
        ours.close()
        assert wire.receive_frame(its) is None
