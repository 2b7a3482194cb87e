"""A mirror with one model, in a folder and behind HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.models.manifest import described, write_manifest
from tests.service.models.mirror_server import MirrorServer, serving

FILES = {
    "MODEL_CARD.md": b"# Tiny\n",
    "model_index.json": b"{}",
    "unet/config.json": b'{"a": 1}',
    "unet/a model.safetensors": bytes(range(256)) * 9000,  # 2.3 MB, more than two pieces
}


@pytest.fixture
def offered_folder(tmp_path: Path) -> Path:
    """mirror/tiny, with its manifest."""
    folder = tmp_path / "mirror" / "tiny"
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    write_manifest(folder, described(folder, version="1.0", licence="CC-BY-4.0"))
    return folder


@pytest.fixture
def server(offered_folder: Path) -> Iterator[MirrorServer]:
    """The mirror behind HTTP."""
    with serving(offered_folder.parent) as running:
        yield running
