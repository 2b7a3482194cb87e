"""`tonereel models`: what is here, whether it is whole, and how more gets here."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from service.models.mirror import Mirror


@click.group()
def models() -> None:
    """The model bundle and other models: what is there, whether it is whole, and how more gets there."""


@models.command("list")
def list_models() -> None:
    """Name the bundle in use, its licence, its size and where it is, what looks at pictures, and pulled models."""
    from service.bundle import bundle_folder
    from service.models.shelf import models_folder, shelved
    from service.visual import visual_encoder

    click.echo(_line(bundle_folder(os.environ)))
    click.echo(f"pictures: {visual_encoder(os.environ)}")
    for folder in shelved(models_folder(os.environ)):
        click.echo(_line(folder))


@models.command("verify")
@click.argument("name", required=False)
def verify_models(name: str | None) -> None:
    """Compare every file of the bundle, or of the pulled model NAME, with the hash in its manifest."""
    from service.bundle import bundle_folder, verify
    from service.models.shelf import models_folder, place_on

    manifest = verify(place_on(models_folder(os.environ), name) if name else bundle_folder(os.environ))
    click.echo(f"{manifest.label}: {len(manifest.files)} files as they were shipped")


@models.command("pull")
@click.argument("name")
@click.option("--mirror", metavar="PLACE", help="Folder or http(s) address with models; before TONEREEL_MIRROR.")
@click.option("--to", metavar="DIR", type=click.Path(path_type=Path), help="Where models are kept, if not as usual.")
@click.option(
    "--accept-licence",
    "accepted",
    multiple=True,
    metavar="NAME",
    help="A licence, by its name, under which you take the model; asked for if it does not allow any use.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be fetched.")
def pull_model(name: str, mirror: str | None, to: Path | None, *, accepted: tuple[str, ...], dry_run: bool) -> None:
    """Fetch the model NAME from the mirror, or from the address or folder that NAME itself is.

    Only this command ever fetches a model. Every file is held against its hash; a pull that breaks off goes on where
    it was; the model appears when it is whole.
    """
    from service.models.licence import check_licence
    from service.models.pull import is_there, offered, pull
    from service.models.shelf import models_folder, place_on, use_of
    from service.progress import Silent, Terminal

    shelf = to or models_folder(os.environ)
    offer = offered(_source(name, mirror))
    size = "size not told" if offer.n_bytes is None else f"{offer.n_bytes / 1e6:.1f} MB"
    manifest, files = offer.manifest, len(offer.manifest.files)
    click.echo(f"{manifest.label}  {manifest.licence}  {files} files, {size}, from {offer.mirror.where}", err=True)
    check_licence(manifest, accepted)
    if is_there(offer, place_on(shelf, manifest.name)):
        click.echo("all there already", err=True)
    if dry_run:
        return
    folder = pull(offer, shelf, accepted=accepted, progress=Terminal() if sys.stderr.isatty() else Silent())
    click.echo(f"to use it, set {use_of(folder)}", err=True)
    click.echo(str(folder))


@models.command("manifest")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--licence", required=True, metavar="NAME", help="The model's licence, by its SPDX name where it has one."
)
@click.option("--version", required=True, metavar="TEXT", help="The model's version.")
def write_manifest_of(folder: Path, licence: str, version: str) -> None:
    """Write the manifest of a model's FOLDER, so that it can be verified, and pulled from a mirror."""
    from service.models.manifest import described, write_manifest

    manifest = described(folder, version=version, licence=licence)
    click.echo(f"{manifest.label}: {len(manifest.files)} files in {write_manifest(folder, manifest)}")


def _source(name: str, mirror: str | None) -> "Mirror":
    """The mirror of one model: the place that a name is, or the name inside the mirror that is set.

    Raises:
        BadInput: it is neither.
    """
    from service.errors import BadInput
    from service.models.mirror import mirror_of
    from service.models.shelf import MIRROR, place_on
    from service.settings import ModelSettings

    if "://" in name or name.startswith("file:") or Path(name).is_dir():
        return mirror_of(name)
    place = mirror or ModelSettings.from_environment(os.environ).mirror
    if not place:
        raise BadInput(f"nothing says where {name} comes from; set {MIRROR} or --mirror, or give its address")
    return mirror_of(place, place_on(Path(), name).name)


def _line(folder: Path) -> str:
    from service.bundle import read_manifest

    manifest = read_manifest(folder)
    size = sum((folder / name).stat().st_size for name in manifest.files if (folder / name).is_file())
    return f"{manifest.label}  {manifest.licence}  {size / 1e6:.1f} MB  {folder}"
