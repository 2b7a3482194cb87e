"""A web server on this machine with files in a folder; it can break off, refuse ranges and remember what was asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote


class MirrorServer(ThreadingHTTPServer):
    """Serves a folder. `breaks_after`: bytes after which the next file is broken off, once."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Give)
        self.folder, self.asked = folder, list[tuple[str, str, str | None]]()
        self.ranges, self.heads, self.status = True, True, 200
        self.breaks_after: int | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def got(self, path: str) -> list[str | None]:
        """The ranges that were asked for of a file."""
        return [span for method, asked, span in self.asked if method == "GET" and asked == path]


class _Give(BaseHTTPRequestHandler):
    server: MirrorServer

    def do_HEAD(self) -> None:
        self._note()
        if not self.server.heads:
            self._end(501)
            return
        path = self._file()
        if path.is_file():
            self._end(200, length=path.stat().st_size)
        else:
            self._end(404)

    def do_GET(self) -> None:
        self._note()
        path, span = self._file(), self.headers["range"]
        if self.server.status != 200 or not path.is_file():
            self._end(404 if self.server.status == 200 else self.server.status)
            return
        data = path.read_bytes()
        start = int(span.removeprefix("bytes=").removesuffix("-")) if span and self.server.ranges else 0
        if start and start >= len(data):
            self._end(416)
            return
        place = f"bytes {start}-{len(data) - 1}/{len(data)}" if start else None
        self._end(206 if start else 200, length=len(data) - start, place=place)
        stop, self.server.breaks_after = self.server.breaks_after, None
        self.wfile.write(data[start:] if stop is None else data[start : start + stop])

    def _note(self) -> None:
        self.server.asked.append((self.command, unquote(self.path).lstrip("/"), self.headers["range"]))

    def _file(self) -> Path:
        return self.server.folder / unquote(self.path).lstrip("/")

    def _end(self, status: int, *, length: int = 0, place: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        if place:
            self.send_header("Content-Range", place)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@contextmanager
def serving(folder: Path) -> Iterator[MirrorServer]:
    """Serve a folder for a while."""
    with MirrorServer(folder) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
