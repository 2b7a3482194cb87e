"""One contract for all stores of records."""

import asyncio

import pytest

from service.errors import BadInput
from service.records.port import Record, Records, UnknownRecord
from service.records.rules import MAX_BODY_BYTES
from tests.service.records.conftest import LapsesAfter, Run


def record(id_: str = "upl_1", *, tenant: str = "anna", kind: str = "upload", body: str = "{}") -> Record:
    return Record(kind, id_, tenant, body)


async def ids(records: Records, tenant: str | None, kind: str = "upload") -> list[str]:
    return [r.id for r in await records.list(kind, tenant=tenant)]


def test_what_was_put_is_got(run: Run) -> None:
    async def scenario(records: Records, _: LapsesAfter) -> None:
        given = record(body='{"name": "Für Elise\\n海"}')
        await records.put(given, ttl_s=100)
        assert await records.get("upload", "upl_1", tenant="anna") == given
        assert await records.get("upload", "upl_1", tenant=None) == given

    run(scenario)


def test_nobody_sees_lists_or_deletes_what_is_somebody_elses(run: Run) -> None:
    async def scenario(records: Records, _: LapsesAfter) -> None:
        await records.put(record(), ttl_s=None)
        with pytest.raises(UnknownRecord, match="upl_1"):
            await records.get("upload", "upl_1", tenant="ben")
        with pytest.raises(UnknownRecord, match="upl_1"):
            await records.delete("upload", "upl_1", tenant="ben")
        with pytest.raises(UnknownRecord):
            await records.delete("upload", "upl_1", tenant="")
        assert await ids(records, "ben") == []
        assert await ids(records, "anna") == ["upl_1"]

    run(scenario)


def test_kinds_are_apart(run: Run) -> None:
    async def scenario(records: Records, _: LapsesAfter) -> None:
        await records.put(record(), ttl_s=None)
        await records.put(record(kind="batch", tenant="ben"), ttl_s=None)
        assert (await records.get("batch", "upl_1", tenant=None)).tenant == "ben"
        await records.delete("batch", "upl_1", tenant=None)
        assert await ids(records, None) == ["upl_1"]

    run(scenario)


def test_a_list_has_the_newest_first_and_writing_over_does_not_make_new(run: Run) -> None:
    async def scenario(records: Records, _: LapsesAfter) -> None:
        for id_ in ("b", "a", "c"):
            await records.put(record(id_), ttl_s=100)
        await records.put(record("x", tenant="ben"), ttl_s=100)
        await records.put(record("b", body="[1]"), ttl_s=100)
        assert await ids(records, "anna") == ["c", "a", "b"]
        assert await ids(records, None) == ["x", "c", "a", "b"]
        assert (await records.get("upload", "b", tenant="anna")).body == "[1]"

    run(scenario)


def test_a_record_that_changes_its_owner_leaves_the_old_ones_list(run: Run) -> None:
    async def scenario(records: Records, _: LapsesAfter) -> None:
        await records.put(record(), ttl_s=100)
        await records.put(record(tenant="ben"), ttl_s=None)
        assert await ids(records, "anna") == []
        assert await ids(records, "ben") == ["upl_1"]

    run(scenario)


def test_a_deleted_record_is_gone_and_cannot_be_deleted_again(run: Run) -> None:
    async def scenario(records: Records, _: LapsesAfter) -> None:
        await records.put(record(), ttl_s=None)
        await records.delete("upload", "upl_1", tenant="anna")
        with pytest.raises(UnknownRecord):
            await records.get("upload", "upl_1", tenant=None)
        with pytest.raises(UnknownRecord):
            await records.delete("upload", "upl_1", tenant=None)
        assert await ids(records, None) == []

    run(scenario)


def test_a_record_lapses_and_may_come_again(run: Run) -> None:
    async def scenario(records: Records, passes: LapsesAfter) -> None:
        await records.put(record("short"), ttl_s=1)
        await records.put(record("long"), ttl_s=100)
        await records.put(record("ever"), ttl_s=None)
        await records.put(record("kept"), ttl_s=1)
        await records.put(record("kept"), ttl_s=None)
        await passes(1.05)
        with pytest.raises(UnknownRecord):
            await records.get("upload", "short", tenant="anna")
        assert await ids(records, "anna") == ["kept", "ever", "long"]
        await records.put(record("short"), ttl_s=100)
        assert await ids(records, "anna") == ["short", "kept", "ever", "long"]

    run(scenario)


def test_exactly_one_takes_a_mark_until_it_lapses(run: Run) -> None:
    async def scenario(records: Records, passes: LapsesAfter) -> None:
        taken = await asyncio.gather(*(records.take("mark", "sweep", ttl_s=1) for _ in range(20)))
        assert sum(taken) == 1
        assert await records.take("mark", "other", ttl_s=1)
        await passes(1.05)
        assert await records.take("mark", "sweep", ttl_s=1)
        assert not await records.take("mark", "sweep", ttl_s=1)

    run(scenario)


def test_a_mark_is_no_record(run: Run) -> None:
    async def scenario(records: Records, _: LapsesAfter) -> None:
        assert await records.take("upload", "upl_1", ttl_s=100)
        assert await ids(records, None) == []
        with pytest.raises(UnknownRecord):
            await records.get("upload", "upl_1", tenant=None)

    run(scenario)


def test_more_records_than_are_read_at_once_are_all_listed(run: Run) -> None:
    async def scenario(records: Records, _: LapsesAfter) -> None:
        names = [f"{i:03}" for i in range(230)]
        for name in names:
            await records.put(record(name), ttl_s=100)
        assert await ids(records, "anna") == names[::-1]

    run(scenario)


@pytest.mark.parametrize("name", ["a:of:b", "all", "3:x", "a b\nc", "海", "{x}", ""])
def test_names_and_owners_may_hold_anything(run: Run, name: str) -> None:
    async def scenario(records: Records, passes: LapsesAfter) -> None:
        await records.put(record(name, tenant=name), ttl_s=1)
        await records.put(record("plain"), ttl_s=100)
        assert await ids(records, name) == [name]
        await records.delete("upload", name, tenant=name)
        assert await ids(records, None) == ["plain"]
        await records.put(record(name, tenant=name), ttl_s=100)
        assert (await records.get("upload", name, tenant=name)).tenant == name
        del passes

    run(scenario)


def test_what_cannot_be_kept_is_refused(run: Run) -> None:
    async def scenario(records: Records, _: LapsesAfter) -> None:
        await records.put(record(body="x" * MAX_BODY_BYTES), ttl_s=1)
        with pytest.raises(BadInput, match="shorten"):
            await records.put(record(body="é" * MAX_BODY_BYTES), ttl_s=1)
        with pytest.raises(ValueError, match="kind"):
            await records.put(record(kind="a:b"), ttl_s=1)
        with pytest.raises(ValueError, match="kind"):
            await records.list("A b", tenant=None)
        with pytest.raises(ValueError, match="time to live"):
            await records.put(record(), ttl_s=0)
        with pytest.raises(ValueError, match="time to live"):
            await records.take("mark", "x", ttl_s=0)

    run(scenario)
