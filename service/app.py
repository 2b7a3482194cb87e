"""The API as a BentoML service: the same application that `tonereel api` serves, under BentoML's own health routes."""

import os

import bentoml

from service.api.composition import api_app
from service.settings import Settings

UPLOAD_S = 1_800  # BentoML cuts off what has not been answered by then; our own limits of size and pace come first

api = api_app(lambda: Settings.from_environment(os.environ))


@bentoml.asgi_app(api, path="/")
@bentoml.service(
    name="tonereel",
    traffic={"timeout": UPLOAD_S},
    metrics={"enabled": False},  # they are labelled with whole paths: every job's id would stay in memory for ever
)
class MusicService:
    """Serves the API. BentoML answers `/livez`, `/healthz` and `/readyz`; everything else is ours."""

    async def __is_ready__(self) -> bool:
        """Whether jobs are taken and made."""
        from service.api.errors import NotReady
        from service.api.health_routes import readiness

        app = api.state.late.app
        if app is None:
            return False
        try:
            await readiness(app.state.parts)
        except NotReady:
            return False
        return True
