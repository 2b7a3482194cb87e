"""`tonereel api`: serves the HTTP API."""

import os
import sys

import click


@click.command()
@click.option("--host", metavar="ADDRESS", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 picks one.  [default: 3000]")
def api(host: str | None, port: int | None) -> None:
    """Serve the HTTP API and its page; workers are started apart, with `tonereel worker`.

    Every setting of docs/configuration.md is read from the environment; options win. Without TONEREEL_REDIS_URL an
    embedded Redis is started. SIGTERM lets what was begun be answered.
    """
    import uvicorn
    from pydantic import SecretStr

    from service.api.composition import api_app
    from service.observe.logs import set_up_logs
    from service.settings import PREFIX, Settings

    options = {PREFIX + "HOST": host, PREFIX + "PORT": port}
    environment = {**os.environ, **{name: str(value) for name, value in options.items() if value is not None}}
    settings = Settings.from_environment(environment)
    hidden = [value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)]
    set_up_logs(level=settings.log_level, format=settings.log_format, secrets=hidden)
    uvicorn.run(
        api_app(lambda: settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,  # `service.observe.requests` writes one, with the request's id
        server_header=False,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    from service.cli import Tonereel

    Tonereel(commands={"api": api}).main(["api", *sys.argv[1:]])
