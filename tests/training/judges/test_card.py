"""The judge on its shelf, with a README that is true."""

import json

from tests.training.judges.conftest import World
from training.judges.card import save
from training.tagger import Tagger


def test_a_saved_judge_loads_and_its_readme_tells_what_was_measured(world: World) -> None:
    measured = json.loads((world.run / "metrics.json").read_text())

    path = save(world.run, world.run / "judges")

    text = (path.parent / "README.md").read_text()
    assert f"| style | {measured['style']:.3f} |" in text
    assert f"({measured['clips']:.0f})" in text
    assert Tagger.load(path).net.config.dim == world.net.config.dim
