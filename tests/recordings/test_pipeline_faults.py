"""What goes wrong on a recording's way: a full disk, a bad encoder, a bug of ours, a kill; nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from random import Random

import pytest

from kernel.recording import Part, Piece, RecordingState
from tests.fakes.kept_recordings import ALL, only, verified
from tests.fakes.recordings_bench import RecordingsBench, contact

pytestmark = pytest.mark.integration

#: So often the worker is killed; the issue's 200 take some minutes.
_KILLS = int(os.environ.get("GUILDHALL_KILLS", "12"))


# "A full disk: nothing lost": the worker waits and tries again.
async def test_given_a_full_disk_when_worked_on_then_put_off_and_done_later(
    bench: RecordingsBench,
) -> None:
    bench.record(1)
    await bench.tell(1)
    bench.vault.full = True
    await bench.service.settle()
    assert (await only(bench)).state is RecordingState.FOUND
    assert len(list(bench.audio.iterdir())) == 3
    bench.vault.full = False
    bench.clock.shift = 60.0
    await bench.service.settle()
    await verified(bench)


# "With the PCM original kept until verified": a seal that does not sound like the original is no seal.
async def test_given_an_encoder_that_mixes_up_the_sides_when_verified_then_not_kept(
    bench: RecordingsBench,
) -> None:
    bench.record(1)
    await bench.tell(1)
    bench.workshop.mixes = frozenset({True, False})
    for _ in range(8):
        await bench.service.settle()
        bench.clock.shift += 1000.0
    found = await only(bench)
    assert (found.state, found.why) == (RecordingState.BROKEN, "not_the_same")
    assert len(list(bench.audio.iterdir())) == 3


# A line that Opus makes another sound of must not leave its recording unsealed for ever: kept without loss instead.
async def test_given_an_encoder_that_spoils_the_sound_when_verified_then_sealed_without_loss_and_taken_out_in_any_form(
    bench: RecordingsBench,
) -> None:
    bench.record(1)
    await bench.tell(1)
    bench.workshop.mixes = frozenset({False})
    await bench.service.settle()
    await verified(bench)
    assert bench.workshop.encoded == [False, True]
    found = await only(bench)
    for form, magic in (("wav", b"RIFF"), ("mp3", b"ID3"), ("opus", b"OggS")):
        sealed = bench.vault.read(Piece(recording=found.id, part=Part.AUDIO))
        taken = b"".join(bench.workshop.convert(sealed, form, found.seconds))
        assert taken.startswith(magic), form
        assert form != "opus" or b"OpusHead" in taken[:64]


# Law 5 for the worker: one recording or call that trips over a bug of ours holds up nobody behind it.
async def test_given_one_that_trips_when_worked_on_then_the_others_are_kept_and_it_is_told_broken(
    bench: RecordingsBench,
) -> None:
    for number in (1, 2, 3):
        bench.record(number)
    await bench.tell(1, 2, 3)
    names = [contact(number) for number in (1, 2, 3)]
    bench.intake.trips_on, bench.workshop.stumbles_on = names[0], names[1]
    for _ in range(6):
        await bench.service.settle()
        bench.clock.shift += 700.0
    found = {one.call: (one.state, one.why) for one in await bench.catalogue.find(ALL)}
    assert found == {names[1]: (RecordingState.BROKEN, "not_made"), names[2]: (RecordingState.FILED, None)}


# The sweep may come between the end's fact and the closing of the file: it would be taken in too short.
async def test_given_a_file_that_is_not_closed_when_its_call_has_ended_then_taken_in_once_it_is(
    bench: RecordingsBench,
) -> None:
    bench.record(1)
    path = bench.audio / f"{contact(1)}-1-agent.wav"
    whole = path.read_bytes()
    path.write_bytes(whole[:40] + bytes(4) + whole[44:20_000])
    await bench.tell(1)
    await bench.service.settle()
    assert await bench.catalogue.find(ALL) == []
    path.write_bytes(whole)
    await bench.service.settle()
    await verified(bench)
    # One that is never closed, as when Asterisk was killed, is taken in all the same.
    bench.record(2)
    path = bench.audio / f"{contact(2)}-1-agent.wav"
    path.write_bytes(whole[:40] + bytes(4) + whole[44:])
    await bench.tell(2)
    bench.clock.shift += 30.0
    await bench.service.settle()
    assert len(await bench.catalogue.find(ALL)) == 2


# It once found nothing at all: on a busy machine a Python takes longer to begin than the longest random time was, and
# every worker was killed before it had begun. The instant counts from its beginning, not from its birth.
# Issue: "kill -9 of the worker at random instants 200 times: every recording once, verified" (GUILDHALL_KILLS=200).
@pytest.mark.timeout(180 + 5 * _KILLS)
async def test_given_a_worker_killed_at_random_instants_when_it_is_done_then_every_recording_once(
    bench: RecordingsBench,
) -> None:
    kills, chance = _KILLS, Random(6)  # noqa: S311 - instants, no secrets
    calls = max(2, kills // 2)
    for number in range(1, calls + 1):
        bench.record(number, seconds=1.0)
    await bench.tell(*range(1, calls + 1))
    complaints = bench.folder / "complaints"
    nursery = await _nursery(bench.folder, complaints)
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    for _ in range(kills):
        nursery.stdin.write(b"one more\n")
        begun = await asyncio.wait_for(nursery.stdout.readline(), 60)
        assert begun.startswith(b"at work "), complaints.read_text()[-2000:]
        with contextlib.suppress(TimeoutError):
            # Only one that ends by itself is heard of here.
            pytest.fail(str(await asyncio.wait_for(nursery.stdout.readline(), chance.uniform(0.0, 1.3))))
        os.kill(int(begun.split()[-1]), signal.SIGKILL)
        assert await asyncio.wait_for(nursery.stdout.readline(), 60) == b"ended by 9\n"
    nursery.stdin.close()
    await nursery.wait()
    assert await bench.catalogue.find(ALL)
    await bench.service.settle()
    for _ in range(20):
        bench.clock.shift += 700.0
        await bench.service.settle()
    bench.vault.sweep()
    found = await bench.catalogue.find(ALL)
    assert sorted(one.call for one in found) == sorted(contact(number) for number in range(1, calls + 1))
    await verified(bench)
    sealed = list(bench.vault.pieces())
    assert len(sealed) == len({piece.recording for piece in sealed}) * 2 == calls * 2


async def _nursery(folder: Path, complaints: Path) -> asyncio.subprocess.Process:
    with complaints.open("wb") as told:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.fakes.recordings_bench", "nursery", str(folder)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=told,
        )
