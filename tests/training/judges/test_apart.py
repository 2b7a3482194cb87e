"""The judge stays apart: nothing that trains something else may import it, and nobody ships it."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
#: The Gaussians of `training.frechet` know no judge: they may measure in any space.
JUDGES = ("training.tagger", "training.judges", "training.frechet.tagger_frechet_distance")
#: May import the judge: itself, and what only measures. Nothing here may define a loss of anything else.
MAY = ("training/tagger.py", "training/frechet.py", "training/judges/", "training/evaluate.py", "training/evaluation/")


def imported_by(source: str) -> set[str]:
    """Full names of all that a source imports, wherever it does so."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def uses_a_judge(source: str) -> bool:
    return any(name == judge or name.startswith(f"{judge}.") for name in imported_by(source) for judge in JUDGES)


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("from training.tagger import Tagger", True),
        ("from training.frechet import tagger_frechet_distance", True),
        ("from training.frechet import Gaussian", False),
        ("from training import judges", True),
        ("def loss():\n    import training.judges.net as n", True),
        ("from training.taggers import x\nimport training.clips", False),
    ],
)
def test_an_import_of_the_judge_is_found_wherever_it_stands(source: str, uses: bool) -> None:
    assert uses_a_judge(source) is uses


def test_no_training_of_anything_else_and_no_product_code_imports_the_judge() -> None:
    files = [
        p for top in ("training", "encoders", "generators", "schemas", "service") for p in (ROOT / top).rglob("*.py")
    ]

    guilty = [
        name
        for path in files
        if not (name := path.relative_to(ROOT).as_posix()).startswith(MAY) and uses_a_judge(path.read_text())
    ]

    assert len(files) > 100
    assert guilty == []


def test_neither_wheel_nor_bento_nor_image_ships_the_judge() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    bento = (ROOT / "bentofile.yaml").read_text()
    ignored = [(ROOT / "deploy" / f"{name}.dockerignore").read_text() for name in ("Dockerfile", "Dockerfile.cuda")]

    assert list(wheel["force-include"]) == ["weights/tonereel-mini"]
    assert "training" not in wheel["packages"]
    assert '"weights/**"' not in bento
    assert "training" not in bento
    assert all("weights/judges" in text.splitlines() for text in ignored)
