"""The gate: who gets in, as whom, and how soon a revocation counts."""

import asyncio
import logging

import pytest

from service.access.errors import BadKey, MissingKey, MissingScope, TooManyRequests
from service.access.gate import Caller, Gate
from service.access.key import SCOPES, Scope, new_secret
from service.access.keyring import KeyLimits, Keyring, today
from service.access.limit import MemoryLimiter
from service.errors import BadInput
from service.records.memory import MemoryRecords
from service.records.port import Record, RecordsUnavailable
from service.settings import Settings

LOCKED = Settings.from_environment({"TONEREEL_HOST": "0.0.0.0"})
NO_LIMITS = KeyLimits()


class Watched(MemoryRecords):
    """Records that count how often they are read, and are all to see."""

    def __init__(self) -> None:
        super().__init__()
        self.reads, self.bodies = 0, dict[tuple[str, str], Record]()

    async def put(self, record: Record, *, ttl_s: int | None) -> None:
        self.bodies[record.kind, record.id] = record
        await super().put(record, ttl_s=ttl_s)

    async def get(self, kind: str, id_: str, *, tenant: str | None) -> Record:
        self.reads += 1
        return await super().get(kind, id_, tenant=tenant)


class House:
    """A gate over records in memory, with a clock of its own."""

    def __init__(self, settings: Settings = LOCKED) -> None:
        self.now_s, self.records = 1_000.0, Watched()
        self.keyring = Keyring(self.records)
        limiter = MemoryLimiter(lambda: self.now_s)
        self.gate = Gate(self.records, settings, limiter, now_s=lambda: self.now_s)

    def key(self, *scopes: Scope, limits: KeyLimits = NO_LIMITS) -> tuple[str, str]:
        """The id and the secret of a new key of the tenant `films`."""
        key, secret = asyncio.run(self.keyring.create("test", "films", scopes or SCOPES, limits=limits))
        return key.id, secret

    def admit(self, secret: str | None, scope: Scope = "soundtracks:read", client: str = "198.51.100.7") -> Caller:
        """Ask to be let in."""
        return asyncio.run(self.gate.admit(f"Bearer {secret}" if secret else None, client, scope))


def test_bound_to_loopback_everybody_is_the_local_tenant() -> None:
    caller = House(Settings.from_environment({})).admit(None, "admin")
    assert (caller.tenant, caller.key_id, caller.quota) == ("local", None, None)
    assert caller.scopes == frozenset(SCOPES)


def test_a_key_lets_its_tenant_in_with_its_limits() -> None:
    house = House()
    id_, secret = house.key("soundtracks:read", limits=KeyLimits(max_outstanding=7))
    caller = house.admit(secret)
    assert caller == Caller("films", id_, frozenset({"soundtracks:read"}), 7)
    assert caller.quota is not None
    assert caller.quota.headers()["RateLimit"] == '"requests";r=199;t=1'


def test_without_a_key_nobody_gets_in() -> None:
    house = House()
    for header in (None, "", "Bearer", "Bearer ", "Basic dTpw", new_secret()):
        with pytest.raises(MissingKey):
            asyncio.run(house.gate.admit(header, "c", "admin"))


@pytest.mark.parametrize("wrong", ["sk_short", "x" * 46, "sk_" + "é" * 43, "sk_" + "0" * 43, "sk_" + "A" * 10_000])
def test_a_wrong_key_does_not_get_in(wrong: str) -> None:
    with pytest.raises(BadKey):
        House().admit(wrong)


def test_a_key_whose_hash_differs_beyond_its_id_does_not_get_in() -> None:
    house = House()
    id_, secret = house.key()
    kept = house.records.bodies["api_key", id_]
    forged = kept.body.replace('"secret_sha256":"', '"secret_sha256":"0')
    asyncio.run(house.records.put(Record(kept.kind, kept.id, kept.tenant, forged), ttl_s=None))
    with pytest.raises(BadKey):
        house.admit(secret)


def test_a_scope_that_a_key_lacks_is_refused_and_admin_has_all() -> None:
    house = House()
    _, reader = house.key("soundtracks:read")
    _, admin = house.key("admin")
    with pytest.raises(MissingScope, match="soundtracks:write"):
        house.admit(reader, "soundtracks:write")
    assert house.admit(admin, "soundtracks:write").tenant == "films"


def test_a_revoked_key_is_refused_within_five_seconds() -> None:
    house = House()
    id_, secret = house.key()
    house.admit(secret)
    asyncio.run(house.keyring.revoke(id_))
    house.now_s += 5.0
    with pytest.raises(BadKey):
        house.admit(secret)


def test_keys_are_read_once_in_three_seconds() -> None:
    house = House()
    _, secret = house.key()
    for _ in range(10):
        house.admit(secret)
    assert house.records.reads == 1


def test_a_key_has_its_own_rate() -> None:
    house = House()
    _, secret = house.key(limits=KeyLimits(requests_per_s=0.5, burst=2))
    house.admit(secret)
    house.admit(secret)
    with pytest.raises(TooManyRequests) as refused:
        house.admit(secret)
    assert (refused.value.retry_after_s, refused.value.limit, refused.value.remaining) == (2.0, 2, 0)
    assert refused.value.headers["Retry-After"] == "2"
    house.now_s += 2.0
    house.admit(secret)


def test_guessing_is_slowed_down_without_locking_out_neighbours() -> None:
    house = House()
    _, secret = house.key()
    for _ in range(20):
        with pytest.raises(BadKey):
            house.admit(new_secret())
    with pytest.raises(TooManyRequests):
        house.admit(new_secret())
    assert house.admit(secret).tenant == "films"
    with pytest.raises(BadKey):
        house.admit(new_secret(), client="203.0.113.9")


def test_the_day_of_the_last_use_is_kept_and_cannot_undo_a_revocation() -> None:
    house = House()
    id_, secret = house.key()
    assert asyncio.run(house.keyring.last_uses()) == {}
    asyncio.run(house.keyring.revoke(id_))
    asyncio.run(house.keyring.note_use(asyncio.run(house.keyring.get(id_)), today()))
    assert asyncio.run(house.keyring.last_uses()) == {id_: today()}
    with pytest.raises(BadKey):
        house.admit(secret)


def test_a_date_that_cannot_be_written_keeps_nobody_out() -> None:
    class Full(Watched):
        async def put(self, record: Record, *, ttl_s: int | None) -> None:
            if record.kind != "api_key":
                raise RecordsUnavailable("full")
            await super().put(record, ttl_s=ttl_s)

    house = House()
    house.records = Full()
    house.keyring = Keyring(house.records)
    house.gate = Gate(house.records, LOCKED, MemoryLimiter())
    _, secret = house.key()
    assert house.admit(secret).tenant == "films"


def test_no_secret_is_kept_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    house, wrong = House(), new_secret()
    _, secret = house.key()
    house.admit(secret)
    with pytest.raises(BadKey) as refused:
        house.admit(wrong)
    told = caplog.text + str(refused.value) + repr(house.records.bodies) + repr(vars(house.gate))
    assert secret not in told
    assert wrong not in told


def test_a_key_of_an_impossible_tenant_is_not_made() -> None:
    with pytest.raises(BadInput, match="tenant"):
        asyncio.run(House().keyring.create("n", "a tenant/../", ["admin"]))
