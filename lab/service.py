"""A whole switchboard of its own: own state, own ports, own PBX, started and stopped by the command line."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, overload

HOME = Path(__file__).resolve().parents[1]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change to a copy of the sample councils."""

    #: Which files, relative to ``dialplans/``: ``*/queues.yaml``.
    files: str
    pattern: str
    by: str


def edited_dialplans(folder: Path, edits: Sequence[Edit]) -> Path:
    """Copy the sample councils to ``folder`` and change them; return ``folder``."""
    shutil.copytree(HOME / "dialplans", folder)
    for edit in edits:
        for path in sorted(folder.glob(edit.files)):
            text = path.read_text(encoding="utf-8")
            path.write_text(re.sub(edit.pattern, edit.by, text), encoding="utf-8")
    return folder


class ServiceProcess:
    """One Guildhall in ``place``: a folder with a short name, for a unix socket's has at most 107 bytes.

    ``settings`` are those of ``guildhall/settings.py``, by name.
    """

    def __init__(self, place: Path, *, dialplans: Path, **settings: str) -> None:
        self.place = place
        self.recordings = place / "audio"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GUILDHALL_")},
            **{name: os.environ[name] for name in ("GUILDHALL_CACHE",) if name in os.environ},
            "GUILDHALL_VAR": str(place / "var"),
            "GUILDHALL_RECORDINGS": str(self.recordings),
            "GUILDHALL_DIALPLANS": str(dialplans),
            # Recognisers take 950 MB and seconds to load: only those who speak ask for them.
            "GUILDHALL_SPEECH_WORKERS": "0",
            **{f"GUILDHALL_{name.upper()}": value for name, value in settings.items()},
        }

    def run(self, *arguments: str, check: bool = True, timeout_s: float = 120.0) -> subprocess.CompletedProcess[str]:
        """Run the command line against this service. With ``check`` a failure raises, with the logs' ends."""
        done = subprocess.run(  # noqa: S603 - our own command line, no shell
            [sys.executable, "-m", "guildhall", *arguments],
            env=self.environment,
            cwd=HOME,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(
                f"guildhall {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}{self.logs()}"
            )
        return done

    def up(self) -> None:
        """Start everything."""
        self.run("up")

    def down(self) -> None:
        """Stop everything."""
        self.run("down")

    async def ask(self, *arguments: str, check: bool = True) -> str:
        """Run the command line while the phones go on; return what it prints."""
        return (await asyncio.to_thread(self.run, *arguments, check=check)).stdout

    async def town(self) -> dict[str, Any]:
        """The machine-readable door."""
        return dict(json.loads(await self.ask("town", "--json")))

    def breaches(self) -> str:
        """What `guildhall facts --check` finds; empty when all invariants hold."""
        done = self.run("facts", "--check", check=False)
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def pid(self, name: str) -> int:
        """The pid of ``engine``, ``asterisk`` or ``keeper``."""
        return int(json.loads((self.place / "var" / "run" / f"{name}.pid").read_text(encoding="ascii"))["pid"])

    def logs(self) -> str:
        """The end of every log, for a failing test."""
        place = self.place / "var"
        files = [
            *place.glob("log/*"),
            *place.glob("pbx/*.out"),
            place / "pbx/log/messages.log",
            place / "pbx/log/warnings.log",
        ]
        return "".join(f"\n--- {path}\n{path.read_text(errors='replace')[-2000:]}" for path in files if path.is_file())


@overload
async def eventually(look: Callable[[], Awaitable[T | None]], within_s: float = ..., every_s: float = ...) -> T: ...
@overload
async def eventually(look: Callable[[], T | None], within_s: float = ..., every_s: float = ...) -> T: ...
async def eventually(look: Callable[[], Any], within_s: float = 10.0, every_s: float = 0.1) -> Any:
    """Look again and again until what is seen is true; return it. Fails with the last sight."""
    deadline = time.monotonic() + within_s
    while True:
        sight = look()
        seen = await sight if isinstance(sight, Awaitable) else sight
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s:g} s; last seen: {seen!r}")
        await asyncio.sleep(every_s)
