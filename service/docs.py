"""Writes the manual of the command line from its own help: `python -m service.docs docs/cli.md`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from service.cli import cli

WIDTH = 100
HEAD = """# The command line

What `--help` says, command by command. Written by `make docs`; edit the help texts in `service/`, not this file.
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


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(manual(), encoding="utf-8")
