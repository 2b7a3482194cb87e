"""What needs nobody's consent, and what does."""

import pytest

from schemas.manifest import DataSource, Manifest
from service.bundle import bundle_folder, read_manifest
from service.errors import BadInput
from service.models.licence import check_licence


def model(licence: str, *data: str) -> Manifest:
    sources = tuple(DataSource(name=f"set of {name}", licence=name, credit="x") for name in data)
    return Manifest(name="m", version="1", licence=licence, files={}, data=sources)


def refusal(manifest: Manifest, *accepted: str) -> str | None:
    """What a model is refused with; None for one that is taken."""
    try:
        check_licence(manifest, accepted)
    except BadInput as refused:
        return str(refused)
    return None


@pytest.mark.parametrize("licence", ["Apache-2.0", "MIT", "cc-by-4.0", "CC0-1.0"])
def test_a_licence_for_any_use_needs_no_consent(licence: str) -> None:
    assert refusal(model(licence, "CC-BY-4.0", "public domain scores")) is None


def test_the_shipped_bundle_needs_no_consent() -> None:
    assert refusal(read_manifest(bundle_folder({}))) is None


@pytest.mark.parametrize(
    ("licence", "why"),
    [
        ("CC-BY-NC-SA-4.0", "does not allow commercial use"),
        ("cc-by-nc-4.0", "does not allow commercial use"),
        ("Polyform Noncommercial 1.0", "does not allow commercial use"),
        ("OpenRAIL-M", "not one that is known"),
        ("", "not one that is known"),
    ],
)
def test_any_other_licence_is_named_with_the_way_to_accept_it(licence: str, why: str) -> None:
    with pytest.raises(BadInput, match=rf"{why}.*--accept-licence"):
        check_licence(model(licence), ())


def test_consent_counts_for_the_licence_that_was_named_only() -> None:
    assert refusal(model("CC-BY-NC-SA-4.0"), "cc-by-nc-sa-4.0") is None
    with pytest.raises(BadInput, match=r"CC-BY-NC-SA-4\.0"):
        check_licence(model("CC-BY-NC-SA-4.0"), ["CC-BY-NC-4.0"])


def test_data_that_forbids_trade_needs_consent_too() -> None:
    learned = model("Apache-2.0", "MIT", "CC-BY-NC-4.0")
    with pytest.raises(BadInput, match=r"set of CC-BY-NC-4\.0"):
        check_licence(learned, ())
    assert refusal(learned, "CC-BY-NC-4.0") is None
