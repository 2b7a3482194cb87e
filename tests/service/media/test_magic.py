"""Files are known by their first bytes, not by their names."""

from pathlib import Path

import pytest

from service.errors import BadInput, BadMedia
from service.media.magic import Kind, kind_of, require, sniff


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x00\x00\x00\x18ftypisom", Kind.VIDEO),
        (b"\x00\x00\x00\x18ftypM4A ", Kind.AUDIO),
        (b"\x00\x00\x00\x18ftypavif", Kind.IMAGE),
        (b"RIFF\x00\x00\x00\x00WAVE", Kind.AUDIO),
        (b"RIFF\x00\x00\x00\x00WEBP", Kind.IMAGE),
        (b"RIFF\x00\x00\x00\x00sfbk", None),
        (b"\xff\xd8\xff\xe0", Kind.IMAGE),
        (b"\xff\xfb\x90\x00", Kind.AUDIO),
        (b"\x1a\x45\xdf\xa3", Kind.VIDEO),
        (b"G" + bytes(187) + b"G", Kind.VIDEO),
        (b"#!/bin/sh", None),
        (b"#EXTM3U", None),
        (b"", None),
    ],
)
def test_first_bytes_tell_the_kind(head: bytes, kind: Kind | None) -> None:
    assert sniff(head) is kind


def test_what_is_missing_empty_or_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    for name in ("missing.mp4", "empty.mp4", "."):
        with pytest.raises(BadInput):
            kind_of(tmp_path / name)


def test_the_message_names_what_it_looks_like(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(BadMedia, match="is not video, it looks like image"):
        require(tmp_path / "a.mp4", Kind.VIDEO)
