"""What Asterisk of an earlier version of ours wrote of callers' numbers: taken out at the start."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

#: What we let Asterisk log; pjproject's lines held whole packets.
_KEPT = re.compile(rb"^\[[^\]\n]*\] ERROR(?!.*pjproject)", re.MULTILINE)
#: time|uniqueid|queue|NONE|ENTERQUEUE|url|the caller's number|her place (app_queue).
_ENTERED = re.compile(rb"^((?:[^|\n]*\|){4}ENTERQUEUE\|[^|\n]*\|)[^|\n]+", re.MULTILINE)


def forget_numbers(log: Path) -> None:
    """Delete call detail records, and callers' numbers in queue_log and messages.log. ``log``: Asterisk's logs' folder.

    Before Asterisk starts; later there is nothing left to take out. ``OSError`` passes through.
    """
    shutil.rmtree(log / "cdr-csv", ignore_errors=True)
    _without(log / "queue_log", lambda was: _ENTERED.sub(rb"\1", was))
    # A packet's lines begin as they like: what does not begin as a line of the log belongs to one.
    _without(log / "messages.log", lambda was: b"".join(line for line in was.splitlines(True) if _KEPT.match(line)))


def _without(path: Path, take_out: Callable[[bytes], bytes]) -> None:
    if not path.is_file() or path.is_symlink():
        return
    was = path.read_bytes()
    without = take_out(was)
    if without != was:
        # In place: the file stays Asterisk's own. A kill in between leaves a shorter one, whose rows are history.
        with path.open("r+b") as file:
            file.write(without)
            file.truncate()
