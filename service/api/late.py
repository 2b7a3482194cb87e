"""An application that is made when its server starts: what it needs must not be opened when a module is imported."""

import gc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.errors import NotReady
from service.api.problems import answer_to

Opening = Callable[[], AbstractAsyncContextManager[ASGIApp]]


class Late:
    """Stands for an application between its lifespan's start and end."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the application, or that there is none yet."""
        if self.app is not None:
            await self.app(scope, receive, send)
            return
        problem = NotReady("the service is starting or stopping; try again")
        await answer_to(problem, instance=scope["path"], request_id=None)(scope, receive, send)


@contextmanager
def _collected_once() -> Iterator[None]:
    """Keep the garbage collector from what was made so far, which stays: to look at it stops all requests for 40 ms."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def late_app(opening: Opening) -> Starlette:
    """An application whose lifespan opens the real one, `state.late.app`; uvicorn and BentoML both run it."""
    late = Late()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with opening() as app:
            late.app = app
            try:
                with _collected_once():
                    yield
            finally:
                late.app = None

    app = Starlette(routes=[Mount("/", app=late)], lifespan=lifespan)
    app.state.late = late
    return app
