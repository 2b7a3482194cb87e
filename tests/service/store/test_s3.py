"""What only S3 can do: be another bucket, be away, or stop in the middle."""

import asyncio
import socket
from pathlib import Path

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from service.errors import BadInput
from service.store.objects import ObjectArtifacts
from service.store.port import StoreUnavailable
from tests.service.store.conftest import BUCKET, s3_client


def test_objects_lie_under_the_prefix_of_the_bucket(s3_endpoint: str, tmp_path: Path) -> None:
    (tmp_path / "given").write_bytes(b"x")
    store = ObjectArtifacts.s3(f"s3://{BUCKET}/some/prefix/", endpoint=s3_endpoint)

    asyncio.run(store.put("jobs/1/a", tmp_path / "given"))

    listed = s3_client(s3_endpoint).list_objects_v2(Bucket=BUCKET, Prefix="some/prefix/")
    assert [o["Key"] for o in listed["Contents"]] == ["some/prefix/jobs/1/a"]


def test_more_objects_than_fit_one_page_are_all_deleted(s3_endpoint: str) -> None:
    inside = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]  # a thousand requests would take a quarter of a minute
    for i in range(1_005):
        inside.put_object(BUCKET, f"many/jobs/1/{i}", b"")
    store = ObjectArtifacts.s3(f"s3://{BUCKET}/many", endpoint=s3_endpoint)

    assert asyncio.run(store.delete("jobs/1/")) == 1_005
    assert s3_client(s3_endpoint).list_objects_v2(Bucket=BUCKET, Prefix="many/")["KeyCount"] == 0


def test_a_bucket_that_is_not_there_is_an_unavailable_store(s3_endpoint: str, tmp_path: Path) -> None:
    (tmp_path / "given").write_bytes(b"x")
    store = ObjectArtifacts.s3("s3://no-such-bucket", endpoint=s3_endpoint)

    with pytest.raises(StoreUnavailable, match="create it"):
        asyncio.run(store.put("jobs/1/a", tmp_path / "given"))
    with pytest.raises(StoreUnavailable, match="create it"):
        asyncio.run(store.check())


def test_a_server_that_is_away_is_an_unavailable_store(s3_endpoint: str, tmp_path: Path) -> None:
    with socket.socket() as unused:  # bound but not listening: nobody else gets the port, and it refuses
        unused.bind(("127.0.0.1", 0))
        store = ObjectArtifacts.s3(f"s3://{BUCKET}", endpoint=f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(StoreUnavailable, match="check that it runs"):
            asyncio.run(store.head("jobs/1/a"))


@pytest.mark.parametrize("url", ["bucket", "https://bucket/x", "s3://", "s3:///x", "s3://b/x?y=1"])
def test_what_is_no_bucket_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(BadInput, match="s3://bucket/prefix"):
        ObjectArtifacts.s3(url)
