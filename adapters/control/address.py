"""An address for a unix socket however deep its folder lies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: unix(7): sun_path has 108 bytes with the closing NUL.
_LONGEST = 107


@contextmanager
def short_address(path: Path) -> Iterator[str]:
    """Give an address for ``path`` that fits into ``sun_path``; good inside the ``with`` only.

    A long path goes through ``/proc/self/fd`` (Linux). Raises ``OSError`` when the folder is not there.
    """
    if len(os.fsencode(path)) <= _LONGEST:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
