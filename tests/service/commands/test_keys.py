"""`tonereel keys` on the real embedded Redis."""

import asyncio
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.access.errors import BadKey, UnknownKey
from service.access.gate import Caller, Gate
from service.access.limit import MemoryLimiter
from service.commands.keys import keys
from service.records.redis import RedisRecords
from service.redis_server import EmbeddedRedis
from service.settings import Settings

MAKE = ("create", "--name", "editor", "--tenant", "films")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("TONEREEL_") or n == "REDIS_URL"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TONEREEL_DATA_DIR", str(tmp_path))


def run(*words: str) -> Result:
    return CliRunner().invoke(keys, words)


def admit(url: str, secret: str) -> Caller:
    """Ask a gate on this Redis."""

    async def go() -> Caller:
        records = RedisRecords.connect(url, "tonereel")
        try:
            settings = Settings.from_environment({"TONEREEL_AUTH": "true"})
            return await Gate(records, settings, MemoryLimiter()).admit(f"Bearer {secret}", "c", "soundtracks:read")
        finally:
            await records.close()

    return asyncio.run(go())


def test_a_key_is_made_listed_and_revoked_without_a_running_service() -> None:
    made = run(*MAKE, "--scope", "soundtracks:read", "--scope", "webhooks", "--burst", "5")
    assert made.exit_code == 0, made.output
    secret, id_ = made.stdout.strip(), made.stderr.rpartition("key_")[2][:26]
    listed = run("list").stdout
    assert f"key_{id_}  active   films  editor  soundtracks:read,webhooks  made 2" in listed
    assert listed.endswith("used never\n")
    assert secret not in listed
    assert "is revoked" in run("revoke", f"key_{id_}").stdout
    assert "revoked" in run("list").stdout


def test_a_running_service_knows_the_key_and_its_end(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path / "redis") as server:
        secret = run(*MAKE).stdout.strip()
        caller = admit(server.url, secret)
        assert caller.tenant == "films"
        assert sorted(caller.scopes) == ["soundtracks:read", "soundtracks:write"]
        assert caller.key_id is not None
        assert "used 2" in run("list").stdout
        run("revoke", caller.key_id)
        with pytest.raises(BadKey):
            admit(server.url, secret)


def test_an_address_of_a_redis_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddedRedis(tmp_path / "elsewhere") as server:
        monkeypatch.setenv("REDIS_URL", server.url)
        assert admit(server.url, run(*MAKE).stdout.strip()).tenant == "films"
    assert not (tmp_path / "redis").exists()


def test_an_unknown_key_cannot_be_revoked() -> None:
    assert isinstance(run("revoke", "key_nothing").exception, UnknownKey)


@pytest.mark.parametrize("words", [("--scope", "everything"), ("--burst", "0"), ("--requests-per-s", "0")])
def test_what_makes_no_sense_is_wrong_usage(words: tuple[str, str]) -> None:
    assert run(*MAKE, *words).exit_code == 2
