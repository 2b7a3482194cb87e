from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.training.evaluation.world import build, letters
from training.evaluation import points
from training.evaluation.material import Material


@pytest.fixture(scope="session")
def material(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Material]:
    """A small world whose sentences are read by their letters."""
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(points, "encode_sentences", letters)
        yield build(Path(tmp_path_factory.mktemp("evaluation")))
