"""The packages are ours, the lists of dependencies agree, and light processes stay light."""

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "torchvision", "decord", "open_clip", "transformers", "matplotlib", "scipy", "av", "bentoml")
PACKAGES = ("service", "encoders", "generators", "schemas")


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_resolves_inside_this_repository(name: str) -> None:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).is_relative_to(ROOT)


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    tops = {p.name.removesuffix(".py") for p in ROOT.iterdir() if (p / "__init__.py").exists() or p.suffix == ".py"}
    assert not tops & set(sys.stdlib_module_names)


def test_the_bento_has_the_dependencies_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = re.findall(r'^    - "([^"]+)"$', (ROOT / "bentofile.yaml").read_text(), re.MULTILINE)
    assert listed == project["dependencies"]


def test_the_bento_names_a_service_that_exists() -> None:
    named = re.search(r'^service: "([\w.]+):(\w+)"$', (ROOT / "bentofile.yaml").read_text(), re.MULTILINE)
    assert named is not None
    module, name = named.groups()
    assert f"class {name}" in (ROOT / (module.replace(".", "/") + ".py")).read_text()


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        ("service.cli", HEAVY),
        ("schemas.request, schemas.report, schemas.cue_sheet, schemas.problem", (*HEAVY, "click", "numpy")),
        ("service.app", HEAVY[:-1]),
    ],
)
def test_a_light_module_imports_nothing_heavy(modules: str, heavy: tuple[str, ...]) -> None:
    code = f"import sys, {modules}; print(*[m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_packages_keep_to_their_layers() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
