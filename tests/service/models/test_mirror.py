"""Mirrors: one contract over a folder, a file: address and a web server; and how each fails."""

from pathlib import Path

import pytest

from service.models.mirror import CannotResume, FolderMirror, HttpMirror, Mirror, mirror_of
from service.net.errors import FetchFailed
from tests.service.models.conftest import FILES
from tests.service.models.mirror_server import MirrorServer

BIG = "unet/a model.safetensors"


@pytest.fixture(params=["folder", "file address", "http"])
def mirror(request: pytest.FixtureRequest, offered_folder: Path, server: MirrorServer) -> Mirror:
    if request.param == "http":
        return mirror_of(server.address + "/", "tiny")
    if request.param == "file address":
        return mirror_of(offered_folder.parent.as_uri(), "tiny")
    return mirror_of(str(offered_folder))


@pytest.mark.parametrize("name", list(FILES))
def test_a_file_comes_whole_and_its_size_is_known_before(mirror: Mirror, name: str) -> None:
    assert mirror.size(name) == len(FILES[name])
    assert b"".join(mirror.read(name)) == FILES[name]


@pytest.mark.parametrize("start", [1, 1_000_000, len(FILES[BIG]) - 1])
def test_a_file_comes_from_any_byte_on(mirror: Mirror, start: int) -> None:
    assert b"".join(mirror.read(BIG, start=start)) == FILES[BIG][start:]


def test_a_file_that_is_not_there_is_named(mirror: Mirror) -> None:
    for ask in (lambda: mirror.size("missing"), lambda: list(mirror.read("missing"))):
        with pytest.raises(FetchFailed, match="missing"):
            ask()


def test_a_server_without_ranges_cannot_go_on(server: MirrorServer) -> None:
    server.ranges = False
    with pytest.raises(CannotResume):
        list(mirror_of(server.address).read(f"tiny/{BIG}", start=5))


def test_a_server_that_has_no_more_bytes_cannot_go_on(server: MirrorServer) -> None:
    with pytest.raises(CannotResume):
        list(mirror_of(server.address).read(f"tiny/{BIG}", start=len(FILES[BIG])))


def test_a_server_that_does_not_tell_sizes_is_well(server: MirrorServer) -> None:
    server.heads = False
    assert mirror_of(server.address, "tiny").size(BIG) is None


@pytest.mark.parametrize(("status", "retryable"), [(503, True), (403, False)])
def test_a_refusal_says_whether_it_may_pass(server: MirrorServer, status: int, retryable: bool) -> None:
    server.status = status
    with pytest.raises(FetchFailed, match=str(status)) as caught:
        list(mirror_of(server.address, "tiny").read(BIG))
    assert caught.value.retryable is retryable


def test_a_file_that_is_broken_off_gives_what_came_and_then_fails(server: MirrorServer) -> None:
    server.breaks_after = 1_500_000
    pieces = mirror_of(server.address, "tiny").read(BIG)
    first = next(pieces)
    assert first == FILES[BIG][: len(first)]
    with pytest.raises(FetchFailed, match="try again"):
        list(pieces)


def test_nobody_there_is_told() -> None:
    with pytest.raises(FetchFailed, match="does not deliver"):
        list(HttpMirror("http://127.0.0.1:9", timeout_s=2.0).read("x"))


@pytest.mark.parametrize("place", ["ftp://example.org/x", "s3://bucket"])
def test_other_kinds_of_address_are_refused(place: str) -> None:
    with pytest.raises(FetchFailed, match="only http"):
        mirror_of(place)


def test_a_path_is_a_folder() -> None:
    assert isinstance(mirror_of("models/here"), FolderMirror)
