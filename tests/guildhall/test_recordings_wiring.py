"""The engine's task for recordings: without a usable master key calls go on, and somebody is told."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.clock import SteadyClock
from adapters.store.engine import migrate, open_engine
from guildhall import recordings_wiring
from guildhall.recordings_wiring import run_recordings
from guildhall.settings import Settings
from tests.fakes.recordings_bench import RecordingsBench

pytestmark = pytest.mark.integration


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


# Law 5: a key that cannot be read is an alarm, never a call that is not answered; once it can be, the work goes on.
async def test_given_a_key_that_others_may_read_when_run_then_an_alarm_and_later_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(var=tmp_path / "var", recordings=tmp_path / "audio")
    key = settings.secrets / "recordings-key"
    key.parent.mkdir(parents=True)
    key.touch(0o644)
    monkeypatch.setattr(recordings_wiring, "_KEY_AGAIN_S", 0.01)
    await migrate(settings.store_url)
    database = open_engine(settings.store_url)
    bench = await RecordingsBench(tmp_path, url=settings.store_url).open()
    bench.record(1, seconds=1.0)
    await bench.tell(1)
    with capture_logs() as said:
        running = asyncio.create_task(run_recordings(settings, database, SteadyClock()))
        await until(lambda: bool(said))
        assert "ALARM" in said[0]["event"]
        assert not (settings.var / "vault").exists()
        key.unlink()
        await until(lambda: any(line["event"] == "recording kept" for line in said))
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    await bench.close()
    await database.dispose()
    assert key.stat().st_mode & 0o777 == 0o600
