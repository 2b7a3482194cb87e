"""Takes secrets out of what is logged: by the shape of the value, by the name of the field, and by known value."""

import re
from collections.abc import Iterable

HIDDEN = "[hidden]"
_SHAPES = (
    re.compile(r"(?i)\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{6,}"),  # an Authorization header
    re.compile(r"()\b(?:sk|tr|whsec|whsk)_[A-Za-z0-9_+/=-]{8,}"),  # API keys and webhook secrets
    re.compile(r"()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),  # names of Amazon keys
    re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^/\s:@]*:)[^/\s@]+(?=@)"),  # a password in an address
    re.compile(
        r"(?i)([?&](?:x-amz-signature|x-amz-credential|x-amz-security-token|signature|token|key|sig)=)[^&\s\"']+"
    ),
    re.compile(
        r"(?i)(\"?(?:password|secret|signing_key|access_key|api_key|authorization)\"?\s*[:=]\s*)[\"']?[^\s,\"'}]+"
    ),
)
_NAMES = re.compile(r"(?i)password|secret|token|authorization|signing_key|access_key|api_key|cookie")
SHORTEST_KNOWN = 6  # hiding shorter values would blot out ordinary words


class Censor:
    """Hides secrets in text; `known` are values that must never show, whatever their shape."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known = tuple(sorted({k for k in known if len(k) >= SHORTEST_KNOWN}, key=len, reverse=True))

    def text(self, line: str) -> str:
        """The line with every secret in it replaced."""
        for value in self._known:
            line = line.replace(value, HIDDEN)
        for shape in _SHAPES:
            line = shape.sub(rf"\1{HIDDEN}", line)
        return line

    def field(self, name: str, value: object) -> object:
        """A field's value, or what stands in its place; numbers and truth values stay what they are."""
        if _NAMES.search(name):
            return HIDDEN
        return value if value is None or isinstance(value, bool | int | float) else self.text(str(value))
