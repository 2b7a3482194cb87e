"""Which licences a model may have without anybody being asked."""

from collections.abc import Iterable

from schemas.manifest import Manifest
from service.errors import BadInput

#: Licences that allow any use, with credit at most: SPDX names, in small letters.
FREE = frozenset({
    "apache-2.0", "mit", "mit-0", "isc", "zlib", "unlicense", "0bsd", "bsd-2-clause", "bsd-3-clause", "cc0-1.0",
    "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "odc-by-1.0", "pddl-1.0",
})  # fmt: skip
_NOT_FOR_TRADE = ("-nc", "noncommercial", "non-commercial", "research only", "research-only")


def check_licence(manifest: Manifest, accepted: Iterable[str]) -> None:
    """Return if a model's licence allows any use, or was accepted by its name; and so for the data it learned from.

    Of data only a licence that forbids trade matters: others may say in words what they allow.

    Raises:
        BadInput: naming the licence and how it is accepted.
    """
    known = {name.strip().lower() for name in accepted}
    asked = manifest.licence.strip().lower()
    if asked not in FREE | known:
        why = "does not allow commercial use" if _forbids_trade(asked) else "is not one that is known to allow any use"
        raise BadInput(
            f"{manifest.label} has the licence {manifest.licence!r}, which {why}; read it, and if it allows what you "
            f"do, add --accept-licence {_quoted(manifest.licence)}"
        )
    for source in manifest.data:
        licence = source.licence.strip().lower()
        if _forbids_trade(licence) and licence not in known:
            raise BadInput(
                f"{manifest.label} learned from {source.name}, whose licence {source.licence!r} does not allow "
                f"commercial use; if that is well for what you do, add --accept-licence {_quoted(source.licence)}"
            )


def _forbids_trade(licence: str) -> bool:
    return any(mark in licence for mark in _NOT_FOR_TRADE)


def _quoted(licence: str) -> str:
    return licence if " " not in licence else f'"{licence}"'
