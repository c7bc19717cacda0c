"""What Asterisk of an earlier version of ours wrote of callers' numbers: taken out at the start."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

#: time|uniqueid|queue|NONE|ENTERQUEUE|url|the caller's number|her place (app_queue).
_ENTERED = re.compile(rb"^((?:[^|\n]*\|){4}ENTERQUEUE\|[^|\n]*\|)[^|\n]+", re.MULTILINE)


def forget_numbers(log: Path) -> None:
    """Delete call detail records, and callers' numbers in queue_log. ``log``: Asterisk's folder of logs.

    Before Asterisk starts; later there is nothing left to take out. ``OSError`` passes through.
    """
    shutil.rmtree(log / "cdr-csv", ignore_errors=True)
    path = log / "queue_log"
    if path.is_file() and not path.is_symlink():
        was = path.read_bytes()
        without = _ENTERED.sub(rb"\1", was)
        if without != was:
            # In place: the file stays Asterisk's own. A kill in between leaves a shorter one, whose rows are history.
            with path.open("r+b") as file:
                file.write(without)
                file.truncate()
