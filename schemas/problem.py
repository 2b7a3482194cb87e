"""A problem as RFC 9457 writes it: what went wrong, for people and for programs."""

from pydantic import Field

from schemas.base import WireModel

TYPE = "urn:tonereel:problem:"  # and then the problem's code


class ProblemField(WireModel):
    """One thing that is wrong in a body: where (a JSON pointer) and what."""

    pointer: str
    detail: str


class Problem(WireModel):
    """The body of an error answer; `type` names the kind of problem, `detail` says how to mend this one."""

    type: str = Field(default="about:blank")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    instance: str | None = None
    code: str | None = Field(default=None, description="Stable name of the problem, for programs.")
    errors: tuple[ProblemField, ...] = ()
    request_id: str | None = None
    retryable: bool = False
