"""Which store the settings ask for."""

from service.settings import Settings
from service.store.local import LocalArtifacts
from service.store.port import ArtifactStore


def store_of(settings: Settings) -> ArtifactStore:
    """The bucket that `store_url` names, or the folder `artifacts` in `data_dir`.

    Raises:
        BadInput: `store_url` is not the address of a bucket.
    """
    if settings.store_url is None:
        return LocalArtifacts(settings.data_dir / "artifacts")
    from service.store.objects import ObjectArtifacts

    return ObjectArtifacts.s3(settings.store_url, endpoint=settings.s3_endpoint)
