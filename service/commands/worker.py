"""`tonereel worker`: makes the jobs of a queue."""

import os
import sys

import click

from service.worker.composition import SCORE_ENGINE


@click.command()
@click.option("--engine", default=SCORE_ENGINE, hidden=True, help="Dotted path of what makes the music.")
def worker(engine: str) -> None:
    """Take jobs from the queue and make them, until SIGTERM; then running jobs may end.

    Every setting of docs/configuration.md is read from the environment. TONEREEL_REDIS_URL is needed.
    """
    import asyncio
    import logging

    from pydantic import SecretStr

    from service.observe.logs import set_up_logs
    from service.settings import Settings
    from service.worker.composition import run_worker

    settings = Settings.from_environment(os.environ)
    hidden = [value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)]
    set_up_logs(level=settings.log_level, format=settings.log_format, secrets=hidden)
    log = logging.getLogger("tonereel.worker")
    asyncio.run(run_worker(settings, engine, ready=lambda label: log.info("ready with %s", label)))


if __name__ == "__main__":
    from service.cli import Tonereel

    Tonereel(commands={"worker": worker}).main(["worker", *sys.argv[1:]])
