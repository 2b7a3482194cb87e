"""The summary as a page that needs nothing but the files beside it; it opens from a disk as well as from a server."""

from collections import Counter
from collections.abc import Callable, Iterable
from html import escape
from typing import TextIO
from urllib.parse import quote

from service.batch.journal import Entry, Placed
from service.batch.rows import Row

HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --line: #8884; --bad: #c0392b; --good: #2e8b57; }}
body {{ font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1rem; }}
h1 {{ font-size: 1.4rem; margin: 0 0 .3rem; }}
table {{ border-collapse: collapse; width: 100%; margin-top: 1rem; }}
th, td {{ text-align: left; vertical-align: top; padding: .45rem .6rem; border-bottom: 1px solid var(--line); }}
th {{ position: sticky; top: 0; background: Canvas; font-weight: 600; }}
td.n {{ text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }}
td.id {{ overflow-wrap: anywhere; max-width: 18rem; }}
.done {{ color: var(--good); }} .failed {{ color: var(--bad); }} .open {{ opacity: .6; }}
video {{ max-width: 20rem; max-height: 12rem; display: block; }} audio {{ width: 18rem; display: block; }}
.files a {{ margin-right: .6rem; white-space: nowrap; }}
summary {{ cursor: pointer; }}
</style>
"""
TITLES = ("id", "status", "music", "s", "bpm", "key", "style", "LUFS", "x real time", "files or problem")
MAX_LINKED_FAULTS = 200


def write_page(rows: Callable[[], Iterable[Row]], out: TextIO, title: str) -> None:
    """Write the page; every text in it may hold anything, so every text is escaped."""
    counts = Counter(row.status for row in rows())
    out.write(HEAD.format(title=escape(title)))
    out.write(f"<h1>{escape(title)}</h1>\n<p>{_count(counts)}</p>\n")
    if counts["failed"]:
        _write_faults(rows(), out, counts["failed"])
    out.write("<table>\n<thead><tr>" + "".join(f"<th>{t}</th>" for t in TITLES) + "</tr></thead>\n<tbody>\n")
    for number, row in enumerate(rows(), 1):
        out.write(_row(number, row))
    out.write("</tbody>\n</table>\n</html>\n")


def _write_faults(rows: Iterable[Row], out: TextIO, count: int) -> None:
    out.write(f'<details open><summary class="failed">{count} failed</summary>\n<ul>\n')
    left = MAX_LINKED_FAULTS
    for number, row in enumerate(rows, 1):
        if row.status == "failed" and left:
            left -= 1
            out.write(f'<li><a href="#item-{number}">{escape(row.id)}</a>\n')
    out.write("</ul></details>\n")


def _count(counts: Counter[str]) -> str:
    words = [f'<span class="{status}">{counts[status]} {status}</span>' for status in ("done", "failed", "open")]
    return f"{sum(counts.values())} items: " + ", ".join(words)


def _row(number: int, row: Row) -> str:
    entry = row.entry
    cells = [
        f'<td class="id">{escape(row.id)}</td>',
        f'<td class="{row.status}">{row.status}</td>',
        f"<td>{''.join(_player(f) for f in entry.outputs) if entry else ''}</td>",
        *_figures(entry),
        f'<td class="files">{_end(entry)}</td>',
    ]
    return f'<tr id="item-{number}">{"".join(cells)}</tr>\n'


def _player(file: Placed) -> str:
    tag = file.kind
    if tag not in {"audio", "video"}:
        return ""
    return f'<{tag} controls preload="none" src="{_address(file.path)}"></{tag}>'


def _figures(entry: Entry | None) -> list[str]:
    figures = entry.figures if entry else None
    if figures is None:
        return ['<td class="n"></td>'] * 6
    loudness = "" if figures.loudness_lufs is None else f"{figures.loudness_lufs:.1f}"
    return [
        f'<td class="n">{figures.duration_s:.2f}</td>',
        f'<td class="n">{figures.tempo_bpm:.1f}</td>',
        f"<td>{escape(figures.key)}</td>",
        f"<td>{escape(figures.style)}</td>",
        f'<td class="n">{loudness}</td>',
        f'<td class="n">{figures.real_time_factor:.1f}</td>',
    ]


def _end(entry: Entry | None) -> str:
    if entry is None:
        return ""
    if entry.problem is not None:
        return f'<span class="failed">{escape(entry.problem.title)}</span>: {escape(entry.problem.detail)}'
    return " ".join(f'<a href="{_address(f.path)}">{escape(_label(f))}</a>' for f in entry.outputs)


def _label(file: Placed) -> str:
    name = file.path.rpartition("/")[2]
    return name if file.kind == "stem" else file.path


def _address(path: str) -> str:
    """A relative address; the dot keeps a name with a colon from being taken for a scheme."""
    return escape("./" + quote(path), quote=True)
