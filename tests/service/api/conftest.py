"""The service that most tests talk to."""

from pathlib import Path

import pytest

from tests.service.api.world import World, build


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A service without API keys and with small limits."""
    return build(tmp_path, max_upload_bytes=100_000, max_json_bytes=50_000)
