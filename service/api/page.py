"""Everything that no other route answers: the page at `/`, 405 with what is allowed, 404."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from service.api.errors import NoSuchPath, WrongMethod

WEB = Path(__file__).parent.parent / "web"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
SERVED = frozenset({"", ".html", ".css", ".js", ".svg", ".png", ".ico", ".woff2", ".webmanifest"})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Leftovers:
    """The last route, for every path and method: a mount of files at `/` would turn each 405 into a 404."""

    def __init__(self, folder: Path = WEB) -> None:
        self._files = StaticFiles(directory=folder, html=True, check_dir=False)
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file of the page.

        Raises:
            WrongMethod: the path belongs to a route, but not with this method.
            NoSuchPath: there is nothing.
        """
        allowed = self._allowed(scope)
        if allowed:
            raise WrongMethod(scope["method"], allowed)
        answer = await self._file(scope)
        await answer(scope, receive, send)

    async def _file(self, scope: Scope) -> Response:
        nothing = NoSuchPath("there is nothing at this address; /v1/docs lists all of them")
        path = self._files.get_path(scope)
        if Path(path).suffix not in SERVED or not self._folder.is_dir() or "\x00" in path:
            raise nothing
        if scope["method"] not in {"GET", "HEAD"}:
            raise WrongMethod(scope["method"], ("GET", "HEAD"))
        try:
            answer = await self._files.get_response(path, scope)
        except HTTPException as exc:
            raise nothing from exc
        answer.headers.update(HEADERS)
        return answer

    def _allowed(self, scope: Scope) -> tuple[str, ...]:
        """The methods with which another route answers this path."""
        app: Starlette = scope["app"]
        routes: list[BaseRoute] = [route for route in app.routes if getattr(route, "app", None) is not self]
        return tuple(
            method
            for method in METHODS
            if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)
        )
