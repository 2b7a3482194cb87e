"""The command `tonereel batch`: scores everything in a folder or a manifest, and can be run again at any time."""

from pathlib import Path
from typing import TypedDict, Unpack

import click


class BatchOptions(TypedDict):
    """What the options of `tonereel batch` give."""

    items: str
    out: str
    workers: int | None
    timeout: float | None
    retry_failed: bool
    strict: bool
    defaults: tuple[str, ...]
    server: str | None
    api_key: str | None
    dry_run: bool
    quiet: bool


@click.command()
@click.argument("items", metavar="MANIFEST.jsonl|FOLDER")
@click.option("-o", "--out", required=True, metavar="DIR", help="Folder for all results and their summary.")
@click.option("--workers", type=click.IntRange(1, 64), help="Items made at once; by default 1, with --server 8.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), metavar="S", help="Give an item up after this.")
@click.option("--retry-failed/--no-retry-failed", default=True, help="Try items again that failed in an earlier run.")
@click.option("--strict", is_flag=True, help="Make nothing at all while a line of the manifest is wrong.")
@click.option(
    "--set", "defaults", multiple=True, metavar="NAME=VALUE", help="A field for every item: --set stems=true."
)
@click.option("--server", metavar="URL", help="Have a running service make the music.")
@click.option("--api-key", envvar="TONEREEL_API_KEY", help="Key for the service; TONEREEL_API_KEY if not given.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def batch(**given: Unpack[BatchOptions]) -> None:
    """Score every line of a manifest, or every video and image of a folder.

    Run again, it makes only what is missing, changed or failed. A failed item never stops the others:
    exit code 3 when some failed by their input, 4 when some failed by the engine.
    """
    from service.batch.main import Wish, run_batch

    code = run_batch(
        Wish(
            items=Path(given["items"]),
            out=Path(given["out"]),
            workers=given["workers"],
            timeout_s=given["timeout"],
            retry_failed=given["retry_failed"],
            is_strict=given["strict"],
            defaults=given["defaults"],
            server=given["server"],
            api_key=given["api_key"],
            is_dry=given["dry_run"],
            is_quiet=given["quiet"],
        )
    )
    if code:
        raise click.exceptions.Exit(code)
