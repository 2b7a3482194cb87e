"""The API process: a BentoML service with the public routes mounted under /v1; it never imports a model."""

import os

import bentoml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from generators.errors import BadWeights
from schemas.problem import Problem
from service.bundle import bundle_folder, read_manifest
from service.failure import failure_of, one_line

PROBLEM_BASE = "urn:tonereel:problem:"


def health(request: Request) -> JSONResponse:
    """Whether this process answers."""
    del request
    return JSONResponse({"status": "ok"})


def models(request: Request) -> JSONResponse:
    """The model bundles that music can be made with."""
    del request
    return JSONResponse([read_manifest(bundle_folder(os.environ)).model_dump()])


def problem(request: Request, error: Exception) -> JSONResponse:
    """An error as problem+json (RFC 9457)."""
    failure = failure_of(error)
    body = Problem(
        type=PROBLEM_BASE + failure.slug,
        title=failure.title,
        status=failure.status,
        detail=one_line(error),
        instance=request.url.path,
    )
    return JSONResponse(body.model_dump(), failure.status, media_type="application/problem+json")


api = Starlette(routes=[Route("/health", health), Route("/models", models)], exception_handlers={BadWeights: problem})


@bentoml.asgi_app(api, path="/v1")
@bentoml.service(name="tonereel")
class MusicService:
    """Serves the API."""
