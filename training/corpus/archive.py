"""Files out of the corpus archives, streamed: nothing is unpacked onto the disk."""

import tarfile
from collections.abc import Iterator
from pathlib import Path


def members(archive: Path, suffix: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file in a tar archive (any compression) whose name ends with `suffix`."""
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile() and member.name.endswith(suffix):
                stream = tar.extractfile(member)
                if stream is not None:
                    yield member.name, stream.read()
