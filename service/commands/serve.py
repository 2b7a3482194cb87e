"""`tonereel serve`: everything on one machine."""

import os
import sys
from pathlib import Path

import click


@click.command()
@click.option("--host", metavar="ADDRESS", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 picks one.  [default: 3000]")
@click.option("--workers", type=click.IntRange(0, 64), help="Worker processes.  [default: 1]")
@click.option("--data-dir", metavar="DIR", help="Where jobs, files and Redis live.  [default: tonereel-data]")
def serve(host: str | None, port: int | None, workers: int | None, data_dir: str | None) -> None:
    """Serve the API and its page on one machine: Redis, API and workers under one command.

    Ctrl-C stops everything in order and lets running jobs end; a second Ctrl-C stops at once. Every setting of
    docs/configuration.md is read from the environment; options win.
    """
    import asyncio

    from service.observe.logs import set_up_logs
    from service.serve.ground import free_port, own_folder
    from service.serve.house import keep
    from service.serve.machine import address, plan_of, redis_of
    from service.settings import PREFIX, Settings

    options = {"HOST": host, "PORT": port, "WORKERS": workers, "DATA_DIR": data_dir}
    environment = {**os.environ, **{PREFIX + name: str(o) for name, o in options.items() if o is not None}}
    settings = Settings.from_environment(environment)
    hidden = [secret.get_secret_value() for secret in (settings.redis_url, settings.signing_key) if secret]
    set_up_logs(level=settings.log_level, format=settings.log_format, secrets=hidden)
    with own_folder(settings.data_dir) as data:
        found = free_port(settings.host, settings.port)
        settings = settings.model_copy(update={"data_dir": data})
        where = address(settings.host, found)

        def say() -> None:
            keys = "; requests need an API key" if settings.asks_for_keys else ""
            click.echo(f"Tonereel is ready at {where} (data in {_short(data)}{keys}; Ctrl-C stops it)")

        with redis_of(settings, data) as redis:
            plan = plan_of(settings, environment, redis_url=redis.url, port=found)
            asyncio.run(keep(plan, on_ready=say, tend=redis.tend))


def _short(folder: Path) -> str:
    here = Path.cwd()
    return str(folder.relative_to(here)) if folder.is_relative_to(here) and folder != here else str(folder)


if __name__ == "__main__":
    from service.cli import Tonereel

    Tonereel(commands={"serve": serve}).main(["serve", *sys.argv[1:]])
