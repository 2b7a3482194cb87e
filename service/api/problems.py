"""Errors as problem+json (RFC 9457)."""

import math

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.problem import TYPE, Problem, ProblemField
from service.api.errors import BadHeader, BodyTooLarge, BodyTooSlow, InvalidBody, MalformedBody, NoSuchPath, WrongMethod
from service.api.json_text import escaped
from service.api.parts import parts_of
from service.api.validation import fields_of
from service.failure import UNEXPECTED, failure_of, one_line
from service.jobs.errors import QueueFull

MEDIA_TYPE = "application/problem+json"
UNEXPECTED_DETAIL = "something failed that should not; try again, and report it with the request_id if it stays"
_IN_PATH = "path"


def problem_of(error: Exception, *, instance: str | None = None, request_id: str | None = None) -> Problem:
    """An error as the problem that a client sees; of unexpected ones nothing inside shows."""
    failure = failure_of(error)
    return Problem(
        type=TYPE + failure.slug,
        title=failure.title,
        status=failure.status,
        detail=UNEXPECTED_DETAIL if failure is UNEXPECTED else one_line(error).encode("utf-8", "replace").decode(),
        instance=instance,
        code=failure.slug,
        errors=error.fields if isinstance(error, InvalidBody) else (),
        request_id=request_id,
        retryable=bool(getattr(error, "retryable", failure.retryable)),
    )


def respond(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """A problem as an answer."""
    return Response(problem.model_dump_json(exclude_none=True), problem.status, headers, MEDIA_TYPE)


def answer_to(error: Exception, *, instance: str | None, request_id: str | None) -> Response:
    """The answer to a request that failed with an error of any kind."""
    problem = problem_of(error, instance=instance, request_id=request_id)
    return respond(problem, headers_of(error, problem.status))


def headers_of(error: Exception, status: int) -> dict[str, str]:
    """The headers that go with an error: when to try again, what is allowed, how to prove who one is."""
    headers = dict(getattr(error, "headers", {}) or {})
    wait_s = getattr(error, "retry_after_s", None)
    if isinstance(wait_s, int | float):
        seconds = str(max(1, math.ceil(wait_s)))
        headers.setdefault("Retry-After", seconds)
        if isinstance(error, QueueFull):
            headers["RateLimit"] = f'"outstanding";r=0;t={seconds}'
    elif status == 503:
        headers.setdefault("Retry-After", "2")
    challenge = getattr(error, "challenge", None)
    if isinstance(challenge, str):
        headers["WWW-Authenticate"] = challenge
    return headers


async def handle(request: Request, error: Exception) -> Response:
    """The handler of our own errors and of the framework's."""
    if isinstance(error, RequestValidationError):
        error = _invalid(error)
    elif isinstance(error, HTTPException):
        error = _of_framework(error, request)
    answer = answer_to(error, instance=request.url.path, request_id=request.scope.get("request_id"))
    if isinstance(error, QueueFull):
        answer.headers["RateLimit-Policy"] = f'"outstanding";q={parts_of(request).settings.max_outstanding}'
    return answer


def _invalid(error: RequestValidationError) -> Exception:
    """Parameters that do not fit; one in the path names nothing that exists."""
    errors = error.errors()
    if any(e["loc"][:1] == (_IN_PATH,) for e in errors):
        return NoSuchPath("there is nothing at this address; check the id")
    found = []
    for one in errors:
        where, *name = one["loc"]
        plain = fields_of([{"loc": (), "msg": one["msg"]}], None)[0].detail
        steps = name if where == "body" else (where, *name)
        found.append(ProblemField(pointer="".join(f"/{escaped(step)}" for step in steps), detail=plain))
    return InvalidBody(found)


def _of_framework(error: HTTPException, request: Request) -> Exception:
    allowed = (error.headers or {}).get("Allow")
    if error.status_code == 405 and allowed:
        return WrongMethod(request.method, allowed.split(", "))
    known = {
        400: MalformedBody(str(error.detail)),
        404: NoSuchPath("there is nothing at this address; /v1/docs lists all of them"),
        408: BodyTooSlow("the body did not come in time; send it again, faster"),
        413: BodyTooLarge("the body"),
    }
    if error.status_code >= 500:
        return RuntimeError(str(error.detail))
    return known.get(error.status_code, BadHeader(str(error.detail)))
