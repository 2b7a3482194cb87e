"""Pulling over a real connection: whole, checked and in one move, or not at all; and never twice."""

import fcntl
import json
from pathlib import Path

import pytest

from generators.errors import BadWeights
from schemas.manifest import MANIFEST
from service.bundle import verify
from service.errors import BadInput, OutputUnwritable
from service.models.manifest import described, write_manifest
from service.models.mirror import mirror_of
from service.models.pull import Offer, offered, pull
from service.net.errors import FetchFailed
from tests.service.models.conftest import FILES
from tests.service.models.mirror_server import MirrorServer

BIG = "unet/a model.safetensors"


def offer_of(server: MirrorServer) -> Offer:
    return offered(mirror_of(server.address, "tiny"))


def held(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def edit(folder: Path, **changes: object) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_what_stands_on_the_shelf_is_what_the_mirror_has(
    server: MirrorServer, offered_folder: Path, tmp_path: Path
) -> None:
    offer = offer_of(server)
    folder = pull(offer, tmp_path / "shelf")

    assert folder == tmp_path / "shelf" / "tiny"
    assert held(folder) == held(offered_folder)
    assert verify(folder) == offer.manifest
    assert [p.name for p in (tmp_path / "shelf").iterdir() if not p.name.endswith(".lock")] == ["tiny"]


def test_an_offer_says_how_much_it_is_and_fetches_only_the_manifest(server: MirrorServer) -> None:
    offer = offer_of(server)
    assert offer.n_bytes == sum(len(data) for data in FILES.values())
    assert [path for method, path, _ in server.asked if method == "GET"] == ["tiny/manifest.json"]

    server.heads = False
    assert offer_of(server).n_bytes is None


def test_a_model_that_is_there_and_whole_is_not_fetched_again(server: MirrorServer, tmp_path: Path) -> None:
    pull(offer_of(server), tmp_path)
    server.asked.clear()

    pull(offer_of(server), tmp_path)

    assert [path for method, path, _ in server.asked if method == "GET"] == ["tiny/manifest.json"]


def test_a_model_that_was_damaged_is_mended_by_what_is_damaged(server: MirrorServer, tmp_path: Path) -> None:
    folder = pull(offer_of(server), tmp_path)
    (folder / "unet/config.json").write_bytes(b"broken")
    server.asked.clear()

    pull(offer_of(server), tmp_path)

    verify(folder)
    assert server.got(f"tiny/{BIG}") == []
    assert server.got("tiny/unet/config.json") == [None]


@pytest.mark.parametrize(("came", "asked"), [(1_234_567, ["bytes=1234567-"]), (len(FILES[BIG]), [])])
def test_a_pull_that_broke_off_goes_on_where_it_was(
    server: MirrorServer, tmp_path: Path, came: int, asked: list[str]
) -> None:
    part = tmp_path / ".tiny.partial" / "unet" / "a model.safetensors.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(FILES[BIG][:came])

    folder = pull(offer_of(server), tmp_path)

    assert server.got(f"tiny/{BIG}") == asked
    assert (folder / BIG).read_bytes() == FILES[BIG]


def test_what_came_before_a_break_is_kept_and_nothing_stands_on_the_shelf(
    server: MirrorServer, offered_folder: Path, tmp_path: Path
) -> None:
    offer = offer_of(server)
    for name in set(FILES) - {BIG}:
        partial = tmp_path / "shelf" / ".tiny.partial" / name
        partial.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(FILES[name])
    server.breaks_after = 1_500_000

    with pytest.raises(FetchFailed):
        pull(offer, tmp_path / "shelf")

    assert not (tmp_path / "shelf" / "tiny").exists()
    pull(offer, tmp_path / "shelf")
    first, second = server.got(f"tiny/{BIG}")
    assert first is None
    assert second is not None
    assert held(tmp_path / "shelf" / "tiny") == held(offered_folder)


def test_a_server_without_ranges_gives_the_file_from_its_beginning(server: MirrorServer, tmp_path: Path) -> None:
    server.ranges = False
    part = tmp_path / ".tiny.partial" / "unet" / "a model.safetensors.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 100)

    assert (pull(offer_of(server), tmp_path) / BIG).read_bytes() == FILES[BIG]


@pytest.mark.parametrize("size", [100, len(FILES[BIG]), len(FILES[BIG]) + 5])
def test_a_half_file_of_something_else_is_thrown_away(server: MirrorServer, tmp_path: Path, size: int) -> None:
    part = tmp_path / ".tiny.partial" / "unet" / "a model.safetensors.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * size)

    assert (pull(offer_of(server), tmp_path) / BIG).read_bytes() == FILES[BIG]


def test_a_file_with_another_hash_is_refused_and_nothing_stands_on_the_shelf(
    server: MirrorServer, offered_folder: Path, tmp_path: Path
) -> None:
    offer = offer_of(server)
    (offered_folder / "unet/config.json").write_bytes(b'{"a": 2}')

    with pytest.raises(BadWeights, match=r"unet/config\.json has sha256"):
        pull(offer, tmp_path / "shelf")

    assert not (tmp_path / "shelf" / "tiny").exists()


def test_an_earlier_version_stays_until_the_new_one_is_whole(
    server: MirrorServer, offered_folder: Path, tmp_path: Path
) -> None:
    folder = pull(offer_of(server), tmp_path / "shelf")
    (offered_folder / "MODEL_CARD.md").write_bytes(b"# Tiny 2\n")
    (offered_folder / "model_index.json").unlink()
    (offered_folder / MANIFEST).unlink()
    write_manifest(offered_folder, described(offered_folder, version="2.0", licence="MIT"))
    offer = offer_of(server)
    server.asked.clear()
    server.status = 503

    with pytest.raises(FetchFailed):
        pull(offer, tmp_path / "shelf")
    assert verify(folder).version == "1.0"

    server.status = 200
    pull(offer, tmp_path / "shelf")
    assert held(folder) == held(offered_folder)
    assert server.got(f"tiny/{BIG}") == []  # the same file as before


def test_a_licence_is_asked_for_before_anything_is_fetched(
    server: MirrorServer, offered_folder: Path, tmp_path: Path
) -> None:
    edit(offered_folder, licence="CC-BY-NC-SA-4.0")
    offer = offer_of(server)

    with pytest.raises(BadInput, match=r"--accept-licence CC-BY-NC-SA-4\.0"):
        pull(offer, tmp_path / "shelf")
    assert not (tmp_path / "shelf").exists()

    pull(offer, tmp_path / "shelf", accepted=["CC-BY-NC-SA-4.0"])
    assert (tmp_path / "shelf" / "tiny").is_dir()


@pytest.mark.parametrize(
    "name", ["../x.json", "/x.json", "a/../b.json", ".hidden", "a\\b.json", "C:x.json", "", MANIFEST]
)
def test_a_file_that_would_leave_its_folder_is_refused(server: MirrorServer, offered_folder: Path, name: str) -> None:
    edit(offered_folder, files={name: "0" * 64})
    with pytest.raises(BadWeights, match="no model has"):
        offer_of(server)


@pytest.mark.parametrize("name", ["unet/weights.bin", "a.PT", "model.ckpt", "setup.py"])
def test_files_that_can_carry_code_are_refused(server: MirrorServer, offered_folder: Path, name: str) -> None:
    edit(offered_folder, files={name: "0" * 64})
    with pytest.raises(BadWeights, match="carry code"):
        offer_of(server)


@pytest.mark.parametrize("text", ["", "{}", "[]", " " * (5 << 20)])
def test_a_broken_manifest_is_refused(server: MirrorServer, offered_folder: Path, text: str) -> None:
    (offered_folder / MANIFEST).write_text(text)
    with pytest.raises(BadWeights, match=MANIFEST):
        offer_of(server)


def test_a_file_that_the_mirror_lacks_is_found_before_anything_is_fetched(
    server: MirrorServer, offered_folder: Path
) -> None:
    (offered_folder / BIG).unlink()
    with pytest.raises(FetchFailed, match="404"):
        offer_of(server)


def test_two_pulls_of_one_model_do_not_meet(server: MirrorServer, tmp_path: Path) -> None:
    with (tmp_path / ".tiny.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(OutputUnwritable, match="already"):
            pull(offer_of(server), tmp_path)


def test_a_shelf_that_cannot_be_written_is_told(server: MirrorServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputUnwritable, match="choose another folder"):
        pull(offer_of(server), tmp_path / "file")


def test_a_model_larger_than_the_disk_is_not_begun(server: MirrorServer, tmp_path: Path) -> None:
    offer = offer_of(server)
    huge = Offer(offer.mirror, offer.manifest, offer.text, 1 << 60)
    with pytest.raises(OutputUnwritable, match="GB are needed"):
        pull(huge, tmp_path)
    assert server.got(f"tiny/{BIG}") == []
