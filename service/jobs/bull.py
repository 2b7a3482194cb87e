"""The queue over Redis: both ports in one object, for one event loop."""

import random
from collections.abc import Callable
from typing import Self

from service.jobs.asking import BullAsking
from service.jobs.board import Board
from service.jobs.config import QueueConfig
from service.jobs.leasing import BullLeases


class BullQueue(BullAsking, BullLeases):
    """`JobQueue` and `JobLeases` over BullMQ. Made by `connect`, used from one event loop, let go by `close`."""

    def __init__(self, board: Board, *, chance: Callable[[], float] = random.random) -> None:
        BullAsking.__init__(self, board)
        BullLeases.__init__(self, board, chance=chance)

    @classmethod
    def connect(cls, url: str, config: QueueConfig) -> Self:
        """A queue on the Redis at `url` (`redis://`, `rediss://`, `unix://`); connects on first use, so never fails."""
        return cls(Board.connect(url, config))

    async def close(self) -> None:
        """Let go of connections."""
        await self.leave()
        await self._board.close()
