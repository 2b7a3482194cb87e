"""Brings a model from a mirror to the shelf: whole, checked and in one move, or not at all; what came is kept."""

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from generators.errors import BadWeights
from schemas.manifest import MANIFEST, Manifest
from service.bundle import read_manifest, sha256_of, verify
from service.errors import OutputUnwritable
from service.models.licence import check_licence
from service.models.mirror import CannotResume, Mirror
from service.models.shelf import place_on
from service.progress import Progress, Silent

MAX_MANIFEST_BYTES = 4 << 20
#: Files of these kinds can carry code; no model of ours or of a published layout needs one.
UNSAFE = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".npy", ".npz", ".py", ".so", ".dll", ".exe"})


@dataclass(frozen=True)
class Offer:
    """What a mirror has: the manifest as it was read, and the bytes in all, where the mirror says how many."""

    mirror: Mirror
    manifest: Manifest
    text: bytes
    n_bytes: int | None


def offered(mirror: Mirror) -> Offer:
    """Read a mirror's manifest and ask how large its files are; none of them is fetched.

    Raises:
        FetchFailed: the mirror does not deliver.
        BadWeights: its manifest is broken, or names files that no model has.
    """
    text = bytearray()
    for piece in mirror.read(MANIFEST):
        text += piece
        if len(text) > MAX_MANIFEST_BYTES:
            raise BadWeights(f"{mirror.where}/{MANIFEST} is too large to be a manifest; look at the mirror")
    try:
        manifest = Manifest.model_validate_json(bytes(text))
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(p) for p in first["loc"]) or "the file"
        raise BadWeights(f"{mirror.where}/{MANIFEST} is broken at {where} ({first['msg']})") from exc
    for name in manifest.files:
        _check_name(mirror, name)
    sizes = [mirror.size(name) for name in manifest.files]
    known = [size for size in sizes if size is not None]
    return Offer(mirror, manifest, bytes(text), sum(known) if len(known) == len(sizes) else None)


def pull(offer: Offer, shelf: Path, *, accepted: Iterable[str] = (), progress: Progress | None = None) -> Path:
    """Fetch what a mirror offers, and return the model's folder; one that is there and whole is left as it is.

    Files that are there already, from a try that broke off or an earlier version, are not fetched again. An earlier
    version stays until the new one is whole.

    Raises:
        BadInput: the licence needs to be accepted, or the name is none.
        FetchFailed: the mirror does not deliver.
        BadWeights: what it delivers has another hash than its manifest says.
        OutputUnwritable: the shelf cannot be written, or another pull of this model is under way.
    """
    check_licence(offer.manifest, accepted)
    final = place_on(shelf, offer.manifest.name)
    if is_there(offer, final):
        return final
    partial = shelf / f".{offer.manifest.name}.partial"
    try:
        with _alone(shelf / f".{offer.manifest.name}.lock"):
            partial.mkdir(parents=True, exist_ok=True)
            _check_room(offer, shelf, partial)
            _fetch_all(offer, partial, final, progress or Silent())
            _publish(offer, partial, final)
    except OSError as exc:
        raise OutputUnwritable(f"{shelf}: cannot be written ({exc.strerror}); choose another folder") from exc
    return final


def is_there(offer: Offer, final: Path) -> bool:
    """Whether the very files of an offer stand in a folder."""
    try:
        return read_manifest(final) == offer.manifest and verify(final) == offer.manifest
    except BadWeights:
        return False


def _check_name(mirror: Mirror, name: str) -> None:
    path = PurePosixPath(name)
    odd = path.is_absolute() or not path.parts or "\\" in name or ":" in name or str(path) != name
    if odd or any(part.startswith(".") for part in path.parts) or name == MANIFEST:
        raise BadWeights(f"{mirror.where}/{MANIFEST} names the file {name!r}, which no model has; look at the mirror")
    if path.suffix.lower() in UNSAFE:
        raise BadWeights(f"{mirror.where} offers {name}, which can carry code; only safetensors are fetched")


def _check_room(offer: Offer, shelf: Path, partial: Path) -> None:
    here = sum(p.stat().st_size for p in partial.rglob("*") if p.is_file())
    free = shutil.disk_usage(shelf).free
    if offer.n_bytes is not None and offer.n_bytes - here > free:
        raise OutputUnwritable(
            f"{shelf}: {offer.n_bytes / 1e9:.1f} GB are needed and {free / 1e9:.1f} GB free; choose another folder"
        )


def _fetch_all(offer: Offer, partial: Path, old: Path, progress: Progress) -> None:
    total = len(offer.manifest.files)
    try:
        for done, (name, sha256) in enumerate(offer.manifest.files.items()):
            progress.started(name[-40:], done, total)
            target = partial / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if _has(target, sha256):
                continue
            if _has(old / name, sha256):
                shutil.copyfile(old / name, target)
                continue
            _fetch(offer.mirror, name, target, sha256)
    finally:
        progress.finished()


def _fetch(mirror: Mirror, name: str, target: Path, sha256: str) -> None:
    """Go on with a file where it broke off; from its beginning where that does not lead to its hash."""
    part = target.with_name(target.name + ".part")
    if _has(part, sha256):
        part.replace(target)
        return
    resumed = part.is_file() and part.stat().st_size > 0
    try:
        _append(mirror.read(name, start=part.stat().st_size if resumed else 0), part)
    except CannotResume:
        part.unlink()
        resumed = False
        _append(mirror.read(name), part)
    found = sha256_of(part)
    if found == sha256:
        part.replace(target)
        return
    part.unlink()
    if not resumed:
        raise BadWeights(f"{mirror.where}/{name} has sha256 {found[:12]}..., not {sha256[:12]}...; look at the mirror")
    _fetch(mirror, name, target, sha256)


def _append(pieces: Iterator[bytes], part: Path) -> None:
    with part.open("ab") as file:
        for piece in pieces:
            file.write(piece)


def _has(path: Path, sha256: str) -> bool:
    return path.is_file() and sha256_of(path) == sha256


def _publish(offer: Offer, partial: Path, final: Path) -> None:
    """Put the finished folder in its place; nobody ever sees half of it."""
    wanted = {partial / name for name in offer.manifest.files}
    for path in [p for p in partial.rglob("*") if p.is_file() and p not in wanted]:
        path.unlink()  # of another version
    (partial / MANIFEST).write_bytes(offer.text)
    verify(partial)
    old = final.with_name(f".{final.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        final.rename(old)
    partial.rename(final)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock that ends with the process, however that ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise OutputUnwritable(f"{path.parent}: this model is being pulled already; wait until that ends") from exc
        yield
    finally:
        os.close(handle)
