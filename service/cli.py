"""The command line; every heavy import waits until a command needs it."""

import os
import sys
from pathlib import Path
from typing import Unpack

import click

from service.commands.api import api
from service.commands.batch import batch
from service.commands.edits import accompany, extend, repaint
from service.commands.keys import keys
from service.commands.models import models
from service.commands.serve import serve
from service.commands.worker import worker
from service.failure import failure_of, one_line
from service.options import CuesOptions, ScoreOptions, result_options, source_options


class Tonereel(click.Group):
    """The group of all commands; errors that leave a command become one line and an exit code."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as exc:
            if os.environ.get("TONEREEL_TRACEBACK"):
                raise
            click.echo(f"tonereel: {one_line(exc)}", err=True)
            ctx.exit(failure_of(exc).exit_code)


@click.group(cls=Tonereel, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="tonereel")
def cli() -> None:
    """Scores pictures: music exactly as long as the picture, on its cuts and in its mood.

    Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 the engine failed.
    """


@cli.command()
@source_options
@result_options
def score(**given: Unpack[ScoreOptions]) -> None:
    """Make music for a VIDEO, images, a story, a caption, audio or a cue sheet."""
    from service.gather import outputs_of, request_of

    outputs = outputs_of(given)
    request = request_of(given, given)

    from service.composition import parts_from
    from service.pipeline import run
    from service.progress import Silent, Terminal

    watched = sys.stderr.isatty() and not given["quiet"]
    reports = run(request, outputs, parts_from(os.environ), Terminal() if watched else Silent())
    if not given["quiet"]:
        for remark in dict.fromkeys(remark for report in reports for remark in report.remarks):
            click.echo(f"tonereel: {remark}", err=True)
        for report in reports:
            for artifact in report.artifacts:
                click.echo(f"{artifact.kind:<10} {artifact.path}")


@cli.command()
@source_options
@click.option("-o", "--out", required=True, metavar="FILE.json", help="Where the cue sheet goes.")
def cues(**given: Unpack[CuesOptions]) -> None:
    """Analyse only: write the cue sheet that `tonereel score` would follow, to edit and send back."""
    from service.gather import request_of

    request = request_of(given)

    from service.composition import parts_from
    from service.pipeline import write_cues
    from service.progress import Silent, Terminal

    watched = sys.stderr.isatty() and not given["quiet"]
    path = write_cues(request, Path(given["out"]), parts_from(os.environ), Terminal() if watched else Silent())
    if not given["quiet"]:
        click.echo(f"cue_sheet  {path}")


@cli.command()
def doctor() -> None:
    """Check that everything which music needs is here."""
    from service.doctor import examine

    findings = examine(os.environ)
    for finding in findings:
        click.echo(f"{'ok  ' if finding.well else 'FAIL'}  {finding.what:<12} {finding.detail}")
    if not all(finding.well for finding in findings):
        raise click.exceptions.Exit(4)


for command in (repaint, extend, accompany, models, batch, serve, api, worker, keys):
    command.context_settings.setdefault("help_option_names", ["-h", "--help"])  # also for one that is run alone
    cli.add_command(command)


def main() -> None:
    """Run the command line."""
    cli()
