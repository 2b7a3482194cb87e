"""The manual says what the command line says."""

from pathlib import Path

from service.docs import configuration, manual, write
from service.settings import Settings

ROOT = Path(__file__).parent.parent.parent


def test_the_manual_is_the_help_of_today() -> None:
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == manual(), "run `make docs`"


def test_every_command_has_a_page() -> None:
    text = manual()
    for name in ("score", "cues", "models list", "models verify", "doctor"):
        assert f"## tonereel {name}\n" in text


def test_the_table_of_settings_is_that_of_today() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text("utf-8") == configuration(), "run `make docs`"


def test_every_setting_has_a_row_that_says_what_it_is() -> None:
    rows = [line.split(" | ") for line in configuration().splitlines() if line.startswith("| `TONEREEL_")]
    assert [row[0] for row in rows] == [f"| `TONEREEL_{name.upper()}`" for name in Settings.model_fields]
    assert all(len(row) == 3 and row[2].removesuffix(" |") for row in rows)


def test_both_documents_are_written_side_by_side(tmp_path: Path) -> None:
    write(tmp_path, "cli.md")
    assert (tmp_path / "cli.md").read_text("utf-8") == manual()
    assert (tmp_path / "configuration.md").read_text("utf-8") == configuration()
