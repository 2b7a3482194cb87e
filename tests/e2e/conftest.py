"""One service for all tests of this folder: its models are loaded once."""

from collections.abc import Iterator

import pytest

from tests.e2e.house import House, a_house


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A service that is ready."""
    with a_house(tmp_path_factory.mktemp("house")) as house:
        yield house
