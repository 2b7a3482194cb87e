"""The summary: every item, nothing from elsewhere, and no text that does more than be read."""

import csv
import io
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from schemas.problem import Problem
from schemas.soundtrack import OutputKind
from service.batch.journal import Entry, Figures, Placed
from service.batch.page import write_page
from service.batch.rows import Row
from service.batch.summary import COLUMNS, write_summary, write_table

FIGURES = Figures(
    duration_s=4.0,
    tempo_bpm=120.5,
    key="D minor",
    style="folk",
    loudness_lufs=-14.0,
    true_peak_dbtp=None,
    real_time_factor=9.0,
)
NASTY = "<script>alert(1)</script>\"'&=cmd|x"


class Page(HTMLParser):
    """The tags, addresses and words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]
        assert not any(name.startswith("on") or name == "style" for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.words += data


def done(id_: str) -> Row:
    places: dict[OutputKind, str] = {
        "video": f"{id_}.mp4",
        "stem": f"stems/{id_}/lead.wav",
        "report": f"{id_}.report.json",
    }
    outputs = tuple(Placed(path=path, kind=kind, take=1, n_bytes=1, sha256="0") for kind, path in places.items())
    return Row(id_, Entry(id=id_, digest="0", outputs=outputs, figures=FIGURES, seconds=1.5))


def failed(id_: str, detail: str) -> Row:
    problem = Problem(title=detail, status=422, detail=detail, code="bad-input")
    return Row(id_, Entry(id=id_, digest="0", problem=problem))


def page_of(*rows: Row, title: str = "films") -> Page:
    out = io.StringIO()
    write_page(lambda: rows, out, title)
    return Page(out.getvalue())


def table_of(*rows: Row) -> list[dict[str, str]]:
    out = io.StringIO()
    write_table(rows, out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


@given(st.text(max_size=30), st.text(max_size=30))
def test_texts_stay_texts(id_: str, detail: str) -> None:
    plain = page_of(failed("a", "b"), done("a"))
    page = page_of(failed(id_ + NASTY, detail + NASTY), done(id_ + NASTY), title=detail + NASTY)
    assert page.tags == plain.tags
    assert "script" not in page.tags
    assert page.words.count("<script>alert(1)</script>") == 9


def test_every_address_is_a_file_beside_the_page() -> None:
    page = page_of(done("a b#1?%:é"), failed("c", "d"))
    own = [a for a in page.addresses if not a.startswith("#item-")]
    assert all(a.startswith("./") for a in own)
    names = {"a b#1?%:é.mp4", "stems/a b#1?%:é/lead.wav", "a b#1?%:é.report.json"}
    assert {unquote(a.removeprefix("./")) for a in own} == names
    assert not page.tags & {"link", "script", "img", "iframe"}
    assert "video" in page.tags


def test_the_table_has_one_row_for_each_item_in_every_state() -> None:
    first, second, third = table_of(done("a"), failed("b", "line 1\nline 2"), Row("c", None))
    assert tuple(first) == COLUMNS
    assert (first["status"], first["duration_s"], first["true_peak_dbtp"], first["files"]) == (
        "done",
        "4.0",
        "",
        "a.mp4",
    )
    assert (second["status"], second["code"], second["problem"]) == ("failed", "bad-input", "line 1 line 2")
    assert (third["status"], third["seconds"]) == ("open", "")


def test_a_spreadsheet_takes_no_text_for_a_formula() -> None:
    (row,) = table_of(failed("=1+1", "@SUM(A1)"))
    assert (row["id"], row["problem"]) == ("'=1+1", "'@SUM(A1)")


def test_both_files_appear_whole(tmp_path: Path) -> None:
    rows = [done(str(n)) for n in range(300)]
    write_summary(lambda: rows, tmp_path, "films")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["summary.csv", "summary.html"]
    text = (tmp_path / "summary.html").read_text(encoding="utf-8")
    assert text.count("<tr id=") == 300
    assert "300 done" in Page(text).words
