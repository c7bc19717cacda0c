"""Time that passes because that is what is tried: a freeze of twenty seconds, a caller who thinks, a word half said.

Whatever a test waits *for* is looked for (`eventually`); nothing is looked for in these.
"""

from __future__ import annotations

import asyncio
import time


async def stretch(seconds: float, *, since: float | None = None) -> None:
    """Let this much time pass, from now or from a moment in Unix seconds."""
    await asyncio.sleep(seconds if since is None else max(0.0, since + seconds - time.time()))
