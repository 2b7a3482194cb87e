"""`tonereel repaint`, `extend` and `accompany`: music that is there already, changed by the audio engine."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Unpack, get_args

import click

from schemas.edit import MAX_EDIT_S
from schemas.music import RoleName
from service.options import EditOptions, edit_options


class TimeSpan(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A stretch of a piece, written as start:end in seconds."""

    name = "start:end"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, float]:
        """Split and check one span."""
        start, _, end = str(value).partition(":")
        try:
            span = float(start), float(end)
        except ValueError:
            self.fail(f"{value!r} is no span; write for example 4.0:7.5", param, ctx)
        if not 0.0 <= span[0] < span[1] < float("inf"):
            self.fail(f"{value!r} is no span; give a start before an end, in seconds", param, ctx)
        return span


LENGTH_S = click.FloatRange(0, MAX_EDIT_S, min_open=True)


@click.command()
@edit_options
@click.option("--span", "spans", type=TimeSpan(), multiple=True, required=True, help="What to make anew, in seconds.")
def repaint(spans: tuple[tuple[float, float], ...], **given: Unpack[EditOptions]) -> None:
    """Make spans of SOUND anew; every sample outside them stays as it is.

    Without words, an image or a reference the new music is like the rest. --span may be given more than once.
    """
    _edit(given, {"kind": "repaint", "spans": [{"start_s": start_s, "end_s": end_s} for start_s, end_s in spans]})


@click.command()
@edit_options
@click.option("--by", "by_s", type=LENGTH_S, metavar="S", help="Go on for so many seconds.")
@click.option("--to-length", "length_s", type=LENGTH_S, metavar="S", help="Go on until the whole is so long.")
@click.option("--from", "from_s", type=LENGTH_S, metavar="S", help="Go on from here, without what comes after it.")
def extend(by_s: float | None, length_s: float | None, from_s: float | None, **given: Unpack[EditOptions]) -> None:
    """Make music that goes on after the end of SOUND, or, where SOUND has an ending, from a place before it."""
    if (by_s is None) == (length_s is None):
        raise click.UsageError("say how far to go on by exactly one of --by and --to-length")
    _edit(given, {"kind": "extend", "from_s": from_s, "by_s": by_s, "length_s": length_s})


@click.command()
@edit_options
@click.option("--role", type=click.Choice(get_args(RoleName)), required=True, help="What the further part does.")
def accompany(role: str, **given: Unpack[EditOptions]) -> None:
    """Make a further part for SOUND: OUT is the mix of both, and OUT-ROLE.wav beside it the part alone."""
    _edit(given, {"kind": "accompany", "role": role})


def _edit(given: EditOptions, wanted: Mapping[str, object]) -> None:
    """Make an edit, and say what was written."""
    from service.gather import edit_of
    from service.media.formats import AUDIO_SUFFIXES
    from service.outputs import Outputs

    outputs = Outputs(Path(given["out"]))
    if outputs.out.suffix.lower() not in AUDIO_SUFFIXES:
        raise click.UsageError(f"{outputs.out}: the suffix names no format of sound; use {', '.join(AUDIO_SUFFIXES)}")
    request = edit_of(given, wanted)

    from service.composition import parts_from
    from service.edits import edit_sound
    from service.progress import Silent, Terminal

    watched = sys.stderr.isatty() and not given["quiet"]
    edited = edit_sound(request, outputs, parts_from(os.environ), Terminal() if watched else Silent())
    if not given["quiet"]:
        for remark in edited.remarks:
            click.echo(f"tonereel: {remark}", err=True)
        for artifact in edited.artifacts:
            click.echo(f"{artifact.kind:<10} {artifact.path}")
