"""Where the master keys of the recordings stand, and what is never done with them: one is not made anew."""

from __future__ import annotations

import os

from adapters.vault.key_file import FileKeys, open_keys
from guildhall.settings import Settings
from kernel.errors import GuildhallError

#: Master keys in the environment, instead of the file; the first one seals, the others still open.
KEY_VARIABLE = "GUILDHALL_RECORDINGS_KEY"
#: Among the secrets.
KEY_FILE = "recordings-key"


def recording_keys(settings: Settings) -> FileKeys:
    """The master keys, made at the first use.

    Raises ``GuildhallError`` when they cannot be read, or are gone while there are sealed recordings: a new key would
    hide that everything sealed before is lost.
    """
    path, given = settings.secrets / KEY_FILE, os.environ.get(KEY_VARIABLE)
    if not given and not path.exists() and any((settings.var / "vault").glob("[0-9a-f][0-9a-f]")):
        raise GuildhallError(
            "key_gone", f"there are sealed recordings, but their master key is gone: put {path} back from its backup"
        )
    return open_keys(path, given)
