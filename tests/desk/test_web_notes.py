"""Notes at the desk's door: every role, own council and another's; what a text must be; every reading audited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.commands import TakeNote
from recordings.core.policy import Role
from tests.fakes.desk_bench import HARBOURSIDE, LIVE, NORTHMERE, DeskBench

pytestmark = pytest.mark.wire

HOSTILE = "<img src=x onerror=alert(1)> & 'stick'"
LISTEN = {"supervisor", "evaluator", "records_officer"}
#: ``operator`` is whoever has the machine's command line: no page lets one in.
ROLES = [role.value for role in Role if role is not Role.OPERATOR]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[DeskBench]:
    bench = await DeskBench(tmp_path).open()
    yield bench
    await bench.close()


# C48, P20: a complete role x endpoint matrix; who reads what was noted is who may hear the call.
async def test_c48_given_every_role_when_reading_and_writing_notes_then_only_what_the_matrix_says(
    desk: DeskBench,
) -> None:
    own, foreign = await desk.note(NORTHMERE, HOSTILE), await desk.note(HARBOURSIDE, "not yours")
    recorded = (await desk.of(NORTHMERE)).call
    for role in ROLES:
        cookie = await desk.log_in(role)
        for call, roles in ((own, LISTEN), (recorded, LISTEN | {"agent"})):
            told = await desk.ask("GET", f"/api/notes/{call}", cookie)
            # Nobody has taken the call under way yet: an agent's own is the engine's to tell.
            assert told.status == (200 if role in roles else 404), (role, told)
            if told.status == 200:
                assert [(one["by"], one["text"]) for one in told.json] == [("northmere-a003", HOSTILE)]
        for deed, body in (("add", {"text": HOSTILE}), ("take-back", {})):
            path = f"/api/notes/{own}/{deed}"
            assert (await desk.ask("POST", path, cookie, body)).status == (
                200 if role in {"agent", "supervisor"} else 404
            ), (role, deed)
            assert (await desk.ask("POST", path, "", body)).status == 401
            assert (await desk.ask("POST", f"/api/notes/{foreign}/{deed}", cookie, body)).status == 404
        answers = [await desk.ask("GET", f"/api/notes/{call}", cookie) for call in (foreign, "c9-9")]
        # Another council's is not there at all.
        assert [one.status for one in answers] == [404, 404]
        assert answers[0].body == answers[1].body
        assert b"not yours" not in answers[0].body
    asked = [one for one in desk.engine.asked if isinstance(one, TakeNote)]
    # An agent under her own id, for the engine to see whether it is her call; a supervisor by her name here.
    assert [(one.agent, one.contact, one.text, one.by) for one in asked] == [
        (agent, own, text, by)
        for agent, by in (("northmere-a001", "agent"), (None, "supervisor"))
        for text in (HOSTILE, None)
    ]
    lines = await desk.audit()
    assert {who for who, action in lines if action == "notes_read"} == LISTEN | {"agent"}
    assert ("auditor", "refused") in lines


async def test_c48_given_an_agent_when_her_call_is_of_another_council_or_none_then_there_is_none(
    desk: DeskBench,
) -> None:
    agent = await desk.log_in("agent")
    assert (await desk.ask("GET", "/api/my-call", agent)).json == {"call": None, "needs": [], "notes": []}
    mine: dict[str, object] = {
        "call": LIVE[NORTHMERE],
        "council": NORTHMERE,
        "stand": "talking",
        "needs": [],
        "notes": [],
    }
    desk.engine.own = mine
    assert (await desk.ask("GET", "/api/my-call", agent)).json == mine
    # She may take that council's calls, and her log-in here is not for it.
    desk.engine.own = mine | {"council": HARBOURSIDE}
    assert (await desk.ask("GET", "/api/my-call", agent)).json == {"call": None, "needs": [], "notes": []}
    for role in set(ROLES) - {"agent"}:
        assert (await desk.ask("GET", "/api/my-call", await desk.log_in(role))).status == 403
    assert (await desk.ask("GET", "/api/my-call")).status == 401
    desk.engine.away = True
    assert (await desk.ask("GET", "/api/my-call", agent)).status == 503


# V10, P21: refused with what to do, or harmless; a text that is wrong is not repeated, and reaches no engine.
async def test_v10_given_a_hostile_text_when_noted_then_one_plain_line_or_refused(desk: DeskBench) -> None:
    call, agent = await desk.note(NORTHMERE, "one"), await desk.log_in("agent")
    path = f"/api/notes/{call}/add"
    for wrong in ({"text": ""}, {"text": "\x00\x1b"}, {"text": "x" * 501}, {"text": 7}, {}, {"text": None}):
        answer = await desk.ask("POST", path, agent, wrong)
        assert (answer.status, b"xx" in answer.body) == (400, False), wrong
    assert desk.engine.asked == []
    text = "\x1b[2J<b>\u202e 4111 1111 1111 1111\r\nstick \ud800"
    assert (await desk.ask("POST", path, agent, {"text": text})).status == 200
    [asked] = desk.engine.asked
    assert isinstance(asked, TakeNote)
    assert asked.text == "[2J<b> [number] stick"
