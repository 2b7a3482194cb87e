"""Images hold what the service needs, from the lock, and nothing that only developers need."""

import re
import subprocess
import sys

import pytest

from service.settings import Settings
from tests.deploy.manifests import DEPLOY, ROOT

LOCK = ROOT / "requirements.lock"
FILES = ("Dockerfile", "Dockerfile.cuda")


def picked(*words: str) -> str:
    command = [sys.executable, "-S", str(DEPLOY / "runtime_lock.py"), str(LOCK), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def names(lock: str) -> set[str]:
    return set(re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE))


def wanted() -> set[str]:
    text = (ROOT / "pyproject.toml").read_text()
    block = text[text.index("dependencies = [") : text.index("]\n", text.index("dependencies = ["))]
    return set(re.findall(r'"([a-z0-9-]+)[><=]', block))


def text_of(name: str) -> str:
    return (DEPLOY / name).read_text()


def test_everything_that_the_project_asks_for_is_picked() -> None:
    assert wanted() <= names(picked())
    assert {"starlette", "tokenizers", "nvidia-cublas"} <= names(picked())


def test_nothing_that_only_developers_need_is_picked() -> None:
    assert not {"pytest", "mypy", "ruff", "moto", "schemathesis", "librosa", "boto3", "werkzeug"} & names(picked())


def test_every_package_that_is_picked_has_its_hashes() -> None:
    blocks = re.split(r"^(?=[A-Za-z0-9])", picked(), flags=re.MULTILINE)[1:]
    assert blocks
    assert all("--hash=sha256:" in block for block in blocks)
    assert "#" not in picked()


def test_packages_that_are_named_are_left_out_and_no_others() -> None:
    assert names(picked()) - names(picked("--without", "decord", "nvidia-c*")) == {
        name for name in names(picked()) if name == "decord" or name.startswith("nvidia-c")
    }


def test_the_processors_image_brings_no_cuda() -> None:
    found = re.search(r"--without \$\{WITHOUT\} (.+?) > runtime.lock", text_of("Dockerfile"))
    assert found is not None
    left = names(picked("--without", "decord", *found[1].replace("'", "").split()))
    assert {name for name in left if name.startswith(("nvidia", "cuda"))} == {
        "nvidia-ml-py"
    }  # for BentoML, no CUDA in it
    assert "triton" not in left


def test_versions_can_be_asked_for_alone() -> None:
    assert re.fullmatch(r"torch==[\d.]+\ntorchvision==[\d.]+\n", picked("--pin", "torch", "torchvision"))


@pytest.mark.parametrize("name", FILES)
def test_an_image_is_small_and_harmless(name: str) -> None:
    text = text_of(name)
    last = text[text.rindex("\nFROM") :]
    assert "--require-hashes" in text
    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert not re.search(r"pip|apt-get|gcc|build-essential", last)
    assert ":latest" not in text


@pytest.mark.parametrize("name", FILES)
def test_what_an_image_copies_is_there_and_not_ignored(name: str) -> None:
    ignored = text_of(f"{name}.dockerignore").splitlines()
    for words in re.findall(r"^COPY (?!--from)(.+)$", text_of(name), re.MULTILINE):
        for source in words.split()[:-1]:
            assert (ROOT / source).exists()
            assert f"!{source}" in ignored


@pytest.mark.parametrize("name", FILES)
def test_every_setting_is_one_that_the_service_knows(name: str) -> None:
    known = {f"TONEREEL_{field.upper()}" for field in Settings.model_fields}
    assert set(re.findall(r"\b(TONEREEL_[A-Z_]+)=", text_of(name))) <= known


@pytest.mark.parametrize("name", FILES)
def test_an_image_starts_a_module_that_is_there(name: str) -> None:
    found = re.search(r'^CMD \["(service\.commands\.(\w+))"\]$', text_of(name), re.MULTILINE)
    assert found is not None
    assert (ROOT / "service" / "commands" / f"{found[2]}.py").is_file()
