"""Short texts sealed for a column of the database: AES-256-GCM under a key of their own, wrapped by the master key."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.vault.chunks import VaultDamaged
from adapters.vault.directory import KeyKeeper

#: A key seals exactly one text once, so its only nonce may be fixed (NIST SP 800-38D 8.2.1).
_NONCE = bytes(12)


def seal_note(keys: KeyKeeper, name: str, text: str) -> str:
    """Seal ``text``; it opens under the same ``name`` only."""
    key, wrapped = keys.new(name)
    sealed = AESGCM(key).encrypt(_NONCE, text.encode(), name.encode("ascii"))
    return f"{base64.b64encode(wrapped).decode()}.{base64.b64encode(sealed).decode()}"


def open_note(keys: KeyKeeper, name: str, sealed: str) -> str:
    """Give the text back. Raises ``VaultDamaged``, ``GuildhallError`` when the master key is not here."""
    wrapped, _, content = sealed.partition(".")
    try:
        key = keys.unwrap(base64.b64decode(wrapped, validate=True), name)
        return AESGCM(key).decrypt(_NONCE, base64.b64decode(content, validate=True), name.encode("ascii")).decode()
    except (InvalidTag, binascii.Error, ValueError):
        raise VaultDamaged("vault_damaged", f"{name} is not what was sealed: it was changed") from None
