"""`tonereel keys`: makes, lists and revokes API keys."""

import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import click

from service.access.key import SCOPES, ApiKey, Scope
from service.access.keyring import KeyLimits, Keyring
from service.settings import Settings

T = TypeVar("T")


@click.group()
def keys() -> None:
    """API keys: who may use the service, for what, and how often.

    They live in the Redis of the service: that of TONEREEL_REDIS_URL, or the embedded one in TONEREEL_DATA_DIR.
    """


@keys.command()
@click.option("--name", required=True, metavar="TEXT", help="What the key is for.")
@click.option("--tenant", required=True, metavar="NAME", help="Whose jobs and files it reaches.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    default=("soundtracks:read", "soundtracks:write"),
    show_default=True,
    help="What it may do; may be repeated. admin may do everything.",
)
@click.option("--requests-per-s", type=click.FloatRange(0, min_open=True), help="Requests per second in the long run.")
@click.option("--burst", type=click.IntRange(1), help="Requests at once.")
@click.option("--max-outstanding", type=click.IntRange(1), help="Jobs waiting or running.")
def create(name: str, tenant: str, scopes: tuple[Scope, ...], **limits: float | int | None) -> None:
    """Make a key. Its secret is printed once and kept nowhere."""
    given = KeyLimits(
        requests_per_s=limits["requests_per_s"],
        burst=_whole(limits["burst"]),
        max_outstanding=_whole(limits["max_outstanding"]),
    )
    key, secret = _with_keyring(lambda keyring: keyring.create(name, tenant, scopes, limits=given))
    click.echo(f"{key.id}: keep this secret, it is not shown again", err=True)
    click.echo(secret)


@keys.command("list")
def list_keys() -> None:
    """Name all keys, the newest first, and the day of their last use."""

    async def look(keyring: Keyring) -> list[str]:
        uses = await keyring.last_uses()
        return [_line(key, str(uses.get(key.id, "never"))) for key in await keyring.all()]

    for line in _with_keyring(look):
        click.echo(line)


@keys.command()
@click.argument("id_", metavar="ID")
def revoke(id_: str) -> None:
    """Make a key useless; within five seconds no process lets it in."""
    key = _with_keyring(lambda keyring: keyring.revoke(id_))
    click.echo(f"{key.id} ({key.name}, {key.tenant}) is revoked")


def _line(key: ApiKey, used: str) -> str:
    made = datetime.fromtimestamp(key.created_at, UTC).date()
    state = "active" if key.revoked_at is None else "revoked"
    return f"{key.id}  {state:<7}  {key.tenant}  {key.name}  {','.join(key.scopes)}  made {made}  used {used}"


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _with_keyring(work: Callable[[Keyring], Awaitable[T]]) -> T:
    """Do something with the keys of the service that the environment describes."""
    import asyncio

    from service.records.redis import RedisRecords

    settings = Settings.from_environment(os.environ)

    async def go(url: str) -> T:
        records = RedisRecords.connect(url, settings.queue_name)
        try:
            return await work(Keyring(records))
        finally:
            await records.close()

    with _redis_url(settings) as url:
        return asyncio.run(go(url))


@contextmanager
def _redis_url(settings: Settings) -> Iterator[str]:
    """The Redis of the settings; else the embedded one, as it runs, or started for the moment."""
    from service.redis_server import EmbeddedRedis

    folder = settings.data_dir / "redis"
    if settings.redis_url is not None:
        yield settings.redis_url.get_secret_value()
    elif _answers(folder):
        yield f"unix://{os.path.realpath(folder / 'redis.sock')}"
    else:
        with EmbeddedRedis(folder) as server:
            yield server.url


def _answers(folder: Path) -> bool:
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(os.path.realpath(folder / "redis.sock"))
        except OSError:
            return False
        return True
