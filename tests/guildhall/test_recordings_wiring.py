"""The engine's task for recordings: without a usable master key calls go on, and somebody is told."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.clock import SteadyClock
from adapters.files.version_folder import VersionFolder
from adapters.store.engine import migrate, open_engine
from guildhall.recordings_rules import RulesInForce
from guildhall.recordings_wiring import run_recordings
from guildhall.settings import HOME, Settings
from kernel.ids import TenantId
from kernel.versions import How, Publication
from tests.fakes.recordings_bench import RecordingsBench

pytestmark = pytest.mark.integration


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


# Law 5: a key that cannot be read is an alarm, never a call that is not answered; once it can be, the work goes on.
async def test_given_a_key_that_others_may_read_when_run_then_an_alarm_and_later_the_worker(
    tmp_path: Path,
) -> None:
    settings = Settings(var=tmp_path / "var", recordings=tmp_path / "audio")
    key = settings.secrets / "recordings-key"
    key.parent.mkdir(parents=True)
    key.touch(0o644)
    await migrate(settings.store_url)
    database = open_engine(settings.store_url)
    bench = await RecordingsBench(tmp_path, url=settings.store_url).open()
    bench.record(1, seconds=1.0)
    await bench.tell(1)
    with capture_logs() as said:
        running = asyncio.create_task(run_recordings(settings, database, SteadyClock(), key_again_s=0.01))
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


# "Kept by rule": a version that is published changes the rules of the calls that end from then on, without a restart.
def test_given_a_new_version_when_it_is_in_force_then_its_rules_are_and_a_broken_journal_leaves_them(
    tmp_path: Path,
) -> None:
    shutil.copytree(HOME / "dialplans", tmp_path / "dialplans")
    settings = Settings(var=tmp_path / "var", dialplans=tmp_path / "dialplans")
    rules, tenant = RulesInForce(settings), tmp_path / "dialplans" / "northmere" / "tenant.yaml"
    northmere = TenantId("northmere")
    before = rules().retention.days_for(northmere, "complaint")
    text = re.sub(r"(?m)^retention:.*\n(?: .*\n)*", "", tenant.read_text(encoding="utf-8"))
    tenant.write_text(f"{text}\nretention: {{complaint: {before + 1}}}\n", encoding="utf-8")
    # An edit is none yet.
    assert rules().retention.days_for(northmere, "complaint") == before
    versions = VersionFolder(settings.versions)
    with versions.alone():
        version, digest = versions.keep(settings.dialplans)
        now = time.time()
        versions.append(
            Publication(seq=0, version=version, t=now, at=now, how=How.PUBLISH, by="mari", note="", digest=digest)
        )
    assert rules().retention.days_for(northmere, "complaint") == before + 1
    (settings.versions / "journal.jsonl").write_text("damaged\n")
    with capture_logs() as said:
        assert rules().retention.days_for(northmere, "complaint") == before + 1
    assert "ALARM" in said[0]["event"]
