"""The settings choose the store."""

import asyncio
from pathlib import Path

import pytest

from service.errors import BadInput
from service.settings import Settings
from service.store.composition import store_of
from service.store.objects import ObjectArtifacts
from tests.service.store.conftest import BUCKET


def test_without_an_address_artifacts_go_into_the_data_folder(tmp_path: Path) -> None:
    (tmp_path / "given").write_bytes(b"x")
    store = store_of(Settings.model_validate({"data_dir": tmp_path / "data"}))

    asyncio.run(store.put("jobs/1/a", tmp_path / "given"))

    assert (tmp_path / "data" / "artifacts" / "jobs" / "1" / "a").read_bytes() == b"x"


def test_with_an_address_they_go_into_the_bucket(s3_endpoint: str) -> None:
    store = store_of(Settings.model_validate({"store_url": f"s3://{BUCKET}/composed", "s3_endpoint": s3_endpoint}))

    assert isinstance(store, ObjectArtifacts)
    asyncio.run(store.check())


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="s3://bucket/prefix"):
        store_of(Settings.model_validate({"store_url": "http://somewhere"}))
