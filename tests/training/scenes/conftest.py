import pytest

from training.scenes.bank import build_bank
from training.scenes.family import Scene


@pytest.fixture(scope="session")
def bank() -> tuple[Scene, ...]:
    """The whole bank, built once."""
    return build_bank()
