"""The manual says what the command line says."""

from pathlib import Path

from service.docs import manual

ROOT = Path(__file__).parent.parent.parent


def test_the_manual_is_the_help_of_today() -> None:
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == manual(), "run `make docs`"


def test_every_command_has_a_page() -> None:
    text = manual()
    for name in ("score", "cues", "models list", "models verify", "doctor"):
        assert f"## tonereel {name}\n" in text
