"""Pieces of the OpenAPI description that routes share."""

from collections.abc import Mapping
from typing import Any

from schemas.problem import Problem
from service.api.problems import MEDIA_TYPE

Answer = type | str | None  # a wire type, a media type of raw content, or nothing
ALWAYS = (401, 403, 429, 500, 503)
MEANING = {
    200: "Done.",
    201: "Made.",
    202: "Accepted; look again at `Location`.",
    204: "Gone.",
    206: "A part of it.",
    304: "As it was.",
    400: "The request cannot be read.",
    401: "An API key is needed.",
    403: "The API key is not for this.",
    404: "There is no such thing, or it is somebody else's.",
    405: "Not for this method.",
    408: "The body came too slowly.",
    409: "Not in this state.",
    410: "It is no longer kept.",
    413: "Too large.",
    415: "Of a type that is not taken here.",
    416: "The range begins beyond the end.",
    422: "A value cannot be used; `errors` says which.",
    429: "Too much at once; try again after `Retry-After`.",
    500: "Something failed that should not.",
    503: "A part of the service does not answer; try again.",
}


def ref(model: type) -> dict[str, str]:
    """A wire type, by reference."""
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def answers(good: Mapping[int, Answer], *bad: int) -> dict[int | str, dict[str, Any]]:
    """All answers of a route: the good ones, the problems named, and those that any route may give."""
    found: dict[int | str, dict[str, Any]] = {
        status: {"description": MEANING[status]} | _content(answer) for status, answer in good.items()
    }
    problem = {"content": {MEDIA_TYPE: {"schema": ref(Problem)}}}
    for status in sorted({*bad, *ALWAYS, 422}):
        found[status] = {"description": MEANING[status], **problem}
    return found | {"default": {"description": "A problem.", **problem}}


def body(content: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The body that a route takes, by media type."""
    return {
        "requestBody": {"required": True, "content": {kind: {"schema": schema} for kind, schema in content.items()}}
    }


def _content(answer: Answer) -> dict[str, Any]:
    if answer is None:
        return {}
    if isinstance(answer, str):
        return {"content": {answer: {"schema": {"type": "string"}}}}
    return {"content": {"application/json": {"schema": ref(answer)}}}
