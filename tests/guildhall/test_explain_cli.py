"""The command that explains: a waiting call from the engine, a past one from the facts, an unknown one refused."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from types import MappingProxyType

import pytest
from typer.testing import CliRunner

from adapters.store.audit_log import SqlAuditLog
from adapters.store.engine import open_engine
from guildhall.cli import app
from guildhall.explain_words import in_words
from guildhall.kept_notes import notes_store
from guildhall.recordings_keys import recording_keys
from guildhall.settings import Settings
from kernel.errors import BadInput, GuildhallError, Refused
from kernel.facts import AgentChanged, CallBegan, ContactArrived, ContactEnded, Fact, OfferMade
from kernel.ids import AgentId, ContactId, QueueId, TenantId
from kernel.notes import Note
from kernel.recording import AuditEntry
from tests.fakes.kept_facts import keep

pytestmark = pytest.mark.integration

K1, A1, NORTHMERE, WASTE = ContactId("c1-1"), AgentId("n-a1"), TenantId("northmere"), QueueId("northmere.waste")
FACTS: tuple[Fact, ...] = (
    AgentChanged(
        t=99.0,
        agent=A1,
        state="available",
        skills=MappingProxyType({"waste": 2}),
        queues=(WASTE,),
        council=NORTHMERE,
        councils=(NORTHMERE,),
    ),
    CallBegan(t=100.0, call=K1, council=NORTHMERE, number="03069990001"),
    ContactArrived(t=101.5, call=K1, queue=WASTE, priority=0, skills=MappingProxyType({"waste": 1}), council=NORTHMERE),
    OfferMade(t=102.0, call=K1, agent=A1),
    ContactEnded(t=103.0, call=K1, why="abandoned"),
)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("GUILDHALL_VAR", str(tmp_path))
    settings = Settings()
    assert settings.var == tmp_path
    return settings


# The contract of the outside doors: call, at, eligible, not_eligible (agent, why, until), step, rule.
def test_given_a_past_call_and_no_engine_when_explained_then_as_of_its_last_offer(settings: Settings) -> None:
    keep(settings, *FACTS)
    done = CliRunner().invoke(app, ["explain", K1, "--json"])
    told = json.loads(done.stdout)
    assert (told["call"], told["at"], told["chosen"]) == (K1, 102.0, A1)
    assert (told["eligible"], told["not_eligible"]) == ([{"agent": A1}], [])
    assert (told["step"], told["rule"]) == (0, "longest_idle")
    assert f"offered to: {A1}" in CliRunner().invoke(app, ["explain", K1]).stdout


def _note(settings: Settings, *texts: str) -> None:
    async def told() -> None:
        engine = open_engine(settings.store_url)
        store = notes_store(engine, recording_keys(settings))
        now = time.time()
        for text in texts:
            note = Note(call=K1, council=NORTHMERE, subject=None, t=102.5, keep_until=now + 60, by=A1, text=text)
            await store.add(note, AuditEntry(t=now, who=A1, role="agent", action="note_added"))
        await engine.dispose()

    asyncio.run(told())


# C32, P20: that there is a note is told to all who may ask why; what it says, by the right to hear the call, audited.
def test_c32_given_a_call_with_notes_when_explained_then_told_and_read_by_right(settings: Settings) -> None:
    keep(settings, *FACTS)
    _note(settings, "has a stick", "[31m<b>side door</b>")
    plain = CliRunner().invoke(app, ["explain", K1]).stdout
    assert plain.count("by n-a1 (--notes shows what)") == 2
    assert "stick" not in plain + CliRunner().invoke(app, ["explain", K1, "--json"]).stdout
    read = CliRunner().invoke(app, ["explain", K1, "--notes"]).stdout
    assert "noted at 01:01:42 BST by n-a1: has a stick" in read
    told = json.loads(CliRunner().invoke(app, ["explain", K1, "--notes", "--json", "--role", "supervisor"]).stdout)
    assert [one["text"] for one in told["notes"]] == ["has a stick", "[31m<b>side door</b>"]
    for no in (["--role", "engineer"], ["--role", "auditor"], ["--council", "harbourside"], ["--role", "agent"]):
        refused = CliRunner().invoke(app, ["explain", K1, "--notes", *no])
        assert isinstance(refused.exception, Refused), no
        assert "stick" not in refused.output
    lines = asyncio.run(_audit(settings))
    assert lines == ["note_added"] * 2 + ["notes_read"] * 2 + ["refused"] * 4


async def _audit(settings: Settings) -> list[str]:
    engine = open_engine(settings.store_url)
    try:
        return [line["action"] for line in await SqlAuditLog(engine).lines()]
    finally:
        await engine.dispose()


@pytest.mark.parametrize(("call", "kind"), [("c9-9", GuildhallError), ("a b", BadInput)])
def test_given_no_such_call_when_explained_then_refused(settings: Settings, call: str, kind: type[Exception]) -> None:
    keep(settings, *FACTS)
    assert isinstance(CliRunner().invoke(app, ["explain", call]).exception, kind)


def test_given_reasons_when_said_in_words_then_each_agent_has_a_line() -> None:
    rows = [
        {"agent": "a1", "why": "skills", "until": 1767229200.0, "lacks": {"welsh": 3}},
        {"agent": "a2", "why": "paused", "until": None, "reason": "lunch"},
        {"agent": "a3", "why": "preferred", "until": None, "for": "a1"},
        {"agent": "a4", "why": "queue", "until": None},
        {"agent": "a5", "why": "queue", "until": None},
    ]
    # 1 January: the council's clock shows Greenwich time.
    told = {"call": "c1", "queue": "q", "at": 1767225600.0, "waited_s": 9.6, "step": 1, "required": {"welsh": 3}}
    told |= {"rule": "r", "ahead": 2, "next_step_at": 1767225660.0}
    assert in_words(told | {"eligible": [], "not_eligible": rows}).splitlines() == [
        "c1 in q at 00:00:00 GMT: waited 10 s, 2 ahead of it",
        "step 1: requires welsh 3 or more until 00:01:00 GMT; rule r",
        "eligible: nobody",
        "  not a1: lacks welsh 3 until 01:00:00 GMT",
        "  not a2: paused (lunch)",
        "  not a3: the call waits for somebody else (a1)",
        "  not 2 others, who do not serve this queue",
    ]


# Issue 3: "for any past call": each of its offers, which rule chose her, what came of it, and how the call ended.
def test_given_a_past_call_with_two_offers_when_said_in_words_then_each_has_its_lines_and_the_end() -> None:
    one = {"call": "c1", "queue": "q", "waited_s": 1.0, "step": 0, "required": {}, "rule": "longest_idle", "by": None}
    one |= {"eligible": [{"agent": "a1"}, {"agent": "a2"}], "not_eligible": []}
    first = one | {"at": 1767225600.0, "chosen": "a1", "came_of": {"at": 1767225615.0, "why": "rona"}}
    second = one | {"at": 1767225615.0, "chosen": "a2", "by": "a9", "came_of": {"at": 1767225618.0, "why": "answered"}}
    told = second | {"decisions": [first, second], "ended": {"at": 1767225700.0, "why": "completed"}}
    assert [line for line in in_words(told).splitlines() if line.startswith(("offered", "ended"))] == [
        "offered to: a1, idle longest: she let it ring at 00:00:15 GMT",
        "offered to: a2, chosen by a9: answered at 00:00:18 GMT",
        "ended at 00:01:40 GMT: completed",
    ]


# What agents did with it stands where it happened: why the last of them had the call, no offer tells.
def test_given_a_past_call_with_moves_when_said_in_words_then_each_stands_at_its_time() -> None:
    offer = {"call": "c1", "queue": "q", "at": 1767225600.0, "waited_s": 1.0, "step": 0, "required": {}, "rule": "r"}
    offer |= {"eligible": [{"agent": "a1"}], "not_eligible": [], "chosen": "a1"}
    moves = [
        {"at": 1767225610.0, "what": "consult", "agent": "a1"},
        {"at": 1767225612.0, "what": "consult_end", "agent": "a1", "why": "resumed", "seconds": 2.0},
        {"at": 1767225620.0, "what": "consult", "agent": "a1", "to": "outside"},
        {"at": 1767225625.0, "what": "consult_end", "agent": "a1", "why": "busy", "seconds": 5.0},
        {"at": 1767225630.0, "what": "consult", "agent": "a1", "to": "a2"},
        {"at": 1767225640.0, "what": "consult_end", "agent": "a1", "why": "completed", "seconds": 10.0},
        {"at": 1767225640.0, "what": "leave", "agent": "a1", "why": "transferred"},
        {"at": 1767225640.0, "what": "answer", "agent": "a2", "via": "consult"},
        {"at": 1767225650.0, "what": "transfer", "queue": "other"},
    ]
    lines = in_words(offer | {"decisions": [offer], "moves": moves}).splitlines()
    assert lines[0] == "c1 in q at 00:00:00 GMT: waited 1 s"
    assert lines[4:] == [
        "at 00:00:10 GMT: a1 put the caller on hold",
        "at 00:00:12 GMT: the music was over after 2 s: the agent took the caller back",
        "at 00:00:20 GMT: a1 asked somebody outside; the caller heard music",
        "at 00:00:25 GMT: the music was over after 5 s: her phone was busy",
        "at 00:00:30 GMT: a1 asked a2; the caller heard music",
        "at 00:00:40 GMT: the music was over after 10 s: the caller went on",
        "at 00:00:40 GMT: a1 left: she sent the caller on",
        "at 00:00:40 GMT: joined with a2, who had been asked",
        "at 00:00:50 GMT: sent on to other",
    ]
