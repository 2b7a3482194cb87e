"""The application: every public route, every error as a problem."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route

from encoders.errors import EncoderError
from generators.errors import GeneratorError
from service.api.artifact_routes import artifact_routes
from service.api.batch_routes import batch_routes
from service.api.bounded import Bounded
from service.api.docs_page import docs_routes
from service.api.edge import Edge
from service.api.health_routes import health_routes
from service.api.job_routes import job_routes
from service.api.openapi import description_of
from service.api.page import Leftovers
from service.api.parts import ApiParts
from service.api.problems import handle
from service.api.soundtrack_routes import cue_sheet_routes, soundtrack_routes
from service.api.upload_routes import upload_routes
from service.errors import ServiceError

Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]
HANDLED: tuple[type[Exception], ...] = (
    ServiceError,
    EncoderError,
    GeneratorError,
    RequestValidationError,
    HTTPException,
)


def create_app(parts: ApiParts, routers: Sequence[APIRouter] = ()) -> FastAPI:
    """The application around its parts, which whoever made them closes; `routers` are more routes under `/v1`."""
    handlers: dict[int | type[Exception], Handler] = dict.fromkeys(HANDLED, handle)
    app = FastAPI(
        title="Tonereel",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=handlers,
        middleware=[Middleware(Edge), Middleware(Bounded)],
    )
    app.state.parts = parts
    for router in (
        soundtrack_routes(),
        job_routes("/v1/soundtracks", "soundtrack"),
        cue_sheet_routes(),
        job_routes("/v1/cue-sheets", "cue_sheet"),
        batch_routes(),
        upload_routes(),
        artifact_routes(),
        health_routes(),
        docs_routes(),
    ):
        app.include_router(router)
    for more in routers:
        app.include_router(more, prefix="/v1")
    app.add_route("/v1/openapi.json", _description, include_in_schema=False)
    app.router.routes.append(Route("/{path:path}", Leftovers(), include_in_schema=False))
    return app


async def _description(request: Request) -> Response:
    return JSONResponse(description_of(request.app))
