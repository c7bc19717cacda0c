"""A whole service of its own for a test: own state, own ports, own PBX, started and stopped by the command line."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

HOME = Path(__file__).resolve().parents[2]
T = TypeVar("T")

#: The sample councils with short times: a ring-out takes 3 s instead of 15.
_SHORTER = (
    (re.compile(r"ring_time: \w+"), "ring_time: 3s"),
    (re.compile(r"wrap_up: \w+"), "wrap_up: 1s"),
)


def short_dialplans(folder: Path) -> Path:
    """Copy the sample councils with short ring and wrap-up times."""
    shutil.copytree(HOME / "dialplans", folder)
    for path in folder.rglob("queues.yaml"):
        text = path.read_text(encoding="utf-8")
        for pattern, short in _SHORTER:
            text = pattern.sub(short, text)
        path.write_text(text, encoding="utf-8")
    return folder


class Service:
    """One running Guildhall."""

    def __init__(self, place: Path, **settings: str) -> None:
        self.place = place
        self.recordings = place / "audio"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GUILDHALL_")},
            **{name: os.environ[name] for name in ("GUILDHALL_CACHE",) if name in os.environ},
            "GUILDHALL_VAR": str(place / "var"),
            "GUILDHALL_RECORDINGS": str(self.recordings),
            "GUILDHALL_DIALPLANS": str(short_dialplans(place / "dialplans")),
            **{f"GUILDHALL_{name.upper()}": value for name, value in settings.items()},
        }

    def run(self, *arguments: str, check: bool = True, timeout_s: float = 120.0) -> subprocess.CompletedProcess[str]:
        """Run the command line against this service."""
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
        """Run the command line while the test's phones go on; return what it prints."""
        return (await asyncio.to_thread(self.run, *arguments, check=check)).stdout

    async def town(self) -> dict[str, Any]:
        """The machine-readable door."""
        return dict(json.loads(await self.ask("town", "--json")))

    async def state(self) -> dict[str, Any]:
        """The engine's view."""
        return dict(json.loads(await self.ask("status", "--json"))["state"])

    async def agent(self, agent: str) -> dict[str, Any]:
        """One agent in the engine's view."""
        return next(row for row in (await self.state())["agents"] if row["id"] == agent)

    async def facts(self) -> list[dict[str, Any]]:
        """Everything that happened so far, without the export's first line."""
        lines = (await self.ask("facts")).splitlines()
        return [fact for fact in map(json.loads, lines) if fact["ev"] != "export"]

    async def story(self, call: str) -> list[dict[str, Any]]:
        """The facts of one call."""
        return [fact for fact in await self.facts() if fact.get("call") == call]

    async def last_call(self, *, with_fact: str = "end") -> str | None:
        """The call that began last, once it has a fact of this kind."""
        facts = await self.facts()
        calls = [fact["call"] for fact in facts if fact["ev"] == "call"]
        there = {fact.get("call") for fact in facts if fact["ev"] == with_fact}
        return calls[-1] if calls and calls[-1] in there else None

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
        files = [*place.glob("log/*"), *place.glob("pbx/*.out"), place / "pbx/log/messages.log"]
        return "".join(f"\n--- {path}\n{path.read_text(errors='replace')[-2000:]}" for path in files if path.is_file())


async def eventually(look: Callable[[], T | Awaitable[T]], within_s: float = 10.0, every_s: float = 0.1) -> T:
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


def words(story: list[Mapping[str, Any]], *without: str) -> list[str]:
    """The kinds of a story's facts, in order."""
    return [str(fact["ev"]) for fact in story if fact["ev"] not in without]
