"""The batch command from its options to its exit code."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from service.batch.batch import Batch
from service.batch.folder import Folder
from service.batch.journal import Journal
from service.batch.lock import locked
from service.batch.manifest import Items, Manifest
from service.batch.placing import Places
from service.batch.pool import Pool
from service.batch.rows import rows_of
from service.batch.show import Bar, Lines, Silent, told
from service.batch.spec import Spec
from service.batch.summary import HTML, write_summary
from service.batch.verdict import Judge
from service.errors import BadInput
from service.failure import BAD_INPUT, one_line
from service.worker.process import Child

ENGINE = "service.worker.score:ScoreEngineHost"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
INTERRUPTED = 130  # 128 and SIGINT's number, as shells say it
MAX_TOLD = 50
IN_FLIGHT = 8


@dataclass(frozen=True)
class Wish:
    """What the command line asks for; `engine` is what workers make music with."""

    items: Path
    out: Path
    workers: int | None = None
    timeout_s: float | None = None
    retry_failed: bool = True
    is_strict: bool = False
    defaults: tuple[str, ...] = ()
    server: str | None = None
    api_key: str | None = None
    is_dry: bool = False
    is_quiet: bool = False
    engine: str = ENGINE


def run_batch(wish: Wish) -> int:
    """Do what is asked; returns the exit code.

    Raises:
        BadInput: when there is nothing to make, or with `is_strict` anything is wrong.
        OutputUnwritable: when the folder cannot be written, or another run is at work in it.
        BadWeights: when the bundle is not usable.
    """
    items = items_of(wish)
    total = examined(items, wish)
    if wish.is_dry:
        return rehearse(items, wish)
    with locked(wish.out):
        journal = Journal(wish.out)
        try:
            return _make(items, journal, wish, total)
        except KeyboardInterrupt:
            click.echo("tonereel: stopped; run the same command again to go on from here", err=True)
            return INTERRUPTED
        finally:
            write_summary(lambda: rows_of(items, journal), wish.out, f"{wish.items.name}: soundtracks")


def items_of(wish: Wish) -> Items:
    """The items of a manifest or a folder.

    Raises:
        BadInput: when it is neither, the results would lie among the sources, or the service's address is none.
    """
    if wish.server is not None and not wish.server.startswith(("http://", "https://")):
        raise BadInput(f"{wish.server}: is no address of a service; give one such as http://127.0.0.1:3000")
    defaults = dict(_field(text) for text in wish.defaults)
    if not wish.items.is_dir():
        return Manifest(wish.items, defaults)
    if wish.items.resolve() == wish.out.resolve():
        raise BadInput(f"{wish.out}: is the folder of the sources; choose another -o for the results")
    return Folder(wish.items, defaults)


def examined(items: Items, wish: Wish) -> int:
    """Go through all items once, tell what is wrong with any, and count them.

    Raises:
        BadInput: when there are none, or with `is_strict` anything is wrong.
    """
    total = faults = 0
    for item in items:
        total += 1
        if item.fault is not None:
            faults += 1
            if faults <= MAX_TOLD and not wish.is_dry:
                click.echo(f"{item.where}: {item.fault}", err=True)
    if faults > MAX_TOLD:
        click.echo(f"and {faults - MAX_TOLD} more", err=True)
    if not total:
        raise BadInput(f"{wish.items}: holds no items; give a manifest with lines, or a folder of videos or images")
    if faults and wish.is_strict:
        raise BadInput(f"{wish.items}: {faults} of {total} items are wrong; correct them, or leave --strict out")
    return total


def rehearse(items: Items, wish: Wish) -> int:
    """Say what would be done with each item."""
    judge = Judge(Journal(wish.out), wish.out, retry_failed=wish.retry_failed)
    code = 0
    for verdict in map(judge.verdict, items):
        item = verdict.item
        if verdict.kept is not None:
            click.echo(f"keep  {told(verdict.kept)}")
        elif verdict.error is not None:
            code = BAD_INPUT
            click.echo(f"fail  {item.id}: {one_line(verdict.error)}")
        else:
            click.echo(f"make  {item.id}: {', '.join(Places(item.asked).main())}")
    return code


@contextmanager
def shared_cores(workers: int) -> Iterator[None]:
    """Processes that are started meanwhile divide the cores among them; what the environment says counts more."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    added = {name: str(max(cores // workers, 1)) for name in THREADS if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


def _make(items: Items, journal: Journal, wish: Wish, total: int) -> int:
    judge = Judge(journal, wish.out, retry_failed=wish.retry_failed)
    show = _show(wish, total)
    run = Batch(items, wish.out, journal, judge, show)
    try:
        with shared_cores(wish.workers or 1):
            asyncio.run(_run(run, journal, wish))
    finally:
        run.close()
        show.close()
    counts = run.counts
    if not wish.is_quiet:
        failed = sum(counts.failed.values())
        click.echo(f"{counts.made} made, {counts.kept} kept, {failed} failed: {wish.out / HTML}")
    return counts.exit_code


async def _run(run: Batch, journal: Journal, wish: Wish) -> None:
    if wish.server is None:
        pool = Pool(lambda: Child.spawn(wish.engine), workers=wish.workers or 1, timeout_s=wish.timeout_s)
        await pool.run(run.tasks(), run)
        return
    from service.batch.client_remote import ClientRemote
    from service.batch.remote import Limits, RemoteRunner
    from service.client import AsyncTonereel

    limits = Limits(wish.workers or IN_FLIGHT, wish.timeout_s)
    async with AsyncTonereel(wish.server, api_key=wish.api_key) as client:
        remote = ClientRemote(client, wish.server)
        await RemoteRunner(remote, journal, verdict_of=run.verdict, limits=limits).run(run.tasks(), run)


def _show(wish: Wish, total: int) -> Silent | Lines | Bar:
    if wish.is_quiet:
        return Silent()
    return Bar(total, sys.stderr) if sys.stderr.isatty() else Lines(total, sys.stderr)


def _field(text: str) -> tuple[str, object]:
    """A field of every item, from `name=value`; a value that is not JSON is a text."""
    name, equals, value = text.partition("=")
    known = set(Spec.model_fields) - {"id"}
    if not equals or name not in known:
        raise click.UsageError(f"--set {text}: write NAME=VALUE with one of {', '.join(sorted(known))}")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value
