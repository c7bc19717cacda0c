"""Where the master keys of the recordings stand, and what is never done with them: one is not made anew."""

from __future__ import annotations

import os

from adapters.vault.directory import MasterKeys
from adapters.vault.key_file import open_keys
from guildhall.settings import Settings
from kernel.errors import GuildhallError

#: Master keys in the environment, instead of the file; the first one seals, the others still open.
KEY_VARIABLE = "GUILDHALL_RECORDINGS_KEY"
#: Among the secrets.
KEY_FILE = "recordings-key"


def recording_keys(settings: Settings) -> MasterKeys:
    """The master keys: in a key device where one is named, else in a file, made at the first use.

    Raises ``ConnectionError`` when the device cannot be used; ``GuildhallError`` when keys cannot be read, or are gone
    while there are sealed recordings: a new key would hide that everything sealed before is lost.
    """
    if settings.recordings_hsm is not None:
        from adapters.vault.hsm import HsmKeys, hsm_address  # noqa: PLC0415 - 7 MB, only where one is used

        return HsmKeys(hsm_address(settings.recordings_hsm))
    path, given = settings.secrets / KEY_FILE, os.environ.get(KEY_VARIABLE)
    if not given and not path.exists() and any((settings.var / "vault").glob("[0-9a-f][0-9a-f]")):
        raise GuildhallError(
            "key_gone", f"there are sealed recordings, but their master key is gone: put {path} back from its backup"
        )
    return open_keys(path, given)
