"""Where the master keys of the recordings stand."""

from __future__ import annotations

#: Master keys in the environment, instead of the file; the first one seals, the others still open.
KEY_VARIABLE = "GUILDHALL_RECORDINGS_KEY"
#: Among the secrets.
KEY_FILE = "recordings-key"
