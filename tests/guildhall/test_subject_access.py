"""Subject access, erasure by number, and retention with the clock moved: what goes is gone from disk and database."""

from __future__ import annotations

import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.store.tables import RECORDING_SUBJECTS
from guildhall.callers_needs import Order
from guildhall.recordings_wiring import Recordings, recordings_of
from guildhall.settings import HOME, Settings
from guildhall.subject_access import erase_subject, export_subject
from kernel.errors import GuildhallError
from kernel.ids import TenantId
from kernel.needs import Need, NeedSource
from kernel.notes import Note
from kernel.recording import AuditEntry, Part, Piece, RecordingId, Wanted
from kernel.steered_words import KeptWords
from recordings.core.policy import Person, Role
from tests.fakes.recordings_bench import KEY, RecordingsBench, contact

pytestmark = pytest.mark.integration

ALICE, BOB = "01632960101", "01632960102"
WANTED = Wanted(councils=None)
OFFICER = Person(user="olwen", role=Role.RECORDS_OFFICER, councils=frozenset({TenantId("northmere")}))
SUPERVISOR = Person(user="sam", role=Role.SUPERVISOR, councils=frozenset({TenantId("northmere")}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Two calls of Alice (one to another council) and one of Bob, sealed."""

    bench: RecordingsBench
    recordings: Recordings


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    bench = await RecordingsBench(tmp_path).open()
    (tmp_path / "secrets").mkdir(mode=0o700)
    (tmp_path / "secrets" / "recordings-key").write_text(KEY)
    (tmp_path / "secrets" / "recordings-key").chmod(0o600)
    settings = Settings(
        var=tmp_path, recordings=bench.audio, database_url=bench.url, dialplans=HOME / "dialplans", originals_for_s=0
    )
    recordings = recordings_of(settings, bench.engine, bench.clock, bench)
    for number, whose, council in ((1, ALICE, "northmere"), (2, ALICE, "harbourside"), (3, BOB, "northmere")):
        bench.record(number, seconds=1.0)
        bench.subjects.put(contact(number), recordings.keys.subject(whose))
        await bench.tell(number, council=council)
    await bench.subjects.flush()
    await recordings.service.settle()
    yield Town(bench=bench, recordings=recordings)
    await bench.close()


async def the_one(town: Town, number: int) -> RecordingId:
    [found] = [one for one in await town.bench.catalogue.find(WANTED) if one.call == contact(number)]
    return found.id


async def subjects(town: Town) -> set[str]:
    async with town.bench.engine.connect() as connection:
        return {row.call for row in await connection.execute(RECORDING_SUBJECTS.select())}


async def _said(town: Town) -> None:
    """Alice said a sentence to each council's steering, and needs more time in both; each call has a note."""
    subject, now = town.recordings.keys.subject(ALICE), town.bench.clock.now()
    order = Order(by="northmere-a001", role="agent", source=NeedSource.AGENT, purpose="she asked for it")
    for number, council in ((1, TenantId("northmere")), (2, TenantId("harbourside"))):
        words = KeptWords(
            call=contact(number),
            council=council,
            subject=subject,
            t=now,
            keep_until=now + 60.0,
            purpose="to teach steering",
            text=f"my {council} bin",
            intent="missed_bin",
            sure=0.9,
        )
        town.recordings.words.put(words)
        await town.recordings.needs.add(subject, council, Need.MORE_TIME, order)
        noted = Note(
            call=contact(number),
            council=council,
            subject=subject,
            t=now,
            keep_until=now + 60.0,
            by="northmere-a001",
            text=f"asks for the {council} side door",
        )
        added = AuditEntry(t=now, who="northmere-a001", role="agent", action="note_added", council=council)
        await town.recordings.notes.add(noted, added)
    await town.recordings.words.flush()


# Issue 6: "subject access export by number (audio, transcript, facts in one archive with a readable index)".
async def test_p24_given_a_number_when_exported_then_its_calls_of_that_council_and_nobody_elses(
    town: Town, tmp_path: Path
) -> None:
    mine = await the_one(town, 1)
    town.bench.vault.put(Piece(recording=mine, part=Part.TEXT), [b"caller: my bin\n"])
    await _said(town)
    out = tmp_path / "alice.zip"
    told = await export_subject(town.recordings, OFFICER, ALICE, out)
    assert told == {"calls": 1, "recordings": 1, "words": 1, "needs": 1, "notes": 1}
    assert out.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {
            "README.txt",
            "gaps.json",
            f"facts/{contact(1)}.jsonl",
            f"audio/{mine}.mp3",
            f"texts/{mine}.txt",
            "steering/words.jsonl",
            "steering/needs.json",
            "notes/notes.jsonl",
        }
        assert json.loads(archive.read("notes/notes.jsonl"))["text"] == "asks for the northmere side door"
        assert json.loads(archive.read("steering/words.jsonl"))["text"] == "my northmere bin"
        assert json.loads(archive.read("steering/needs.json"))[0]["need"] == "more_time"
        assert len(archive.read(f"audio/{mine}.mp3")) > 1000
        assert b"my bin" in archive.read(f"texts/{mine}.txt")
        facts = [json.loads(line) for line in archive.read(f"facts/{contact(1)}.jsonl").splitlines()]
        assert facts[-1]["ev"] == "end"
        assert f"audio/{mine}.mp3" in archive.read("README.txt").decode()
    assert [line["action"] for line in await town.bench.audit.lines()] == ["need_added", "note_added"] * 2 + ["export"]
    with pytest.raises(GuildhallError, match="no such"):
        await export_subject(town.recordings, SUPERVISOR, ALICE, tmp_path / "no.zip")
    assert not (tmp_path / "no.zip").exists()


# Issue 6: "erasure with a certificate", "legal hold".
async def test_p24_given_a_number_when_erased_then_gone_but_what_a_hold_keeps(town: Town) -> None:
    mine, his = await the_one(town, 1), await the_one(town, 3)
    await town.recordings.room.hold(OFFICER, his, "claim 7")
    await _said(town)
    told = await erase_subject(town.recordings, OFFICER, ALICE, "request 8")
    assert (told["words"], told["needs"], told["notes"]) == (1, 1, 1)
    subject = town.recordings.keys.subject(ALICE)
    # Another council's are not hers to erase.
    assert [one.council for one in await town.recordings.words.of_subject(subject, None)] == ["harbourside"]
    assert [one.council for one in await town.recordings.needs.known(subject, None)] == ["harbourside"]
    assert [one.council for one in await town.recordings.notes.of_subject(subject, None)] == ["harbourside"]
    assert "notes_erased" in {line["action"] for line in await town.bench.audit.lines()}
    assert ([one["id"] for one in told["erased"]], told["held"]) == ([mine], [])
    assert (await erase_subject(town.recordings, OFFICER, BOB, "request 9"))["held"] == [his]
    left = {piece.recording for piece in town.bench.vault.pieces()}
    assert left == {await the_one(town, 2), his}
    assert await subjects(town) == {contact(2), contact(3)}
    certificate = [line for line in await town.bench.audit.lines() if line["action"] == "erased"]
    assert [line["recording"] for line in certificate] == [mine]
    assert "sha256" in certificate[0]["details"]
    assert (await town.bench.catalogue.verify()).broken is None


# P24: "after its day audio + text + index entries are gone from disk and DB within 24 h, legal hold honoured".
async def test_p24_given_the_clock_moved_past_the_last_day_when_retention_runs_then_nothing_is_left(
    town: Town,
) -> None:
    mine, his = await the_one(town, 1), await the_one(town, 3)
    town.bench.vault.put(Piece(recording=mine, part=Part.TEXT), [b"caller: my bin\n"])
    await town.recordings.room.hold(OFFICER, his, "claim 7")
    eraser = town.bench.eraser
    town.bench.clock.shift = 180 * 86400.0
    assert await eraser.retention() == 0
    town.bench.clock.shift = 181 * 86400.0
    assert await eraser.retention() == 2
    assert {piece.recording for piece in town.bench.vault.pieces()} == {his}
    assert [one.id for one in await town.bench.catalogue.find(WANTED)] == [his]
    assert await subjects(town) == {contact(3)}
    assert not list(town.bench.audio.iterdir())
    said = [line["details"] for line in await town.bench.audit.lines() if line["action"] == "erase"]
    assert len(said) == 2
    assert all(line.startswith("retention: kept until ") for line in said)
    await town.recordings.room.hold(OFFICER, his, None)
    assert await eraser.retention() == 1
    assert not list(town.bench.vault.pieces())
    assert await subjects(town) == set()
