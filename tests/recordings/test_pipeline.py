"""The worker on real files, with the real ffmpeg, vault and SQLite: kept once, verified, also after any kill."""

from __future__ import annotations

import asyncio
import contextlib
import time
from array import array
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from kernel.recording import AuditEntry, Part, Piece, RecordingState
from tests.fakes.kept_recordings import ALL, only, verified
from tests.fakes.recordings_bench import RecordingsBench, contact, write_wav

pytestmark = pytest.mark.integration


async def test_given_a_call_that_ended_when_worked_on_then_sealed_verified_and_told(bench: RecordingsBench) -> None:
    bench.record(1, seconds=3.0)
    await bench.tell(1)
    await bench.service.settle()
    await bench.service.settle()
    found = await only(bench)
    assert (found.council, found.queue, found.agent, found.outcome) == (
        "northmere",
        "northmere.waste",
        "northmere-a001",
        "completed",
    )
    assert found.seconds == 3.0
    assert set(dict(found.figures)["sides"]) == {"caller", "agent"}  # type: ignore[call-overload]  # JSON
    await verified(bench)


async def test_given_a_call_under_way_when_swept_then_left_alone(bench: RecordingsBench) -> None:
    bench.record(1)
    await bench.service.settle()
    assert await bench.catalogue.find(ALL) == []
    assert len(list(bench.audio.iterdir())) == 3


# A day later nothing writes it any more: what the facts do not tell of is kept, for those of all councils only.
async def test_given_files_nobody_knows_when_a_day_old_then_kept_under_an_unknown_council(
    bench: RecordingsBench,
) -> None:
    bench.record(1)
    bench.clock.shift = 25 * 3600.0
    await bench.service.settle()
    assert (await only(bench)).council == "unknown"


async def test_given_two_joins_when_worked_on_then_two_recordings_of_one_call(bench: RecordingsBench) -> None:
    bench.record(1, join=1)
    bench.record(1, join=3)
    await bench.tell(1)
    await bench.service.settle()
    assert sorted(one.join for one in await bench.catalogue.find(ALL)) == [1, 3]
    await verified(bench)


async def test_given_originals_to_stay_when_verified_then_deleted_only_after_their_time(tmp_path: Path) -> None:
    bench = await RecordingsBench(tmp_path, originals_for_s=600.0).open()
    try:
        bench.record(1)
        await bench.tell(1)
        await bench.service.settle()
        assert (await only(bench)).state is RecordingState.KEPT
        assert len(list(bench.audio.iterdir())) == 3
        bench.clock.shift = 601.0
        await bench.service.settle()
        await verified(bench)
    finally:
        await bench.close()


# "A WAV with a 4 GB header …: a clear error each, nothing lost": the files stay, the row says why, an alarm is raised.
async def test_given_a_hostile_file_when_worked_on_then_broken_aloud_and_nothing_deleted(
    bench: RecordingsBench,
) -> None:
    bench.record(1)
    path = bench.audio / f"{contact(1)}-1-agent.wav"
    content = bytearray(path.read_bytes())
    content[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    await bench.tell(1)
    with capture_logs() as said:
        await bench.service.settle()
    found = await only(bench)
    assert found.state is RecordingState.BROKEN
    assert "claims more audio" in str(found.why)
    assert len(list(bench.audio.iterdir())) == 3
    assert any("ALARM" in line["event"] for line in said)


async def test_given_a_silent_side_when_kept_then_an_alarm(bench: RecordingsBench) -> None:
    bench.record(1, seconds=6.0)
    write_wav(bench.audio / f"{contact(1)}-1-agent.wav", array("h", bytes(96000)))
    await bench.tell(1)
    await bench.service.settle()
    assert [(alarm.what, alarm.contact, alarm.detail) for alarm in bench.alarms] == [
        ("silent_side", contact(1), "agent")
    ]
    await verified(bench)


async def test_given_a_lost_or_empty_side_when_kept_then_the_mix_is_and_an_alarm(bench: RecordingsBench) -> None:
    bench.record(1)
    write_wav(bench.audio / f"{contact(1)}-1-agent.wav", array("h"))
    await bench.tell(1)
    await bench.service.settle()
    assert [alarm.what for alarm in bench.alarms] == ["missing_side"]
    await verified(bench)


# P24: "After its day audio + text + index entries are gone from disk and DB within 24 h, legal hold honoured".
async def test_given_the_day_after_when_the_retention_runs_then_gone_with_certificate_and_what_is_held_stays(
    bench: RecordingsBench,
) -> None:
    for number in (1, 2):
        bench.record(number)
    await bench.tell(1, 2)
    await bench.service.settle()
    held, gone = sorted(await bench.catalogue.find(ALL), key=lambda one: one.call)
    bench.vault.put(Piece(recording=gone.id, part=Part.TEXT), [b"a transcript"])
    await bench.catalogue.hold(held.id, "claim", AuditEntry(t=1.0, who="o", role="records_officer", action="hold"))
    bench.clock.shift = 180 * 86400.0
    assert await bench.eraser.retention() == 0
    bench.clock.shift = 182 * 86400.0
    assert await bench.eraser.retention() == 1
    assert [one.id for one in await bench.catalogue.find(ALL)] == [held.id]
    assert {piece.recording for piece in bench.vault.pieces()} == {held.id}
    lines = await bench.audit.lines(recording=gone.id)
    assert [line["action"] for line in lines] == ["erase", "erased"]
    assert "audio, peaks, text" in lines[1]["details"]
    assert (await bench.catalogue.verify()).broken is None


async def test_given_a_deletion_cut_off_in_the_middle_when_the_worker_comes_then_it_is_ended(
    bench: RecordingsBench,
) -> None:
    bench.record(1)
    await bench.tell(1)
    await bench.service.settle()
    found = await only(bench)
    bench.eraser.cut_off = True
    with pytest.raises(OSError, match="output"):
        await bench.eraser.erase(found, who="o", role="operator", why="asked for")
    bench.eraser.cut_off = False
    assert (await only(bench)).state is RecordingState.ERASING
    await bench.service.settle()
    assert await bench.catalogue.find(ALL) == []
    assert not list(bench.vault.pieces())


async def test_given_the_running_service_when_calls_are_filed_then_all_sealed_and_it_ends_at_once(
    bench: RecordingsBench,
) -> None:
    running = asyncio.create_task(bench.service.run())
    for number in (1, 2, 3):
        bench.record(number)
        await bench.tell(number, filed=True)
    deadline = time.monotonic() + 30
    while [one.state for one in await bench.catalogue.find(ALL)].count(RecordingState.FILED) < 3:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait_for(running, 5.0)
    await verified(bench)


# C32: the recording chain over a transfer; the consult is a recording of its own and goes the same way: it is sealed,
# and its file does not stay on the disk.
async def test_c32_given_a_transfer_with_a_consult_when_kept_then_three_recordings_and_no_file_stays(
    bench: RecordingsBench,
) -> None:
    bench.record(1)
    bench.record(1, join=2)
    mix = bench.audio / f"{contact(1)}-2.wav"
    (bench.audio / f"{contact(1)}-c1795374070.wav").write_bytes(mix.read_bytes())
    await bench.tell(1)
    await bench.service.settle()
    found = await bench.catalogue.find(ALL)
    assert sorted(one.kind for one in found) == ["call", "call", "consult"]
    assert {one.state for one in found} == {RecordingState.FILED}
    assert not list(bench.audio.iterdir())
    assert bench.alarms == []
    await verified(bench)
