"""The reading room: every door by every role, ranges and waveforms too; nothing is given out before it is logged."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from kernel.errors import BadInput, Refused
from kernel.ids import AgentId, QueueId, TenantId
from kernel.recording import Part, Recording, RecordingId, Wanted
from recordings.core.policy import Person, Right, Role, may, reach
from tests.fakes.recordings_bench import RecordingsBench, contact

pytestmark = pytest.mark.integration

NORTHMERE, HARBOURSIDE = TenantId("northmere"), TenantId("harbourside")
OPERATOR = Person(user="op", role=Role.OPERATOR, councils=None)
Door = Callable[[RecordingsBench, Person, Recording], Awaitable[object]]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[RecordingsBench]:
    opened = await RecordingsBench(tmp_path).open()
    for number, council in ((1, "northmere"), (2, "northmere"), (3, "harbourside")):
        opened.record(number, seconds=0.5)
        await opened.tell(number, council=council)
    await opened.service.settle()
    yield opened
    await opened.close()


async def _listen(bench: RecordingsBench, person: Person, one: Recording) -> None:
    assert b"".join(await bench.room.listen(person, one.id)).startswith(b"OggS")


async def _range(bench: RecordingsBench, person: Person, one: Recording) -> None:
    assert b"".join(await bench.room.listen(person, one.id, Part.AUDIO, 1, 3)) == b"ggS"


async def _waveform(bench: RecordingsBench, person: Person, one: Recording) -> None:
    assert b'"peaks"' in b"".join(await bench.room.listen(person, one.id, Part.PEAKS))


async def _show(bench: RecordingsBench, person: Person, one: Recording) -> None:
    assert (await bench.room.show(person, one.id)).id == one.id


async def _export(bench: RecordingsBench, person: Person, one: Recording) -> None:
    assert b"".join(await bench.room.export(person, one.id, "mp3"))


async def _hold(bench: RecordingsBench, person: Person, one: Recording) -> None:
    await bench.room.hold(person, one.id, "claim")
    await bench.room.hold(person, one.id, None)


DOORS: dict[str, tuple[Right, Door]] = {
    "listen": (Right.LISTEN, _listen),
    "range": (Right.LISTEN, _range),
    "waveform": (Right.LISTEN, _waveform),
    "show": (Right.LIST, _show),
    "export": (Right.EXPORT, _export),
    "hold": (Right.HOLD, _hold),
}


# P20: "No recording, transcript, report or event of council A for a user of council B: complete role x endpoint matrix
# tested; every listening is logged."
@pytest.mark.parametrize("door", DOORS)
async def test_given_every_role_and_council_when_it_tries_a_door_then_by_right_only_and_logged(
    bench: RecordingsBench, door: str
) -> None:
    right, through = DOORS[door]
    everything = await bench.catalogue.find(Wanted(councils=None))
    councils = (None, frozenset[TenantId](), frozenset({NORTHMERE}), frozenset({HARBOURSIDE}))
    for role, of, one in itertools.product(Role, councils, everything):
        person = Person(user="somebody", role=role, councils=of, agent=AgentId("northmere-a001"))
        before = (await bench.audit.verify()).rows
        if may(person, right, one):
            await through(bench, person, one)
            logged = {Right.LIST: 0, Right.HOLD: 2}.get(right, 1)
        else:
            with pytest.raises(Refused, match="no such recording, or you may not"):
                await through(bench, person, one)
            logged = 1
        assert (await bench.audit.verify()).rows == before + logged
    assert (await bench.audit.verify()).broken is None


async def test_given_every_role_when_it_lists_then_only_what_it_may_see_whatever_the_filter(
    bench: RecordingsBench,
) -> None:
    everything = await bench.catalogue.find(Wanted(councils=None))
    filters = [Wanted(councils=None), Wanted(councils=frozenset({HARBOURSIDE})), Wanted(councils=None, most=2)]
    filters += [Wanted(councils=None, queue=QueueId("harbourside.waste"))]
    filters += [Wanted(councils=None, agent=one.agent, call=one.call) for one in everything]
    for role, of, wanted in itertools.product(Role, (None, frozenset({NORTHMERE})), filters):
        person = Person(user="somebody", role=role, councils=of, agent=AgentId("northmere-a001"))
        if reach(person, Right.LIST) is None:
            with pytest.raises(Refused):
                await bench.room.find(person, wanted)
            continue
        found = await bench.room.find(person, wanted)
        assert all(may(person, Right.LIST, one) for one in found)
        asked = [one for one in await bench.catalogue.find(wanted) if may(person, Right.LIST, one)]
        assert found == asked or wanted.most == 2


async def test_given_an_erasure_when_it_is_a_records_officers_then_gone_everywhere_and_certified(
    bench: RecordingsBench,
) -> None:
    one = (await bench.catalogue.find(Wanted(councils=frozenset({NORTHMERE}))))[0]
    officer = Person(user="dpo", role=Role.RECORDS_OFFICER, councils=frozenset({NORTHMERE}))
    for role in set(Role) - {Role.RECORDS_OFFICER, Role.OPERATOR}:
        with pytest.raises(Refused):
            await bench.room.erase(Person(user="x", role=role, councils=None), one.id, "no right")
    await bench.room.hold(officer, one.id, "claim")
    with pytest.raises(Refused, match="legal hold"):
        await bench.room.erase(officer, one.id, "request 9")
    await bench.room.hold(officer, one.id, None)
    await bench.room.erase(officer, one.id, "request 9")
    with pytest.raises(Refused, match="no such recording"):
        await bench.room.show(OPERATOR, one.id)
    assert one.id not in {piece.recording for piece in bench.vault.pieces()}
    actions = [line["action"] for line in await bench.audit.lines(recording=one.id)]
    assert actions == [*["refused"] * 5, "hold", "refused", "release", "erase", "erased"]


# An audit log that cannot be written keeps everything shut.
async def test_given_an_audit_log_that_is_away_when_somebody_listens_then_nothing_comes_out(
    bench: RecordingsBench,
) -> None:
    one = (await bench.catalogue.find(Wanted(councils=None)))[0]
    bench.vault.opened.clear()
    bench.audit.away = True
    with pytest.raises(OSError, match="away"):
        await bench.room.listen(OPERATOR, one.id)
    assert bench.vault.opened == []


async def test_given_an_id_that_is_none_when_asked_for_then_the_same_answer_as_for_another_councils(
    bench: RecordingsBench,
) -> None:
    for hostile in ("../../etc/passwd", "", "0" * 32, "x' OR 1=1 --", "\udcff"):
        with pytest.raises(Refused, match="no such recording, or you may not") as refusal:
            await bench.room.listen(OPERATOR, RecordingId(hostile))
        assert refusal.value.code == "no_such_recording"
        if hostile:
            assert await bench.room.find(OPERATOR, Wanted(councils=None, queue=QueueId(hostile))) == []
            assert await bench.room.find(OPERATOR, Wanted(councils=frozenset({TenantId(hostile)}))) == []
    for reason in ("a\0b", "two\nlines", "x" * 201):
        with pytest.raises(BadInput):
            await bench.room.erase(OPERATOR, RecordingId("0" * 32), reason)


async def test_given_a_bit_turned_in_the_vault_when_verified_then_that_recording_is_named(
    bench: RecordingsBench,
) -> None:
    everything = await bench.catalogue.find(Wanted(councils=None))
    [path] = bench.folder.glob(f"vault/*/{everything[0].id}.audio")
    stored = bytearray(path.read_bytes())
    stored[-1] ^= 1
    path.write_bytes(stored)
    wrong = []
    for one in everything:
        try:
            told = await bench.room.verify_seals(OPERATOR, one)
        except Exception as error:  # noqa: BLE001 - whatever is raised is the finding
            told = str(error)
        if told:
            wrong.append(one.call)
    assert wrong == [everything[0].call]
    assert contact(1) in {one.call for one in everything}
