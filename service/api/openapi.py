"""The OpenAPI description: what the routes say, every wire type, and an example for each."""

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from schemas.cue_sheet import CueSheet
from schemas.problem import Problem
from schemas.soundtrack import Batch, BatchRequest, Soundtrack, SoundtrackPage, SoundtrackRequest, Upload
from service.api.describing import ALWAYS, MEANING
from service.api.examples import EXAMPLES
from service.api.wire import Health, ModelList

WIRE = (
    SoundtrackRequest,
    Soundtrack,
    SoundtrackPage,
    CueSheet,
    Batch,
    BatchRequest,
    Upload,
    ModelList,
    Health,
    Problem,
)
TEXT = "Scores pictures: video, image or story in, music of exactly that length, on its cuts and in its mood, out."
UNUSED = ("HTTPValidationError", "ValidationError")


def description_of(app: FastAPI) -> dict[str, Any]:
    """The description of an application, made once."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    found = get_openapi(
        title="Tonereel", version=version("tonereel"), openapi_version="3.1.0", description=TEXT, routes=app.routes
    )
    _, defined = models_json_schema([(m, "validation") for m in WIRE], ref_template="#/components/schemas/{model}")
    components = found.setdefault("components", {})
    schemas = {**components.get("schemas", {}), **defined["$defs"]}
    components["schemas"] = {
        name: {**schema, **({"examples": [EXAMPLES[name]]} if name in EXAMPLES else {})}
        for name, schema in sorted(schemas.items())
        if name not in UNUSED
    }
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "An API key."}}
    found["security"] = [{}, {"key": []}]
    for operations in found["paths"].values():
        for method, operation in operations.items():
            if method != "head":  # its answers have no content
                _complete(operation)
    app.openapi_schema = found
    return found


def _complete(operation: dict[str, Any]) -> None:
    """Say of every answer that its problem is a problem, also where a route said nothing."""
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answers = operation["responses"]
    answers.setdefault("default", {"description": "A problem."})
    for status in (*ALWAYS, 422):
        answers.setdefault(str(status), {"description": MEANING[status]})
    for status, answer in answers.items():
        if status == "default" or int(status) >= 400:
            answer["content"] = problem
