"""Who we are: root is needed to build Asterisk's namespace; the engine itself runs as the person who called us."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from kernel.errors import GuildhallError

_KEPT = ("GUILDHALL_", "STRICT_MIRROR", "XDG_CACHE_HOME")


def become_root(arguments: list[str]) -> None:
    """Run this command again under sudo unless we are root. Does not return when it does."""
    if os.geteuid() == 0:
        return
    sudo = shutil.which("sudo")
    if sudo is None:
        raise GuildhallError("needs_root", "this needs root (Asterisk's own mount namespace): run it as root")
    kept = [f"{name}={value}" for name, value in os.environ.items() if name.startswith(_KEPT)]
    if not any(pair.startswith("GUILDHALL_CACHE=") for pair in kept):
        kept.append(f"GUILDHALL_CACHE={Path.home() / '.cache' / 'guildhall'}")
    print("guildhall: Asterisk gets a mount namespace of its own, which takes root: asking sudo", file=sys.stderr)  # noqa: T201 - people must know
    os.execv(sudo, [sudo, *kept, sys.executable, "-m", "guildhall", *arguments])  # noqa: S606 - argv, no shell


def engine_owner() -> tuple[int, int]:
    """(uid, gid) the engine runs as: the one who called sudo, else ourselves."""
    uid, gid = os.environ.get("SUDO_UID", ""), os.environ.get("SUDO_GID", "")
    if os.geteuid() == 0 and uid.isdecimal() and gid.isdecimal():
        return int(uid), int(gid)
    return os.getuid(), os.getgid()
