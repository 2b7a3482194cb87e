"""The examples run, each in its own language, against the real API."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.soundtrack import BatchItem
from service.client import Tonereel
from tests.service.client.world import API_KEY, MUSIC, World

EXAMPLES = Path(__file__).parents[3] / "examples"
NODE = shutil.which("node")
COMMANDS = {
    "score_video.py": [sys.executable],
    "score_video.sh": ["sh"],
    **({"score_video.mjs": [NODE]} if NODE else {}),
}


def run_example(name: str, world: World, *given: str | Path, key: str = API_KEY) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"TONEREEL_URL": world.url, "TONEREEL_API_KEY": key, "PYTHONPATH": str(EXAMPLES.parent)}
    words = [*COMMANDS[name], str(EXAMPLES / "client" / name), *map(str, given)]
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_scores_a_video(name: str, world: World, tmp_path: Path) -> None:
    done = run_example(name, world, EXAMPLES / "film.mp4", tmp_path / "scored.mp4")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "scored.mp4")
    assert (tmp_path / "scored.mp4").read_bytes() == MUSIC


@pytest.mark.parametrize("name", [n for n in COMMANDS if n != "score_video.sh"])
def test_an_example_follows_through_a_stream_that_breaks_off(name: str, world: World, tmp_path: Path) -> None:
    world.network.cut("/events", 100)
    done = run_example(name, world, EXAMPLES / "film.mp4", tmp_path / "scored.mp4")
    assert done.returncode == 0, done.stderr
    assert any("last-event-id" in headers for headers in world.network.headers)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_says_what_is_wrong(name: str, world: World, tmp_path: Path) -> None:
    done = run_example(name, world, EXAMPLES / "film.mp4", tmp_path / "scored.mp4", key="sk_wrong")
    assert done.returncode not in {0, None}
    assert "the API key is unknown" in done.stderr + done.stdout
    assert "usage" in run_example(name, world).stderr
    assert list(tmp_path.iterdir()) == []


def test_every_example_names_only_what_the_api_has() -> None:
    for script in (EXAMPLES / "client").glob("score_video.*"):
        text = script.read_text()
        assert script.suffix == ".py" or all(path in text for path in ("/v1/uploads", "/v1/soundtracks"))
        assert "TONEREEL_URL" in text


def test_the_batch_is_taken_line_by_line(client: Tonereel) -> None:
    lines = (EXAMPLES / "client" / "batch.jsonl").read_text().splitlines()
    items = [BatchItem.model_validate_json(line) for line in lines]

    batch = client.batch(items)

    assert batch.refused == ()
    assert [client.wait(job, 20).custom_id for job in batch.jobs] == ["opening", "chase", "credits"]
