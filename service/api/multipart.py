"""Forms with files (multipart/form-data): files go to disk as they come, texts are capped, parts must be known."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from service.api.body import Received, Spool
from service.api.errors import BodyTooLarge, InvalidBody, MalformedBody
from service.api.json_text import check_text, escaped

MAX_PARTS = 20


@dataclass(frozen=True, slots=True)
class FormRules:
    """Which parts a form may have, by name, and how large they may be; `max_text_bytes` counts all texts together."""

    files: frozenset[str]
    texts: frozenset[str]
    max_file_bytes: int
    max_text_bytes: int


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file of a form; `filename` is what the client calls it, never a path here."""

    name: str
    filename: str
    file: Received


@dataclass(frozen=True, slots=True)
class Form:
    """What a form held, in order."""

    texts: tuple[tuple[str, str], ...]
    files: tuple[FilePart, ...]


@dataclass(slots=True)
class _Part:
    """A part that is coming in."""

    name: str = ""
    filename: str = ""
    spool: Spool | None = None
    text: bytearray = field(default_factory=bytearray)


class FormReader:
    """Reads one form; files get names of our own in `folder`."""

    def __init__(self, content_type: str, rules: FormRules, folder: Path) -> None:
        """Raises MalformedBody when the content type names no boundary."""
        self._rules, self._folder = rules, folder
        boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
        if not boundary:
            raise MalformedBody("the form has no boundary in its Content-Type; let your client write that header")
        try:
            self._parser = MultipartParser(boundary, self._callbacks())  # type: ignore[arg-type]
        except FormParserError as exc:
            raise MalformedBody("the boundary in Content-Type is too long") from exc
        self._events: list[tuple[str, bytes]] = []
        self._header, self._value, self._disposition = bytearray(), bytearray(), b""
        self._part = _Part()
        self._texts: list[tuple[str, str]] = []
        self._files: list[FilePart] = []
        self._n_parts = self._text_bytes = 0
        self._over = False

    async def read(self, pieces: AsyncIterator[bytes]) -> Form:
        """The whole form.

        Raises:
            MalformedBody: it is no form, ends too early or has too many parts.
            InvalidBody: it has a part that is not known here.
            BodyTooLarge: a part is over its limit.
        """
        try:
            async for piece in pieces:
                self._parser.write(piece)
                await self._work_off()
            self._parser.finalize()
        except FormParserError as exc:
            raise MalformedBody("the form cannot be read; let your client build the body") from exc
        finally:
            if self._part.spool is not None:
                self._part.spool.close()
        if not self._over:
            raise MalformedBody("the form ends too early; send it again")
        return Form(tuple(self._texts), tuple(self._files))

    def _callbacks(self) -> dict[str, object]:
        def data(name: str) -> object:
            return lambda text, start, end: self._events.append((name, bytes(text[start:end])))

        def mark(name: str) -> object:
            return lambda: self._events.append((name, b""))

        marks = ("part_begin", "part_end", "header_end", "headers_finished", "end")
        datas = ("header_field", "header_value", "part_data")
        return {f"on_{n}": mark(n) for n in marks} | {f"on_{n}": data(n) for n in datas}

    async def _work_off(self) -> None:
        """Do what the parser saw; writing must wait, which its callbacks cannot."""
        events, self._events = self._events, []
        for name, data in events:
            if name == "part_data":
                await self._take(data)
            elif name == "part_end":
                await self._finish()
            elif name == "headers_finished":
                self._open()
            else:
                self._note(name, data)

    def _note(self, name: str, data: bytes) -> None:
        if name == "header_field":
            self._header += data
        elif name == "header_value":
            self._value += data
        elif name == "header_end":
            if bytes(self._header).lower() == b"content-disposition":
                self._disposition = bytes(self._value)
            self._header, self._value = bytearray(), bytearray()
        elif name == "part_begin":
            self._disposition, self._n_parts = b"", self._n_parts + 1
            if self._n_parts > MAX_PARTS:
                raise MalformedBody(f"the form has more than {MAX_PARTS} parts; send fewer")
        elif name == "end":
            self._over = True

    def _open(self) -> None:
        options = parse_options_header(self._disposition)[1]
        name = options.get(b"name", b"").decode("utf-8", "replace")
        part = _Part(name, options.get(b"filename", b"").decode("utf-8", "replace"))
        if name in self._rules.files:
            if b"filename" not in options:
                raise InvalidBody.at(f"/{name}", f"must be a file; with curl: -F {name}=@FILE")
            part.spool = Spool(self._folder / f"part-{self._n_parts}")
        elif name not in self._rules.texts:
            known = ", ".join(sorted(self._rules.files | self._rules.texts))
            raise InvalidBody.at(f"/{escaped(name)[:100]}", f"is not a part that is known here; known are {known}")
        self._part = part

    async def _take(self, data: bytes) -> None:
        part, rules = self._part, self._rules
        if part.spool is not None:
            await part.spool.write(data)
            if part.spool.n_bytes > rules.max_file_bytes:
                raise BodyTooLarge(f"the part {part.name}", rules.max_file_bytes)
            return
        self._text_bytes += len(data)
        if self._text_bytes > rules.max_text_bytes:
            raise BodyTooLarge("the text of the form", rules.max_text_bytes)
        part.text += data

    async def _finish(self) -> None:
        part, self._part = self._part, _Part()
        if part.spool is not None:
            self._files.append(FilePart(part.name, part.filename, await part.spool.finish()))
            return
        try:
            text = part.text.decode()
        except UnicodeDecodeError as exc:
            raise InvalidBody.at(f"/{part.name}", "is not UTF-8; encode it as UTF-8") from exc
        check_text(text, f"/{part.name}")
        self._texts.append((part.name, text))
