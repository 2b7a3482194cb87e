"""Keeping secrets at rest: encrypted where the service has a signing key, as they are where it has none."""

import base64
import hashlib
import logging
import os
from typing import Protocol

from service.settings import Settings
from service.webhooks.errors import SecretUnreadable

log = logging.getLogger(__name__)
PLAIN, SEALED = "plain:", "aesgcm1:"
NONCE_BYTES = 12


class Seal(Protocol):
    """Shuts a secret into text and opens it again; `about` binds it to its place, so that none can be moved."""

    def shut(self, secret: str, about: str) -> str:
        """What is stored."""

    def open(self, stored: str, about: str) -> str:
        """What was shut; raises SecretUnreadable."""


class PlainSeal:
    """Stores secrets as they are, for development; says so once."""

    def __init__(self) -> None:
        self._has_warned = False

    def shut(self, secret: str, about: str) -> str:
        """What is stored: the secret itself."""
        del about
        if not self._has_warned:
            self._has_warned = True
            log.warning("webhook secrets are stored unencrypted; set TONEREEL_SIGNING_KEY")
        return PLAIN + secret

    def open(self, stored: str, about: str) -> str:
        """What was shut; raises SecretUnreadable for one that was encrypted."""
        del about
        if not stored.startswith(PLAIN):
            raise SecretUnreadable("a webhook secret is encrypted; set TONEREEL_SIGNING_KEY as it was")
        return stored.removeprefix(PLAIN)


class KeySeal:
    """Encrypts with AES-256-GCM under a key derived from the service's; also opens what was stored plain before."""

    def __init__(self, signing_key: str) -> None:
        self._key = hashlib.sha256(b"tonereel webhook secrets\0" + signing_key.encode()).digest()

    def shut(self, secret: str, about: str) -> str:
        """What is stored: nonce and ciphertext in base64."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(NONCE_BYTES)
        return (
            SEALED
            + base64.b64encode(nonce + AESGCM(self._key).encrypt(nonce, secret.encode(), about.encode())).decode()
        )

    def open(self, stored: str, about: str) -> str:
        """What was shut; raises SecretUnreadable under another key or in another place."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if stored.startswith(PLAIN):
            return stored.removeprefix(PLAIN)
        try:
            raw = base64.b64decode(stored.removeprefix(SEALED), validate=True)
            return AESGCM(self._key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], about.encode()).decode()
        except (InvalidTag, ValueError) as exc:
            raise SecretUnreadable("a webhook secret cannot be decrypted; set TONEREEL_SIGNING_KEY as it was") from exc


def seal_from(settings: Settings) -> Seal:
    """The seal that the settings ask for."""
    return PlainSeal() if settings.signing_key is None else KeySeal(settings.signing_key.get_secret_value())
