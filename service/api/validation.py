"""From values to wire types, with every error at a JSON pointer into what was sent."""

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from schemas.problem import ProblemField
from service.api.errors import InvalidBody
from service.api.json_text import escaped

MOST_ERRORS = 20
Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], value: object, *, under: str = "") -> Model:
    """A value as a wire type.

    Raises:
        InvalidBody: with one entry for each thing that is wrong, at a pointer that begins with `under`.
    """
    try:
        return model.model_validate(value)
    except ValidationError as exc:
        raise InvalidBody(fields_of(exc.errors(include_url=False), value, under=under)) from exc


def fields_of(errors: Sequence[Any], value: object, *, under: str = "") -> list[ProblemField]:
    """Pydantic's errors with pointers; names of union members, which are no part of the value, are left out."""
    return [
        ProblemField(
            pointer=under + _pointer(error, value),
            detail=str(error["msg"]).removeprefix("Value error, ").encode("utf-8", "replace").decode(),
        )
        for error in errors[:MOST_ERRORS]
    ]


def _pointer(error: Any, value: object) -> str:
    steps = []
    for step in error["loc"]:
        if isinstance(value, dict) and (step in value or error.get("type") == "missing"):
            value = value.get(step)
        elif isinstance(value, list | tuple) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            continue
        steps.append(f"/{escaped(step)}")
    return "".join(steps)
