"""The desk of a small council with five weeks of steered calls, for tests of its pages on steering."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from guildhall.settings import Settings
from tests.fakes.desk_bench import DeskBench
from tests.fakes.small_steering import small_steering, tell_weeks


@asynccontextmanager
async def steered_desk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DeskBench]:
    """Open it in this folder; its settings stand in the environment, for teaching is a process of its own."""
    (folder / "desk").mkdir()
    bench = DeskBench(folder / "desk", small_steering(folder / "dialplans"))
    settings = {
        "VAR": folder / "desk",
        "DIALPLANS": folder / "dialplans",
        "CACHE": folder / "cache",
        "DATABASE_URL": bench.recordings.url,
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"GUILDHALL_{name}", str(value))
    await bench.open()
    await tell_weeks(Settings())
    yield bench
    await bench.close()
