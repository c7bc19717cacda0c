"""A command of ours in a process of its own: seconds of a core must not sit beside the loop that carries calls."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass

from guildhall.settings import HOME


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended."""

    status: int
    out: bytes
    #: What it said on standard error.
    wrong: bytes


async def run_own(*words: str, within_s: float, said: bytes = b"", hurry: bool = False) -> Ran:
    """Run ``guildhall WORDS`` with ``said`` on its standard input; it gives way to everything else, unless in a hurry.

    Raises ``OSError``, and ``TimeoutError`` after ``within_s`` seconds; then, and when cancelled, it is killed.
    """
    pipe = asyncio.subprocess.PIPE
    command = (*(() if hurry else ("/usr/bin/env", "nice")), sys.executable, "-m", "guildhall", *words)
    process = await asyncio.create_subprocess_exec(*command, cwd=HOME, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        async with asyncio.timeout(within_s):
            out, wrong = await process.communicate(said)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ran(status=process.returncode or 0, out=out, wrong=wrong)
