"""Writes docs/cli.md from the help texts, and configuration.md beside it: `python -m service.docs docs/cli.md`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from service.cli import cli
from service.settings import PREFIX, Settings

WIDTH = 100
HEAD = """# The command line

What `--help` says, command by command. Written by `make docs`; edit the help texts in `service/`, not this file.
"""
CONFIGURATION_HEAD = """# Settings

Every command of the service reads these from the environment; options of a command win. REDIS_URL is read where
TONEREEL_REDIS_URL is not set; keys and region of an S3 store come from the usual AWS_ variables. Written by
`make docs` from `service/settings.py`; edit that, not this file.

| Variable | Default | What it is |
|---|---|---|
"""


def manual() -> str:
    """The help of every command as Markdown."""
    return "\n".join([HEAD, *_pages(cli, None, "tonereel")])


def _pages(command: click.Command, parent: click.Context | None, name: str) -> Iterator[str]:
    context = click.Context(command, parent=parent, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH)
    context.help_option_names = ["-h", "--help"]
    lines = (line.rstrip() for line in command.get_help(context).splitlines())
    yield f"## {context.command_path}\n\n```text\n" + "\n".join(lines) + "\n```\n"
    if isinstance(command, click.Group):
        for sub in command.list_commands(context):
            yield from _pages(command.commands[sub], context, sub)


def configuration() -> str:
    """Every setting as a row of a Markdown table."""
    rows = (_row(name, field) for name, field in Settings.model_fields.items())
    return CONFIGURATION_HEAD + "".join(rows)


def _row(name: str, field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        shown = "must be set"
    else:
        shown = "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"
    words = (field.description or "").replace("|", "\\|")
    return f"| `{PREFIX}{name.upper()}` | {shown} | {words} |\n"


def write(folder: Path, manual_name: str) -> None:
    """Write both documents into a folder."""
    (folder / manual_name).write_text(manual(), encoding="utf-8")
    (folder / "configuration.md").write_text(configuration(), encoding="utf-8")


if __name__ == "__main__":
    place = Path(sys.argv[1])
    write(place.parent, place.name)
