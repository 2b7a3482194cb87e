"""Tables in Markdown, and a results file whose sections are replaced one by one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

HEAD = """# Results

The tables are what was measured, bars are those that the project set itself. `python -m benchmarks.score_engine` makes
the music's, `python -m benchmarks.service_load` and `service_faults` the service's. Parts can be measured again alone
with `--only`; each section tells when, where and from which commit (a star: with changes) it comes.
"""

Cell = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the results file: `name` marks its place, `body` is Markdown without a heading of its own."""

    name: str
    title: str
    body: str


def table(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A Markdown table; numbers are aligned to the right and rounded to three significant digits."""
    numeric = [all(isinstance(r[i], int | float) or r[i] is None for r in rows) for i in range(len(header))]
    lines = [header, ["---:" if n else "---" for n in numeric], *[[cell(c) for c in row] for row in rows]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def cell(value: Cell) -> str:
    """One value as it stands in a table."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "**no**"
    if isinstance(value, int) or (isinstance(value, float) and abs(value) >= 100 and abs(value) < 1e9):
        return f"{value:.0f}"
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) < 1 else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
    return value.replace("|", "\\|")


def verdict(*, met: bool) -> str:
    """How a bar was met."""
    return "met" if met else "**not met**"


def replaced(text: str, section: Section) -> str:
    """The results file with one section in its place, or at the end where it is new."""
    start, end = f"<!-- {section.name} -->", f"<!-- end of {section.name} -->"
    block = f"{start}\n## {section.title}\n\n{section.body.strip()}\n{end}"
    pattern = re.compile(re.escape(start) + r".*?" + re.escape(end), re.DOTALL)
    if pattern.search(text):
        return pattern.sub(lambda _: block, text)
    return f"{text.rstrip()}\n\n{block}\n"


def in_order(text: str, names: Sequence[str]) -> str:
    """The same file with its sections in the order of `names`; what stands before the first stays first."""
    found = {}
    for name in names:
        match = re.search(rf"<!-- {re.escape(name)} -->.*?<!-- end of {re.escape(name)} -->", text, re.DOTALL)
        if match:
            found[name] = match.group(0)
            text = text.replace(match.group(0), "")
    head = re.sub(r"\n{3,}", "\n\n", text).strip()
    return "\n\n".join([head, *found.values()]) + "\n"
