"""The three stores that keep one contract: a folder, memory, and S3 as moto's server speaks it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from service.store.local import LocalArtifacts
from service.store.objects import ObjectArtifacts
from service.store.port import ArtifactStore

BUCKET = "tonereel-test"
NewStore = Callable[[], ArtifactStore]


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """Address of an S3-compatible server, with credentials for it in the environment."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        environment.setenv("AWS_REGION", "us-east-1")
        server.start()
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        s3_client(endpoint).create_bucket(Bucket=BUCKET)
        yield endpoint
        server.stop()


def s3_client(endpoint: str) -> Any:
    import boto3  # type: ignore[import-untyped]  # takes half a second, and only the tests of S3 need it

    return boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")


@pytest.fixture(params=["local", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    if request.param == "local":
        return LocalArtifacts(tmp_path / "artifacts")
    if request.param == "memory":
        return ObjectArtifacts.memory()
    prefix = tmp_path.name
    return ObjectArtifacts.s3(f"s3://{BUCKET}/{prefix}", endpoint=request.getfixturevalue("s3_endpoint"))
