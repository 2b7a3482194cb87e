"""The page is whole, asks nothing of other hosts, and its parts fit together."""

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import get_args

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from schemas.music import StyleName
from schemas.soundtrack import Format, SoundtrackRequest
from service.api.errors import NoSuchPath
from service.api.page import WEB, Leftovers

FILES = sorted(path.name for path in WEB.iterdir() if path.suffix in {".html", ".css", ".js", ".svg"})
SCRIPTS = [name for name in FILES if name.endswith(".js")]
VOID = frozenset({"meta", "link", "input", "img", "br", "hr", "path"})


class Page(HTMLParser):
    """Reads the page strictly: every element is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self.feed((WEB / "index.html").read_text("utf-8"))
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in {"script", "style"}:
            self.inline += data

    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.elements if "id" in attributes]

    def values(self, tag: str, name: str) -> list[str]:
        return [attributes.get(name) or "" for t, attributes in self.elements if t == tag]


def client() -> TestClient:
    def nothing(request: Request, error: Exception) -> Response:
        return Response(str(error), 404)

    route = Route("/{path:path}", Leftovers())
    return TestClient(Starlette(routes=[route], exception_handlers={NoSuchPath: nothing}))


def text_of(name: str) -> str:
    return (WEB / name).read_text("utf-8")


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_served_as_what_it_is(name: str) -> None:
    answer = client().get(f"/{name}")
    expected = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == expected[name.split(".")[1]]
    assert answer.text == text_of(name)


def test_the_page_is_at_the_root() -> None:
    assert client().get("/").text == text_of("index.html")


@pytest.mark.parametrize("path", ["/__init__.py", "/../settings.py", "/%2e%2e/settings.py", "/nothing.js"])
def test_nothing_else_is_served(path: str) -> None:
    assert client().get(path).status_code == 404


def test_the_policy_lets_nothing_in_from_outside() -> None:
    policy = client().get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("name", FILES)
def test_no_file_names_another_host(name: str) -> None:
    addresses = re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]+[^\s\"')]*", text_of(name))
    assert [address for address in addresses if address != "http://www.w3.org/2000/svg"] == []


def test_the_page_holds_no_script_and_no_style_of_its_own() -> None:
    page = Page()
    assert page.inline.strip() == ""
    for tag, attributes in page.elements:
        assert tag != "style"
        assert not [name for name in attributes if name == "style" or name.startswith("on")]


def test_ids_are_given_once() -> None:
    ids = Page().ids()
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_id_that_a_script_asks_for_is_on_the_page(name: str) -> None:
    text = text_of(name)
    asked = set(re.findall(r"byId\(\"([^\"]+)\"\)", text))
    for names in re.findall(r"(?:const FLAGS = |for \(const id of )\[([^\]]+)\]", text):
        asked |= set(re.findall(r"\"([^\"]+)\"", names))
    assert asked <= set(Page().ids())


def test_every_field_of_the_form_is_one_that_the_service_knows() -> None:
    text = text_of("request.js")
    table = re.search(r"const TEXTS = \{([^}]+)\}", text)
    flags = re.search(r"const FLAGS = \[([^\]]+)\]", text)
    assert table is not None
    assert flags is not None
    fields = dict(re.findall(r"(\w+): \"(\w+)\"", table[1]))
    assert set(fields) <= set(Page().ids())
    known = set(SoundtrackRequest.model_fields) | {"story", "caption"}
    assert set(fields.values()) | set(re.findall(r"\"(\w+)\"", flags[1])) <= known


def test_styles_and_formats_are_those_of_the_service() -> None:
    html = text_of("index.html")

    def options(id_: str) -> set[str]:
        box = re.search(rf'<select id="{id_}">(.*?)</select>', html, re.DOTALL)
        assert box is not None
        return {value or text for value, text in re.findall(r"<option(?: value=\"(\w*)\")?>([^<]*)<", box[1])}

    assert options("style") == {*get_args(StyleName), "auto"}
    assert options("format") == {*get_args(Format), "auto"}


def test_every_control_has_a_label_and_every_label_a_control() -> None:
    page, html = Page(), text_of("index.html")
    labelled = set(page.values("label", "for"))
    wrapped = set(re.findall(r'<label class="check"><input id="(\w+)"', html))
    controls = {attributes["id"] or "" for tag, attributes in page.elements if tag in {"input", "select", "textarea"}}
    assert labelled - {""} <= set(page.ids())
    assert controls == (labelled - {""}) | wrapped


def test_names_and_descriptions_refer_to_what_is_there() -> None:
    page = Page()
    for _, attributes in page.elements:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            if name in attributes:
                assert attributes[name] in page.ids()


def test_pictures_say_what_they_show_or_that_they_say_nothing() -> None:
    assert all("alt" in attributes for tag, attributes in Page().elements if tag == "img")


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_import_what_is_served_and_use_what_is_exported(name: str) -> None:
    for names, path in re.findall(r"import \{([^}]+)\} from \"([^\"]+)\"", text_of(name)):
        other = path.removeprefix("./")
        assert other in SCRIPTS
        for word in names.split(","):
            assert re.search(rf"export (?:async )?(?:function|class|const) {word.strip()}\b", text_of(other))


@pytest.mark.parametrize("name", SCRIPTS)
def test_text_never_becomes_markup(name: str) -> None:
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert word not in text_of(name)


def test_the_key_does_not_outlive_the_tab() -> None:
    everything = "".join(text_of(name) for name in SCRIPTS)
    assert "sessionStorage" in everything
    assert "localStorage" not in everything
    assert "document.cookie" not in everything


def test_dark_rooms_small_screens_and_calm_eyes_are_served() -> None:
    css = text_of("page.css")
    for feature in ("prefers-color-scheme: dark", "prefers-reduced-motion: reduce", "min-width:", ":focus-visible"):
        assert feature in css
    assert css.count("{") == css.count("}")


def test_every_file_that_the_page_names_is_there() -> None:
    page = Page()
    named = {*page.values("link", "href"), *page.values("script", "src"), *page.values("img", "src")} - {""}
    assert {name.removeprefix("./") for name in named} <= set(FILES)


def test_the_mark_is_a_picture() -> None:
    assert ET.fromstring(text_of("mark.svg")).tag == "{http://www.w3.org/2000/svg}svg"
