"""app_queue as the fallback: who is a member, who is rung, and what Asterisk writes down of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.asterisk.queue_log import QueueLog
from adapters.asterisk.readiness import Action, Readiness, ready_from
from adapters.asterisk.static_queues import static_hints, static_queues, static_wrap_ups
from kernel.agent import AgentProfile, Presence
from kernel.ids import AgentId, QueueId, TenantId
from kernel.queues import Queue
from kernel.seen import AgentMemory
from tests.fakes.dialplan import DialplanCall, parse

pytestmark = pytest.mark.unit

COUNCIL, WASTE = TenantId("northmere"), QueueId("northmere.waste")
QUEUE = Queue(id=WASTE, tenant=COUNCIL, name="Bins", skills={"waste": 3}, priority=4, ring_time_s=12.5)


def agent(user: str, level: int, *queues: QueueId, councils: tuple[TenantId, ...] = (COUNCIL,)) -> AgentProfile:
    return AgentProfile(
        id=AgentId(f"northmere-{user}"),
        tenant=COUNCIL,
        name="Nia Fenwick",
        sip_user=user,
        queues=queues,
        skills={"waste": level},
        councils=councils,
    )


def memory(presence: Presence, *, pending: Presence | None = None, until: float | None = None) -> AgentMemory:
    return AgentMemory(
        agent=AgentId("northmere-a001"),
        presence=presence,
        aux_code=None,
        pending=pending,
        pending_aux=None,
        wrap_up_until=until,
        idle_since=0.0,
    )


# Issue 3: skills hold in the fallback; the loss of the rest is declared.
def test_given_agents_when_written_then_members_are_those_who_may_serve_the_queue_behind_the_guard() -> None:
    agents = [
        agent("a1", 3, WASTE),
        agent("a2", 2, WASTE),
        agent("a3", 5),
        agent("a4", 5, WASTE, councils=(TenantId("harbourside"),)),
    ]
    text = static_queues([QUEUE], agents, {COUNCIL: "/s/sorry"})
    members = [line for line in text.splitlines() if line.startswith("member")]
    assert members == ["member => Local/a1@static-agent,0,northmere-a1,hint:a1@static-hints"]
    assert {"timeout=13", "weight=4", "ringinuse=no", "periodic-announce=/s/sorry"} <= set(text.splitlines())
    assert "Fenwick" not in text
    assert "exten => a1,hint,PJSIP/a1&Custom:gh-a1&Custom:guildhall-gate" in static_hints(agents)


# docs/decisions/0016: nobody on a break is rung, also not one who asked for it during a call.
@pytest.mark.parametrize(
    ("kept", "value"),
    [
        (None, ""),
        (memory(Presence.LOGGED_OUT), ""),
        (memory(Presence.NOT_READY), ""),
        (memory(Presence.READY, pending=Presence.NOT_READY), ""),
        (memory(Presence.READY), "0"),
        (memory(Presence.READY, until=100.2), "101"),
    ],
)
def test_given_a_memory_when_mirrored_then_the_moment_from_which_she_is_ready(
    kept: AgentMemory | None, value: str
) -> None:
    assert ready_from(kept) == value


def _devices(*told: list[Action]) -> list[str]:
    return [
        headers["Value"] for actions in told for _, headers in actions if headers["Variable"].startswith("DEVICE_STATE")
    ]


def test_given_a_change_of_wrap_up_only_when_mirrored_then_the_device_state_is_not_written_again() -> None:
    mirror = Readiness(fallback_after_s=12, clock=lambda: 1000.0)
    first = mirror.actions("a001", memory(Presence.READY))
    again = mirror.actions("a001", memory(Presence.READY, until=1009.5))
    gone = mirror.actions("a001", memory(Presence.NOT_READY))
    assert _devices(first, again, gone) == ["INVALID", "BUSY"]
    mirror.forget()
    assert len(mirror.actions("a001", memory(Presence.NOT_READY))) == 2


# docs/decisions/0054: who would still be in after-call work when app_queue takes over does not count as free for it.
def test_given_a_wrap_up_longer_than_the_wait_for_the_engine_when_mirrored_then_she_is_busy_until_it_is_over() -> None:
    mirror = Readiness(fallback_after_s=12, clock=lambda: 1000.0)
    ready = mirror.actions("a001", memory(Presence.READY))
    long = mirror.actions("a001", memory(Presence.READY, until=1010.1))
    assert long[0] == ("Setvar", {"Variable": "GH_READY_a001", "Value": "1011"})
    over = mirror.actions("a001", memory(Presence.READY))
    assert _devices(ready, long, over) == ["INVALID", "BUSY", "INVALID"]


# ... and the dialplan's watch sets her free in that second, or in the next one it looks at; nobody else.
@pytest.mark.parametrize(
    ("ready", "free"), [("", []), ("0", []), ("990", []), ("991", ["INVALID"]), ("1000", ["INVALID"]), ("1001", [])]
)
def test_given_a_second_from_which_she_is_ready_when_the_watch_looks_then_it_sets_her_free_once(
    ready: str, free: list[str]
) -> None:
    watch = "[watch]\nexten => s,1,Gosub(static-wrap-ups,s,1)\n same => n,Hangup(16)\n"
    lines = parse(watch + static_wrap_ups([agent("a1", 3, WASTE), agent("a2", 3, WASTE)]))
    call = DialplanCall(lines, 1000, [], {"GH_SINCE": "990", "GH_TICK": "1000", "GH_READY_a1": ready})
    call.run("watch")
    states = {name: value for name, value in call.variables.items() if name.startswith("DEVICE_STATE")}
    assert list(states.values()) == free
    assert set(states) <= {"DEVICE_STATE(Custom:gh-a1)"}


ROW = "1795374732|1795374720.0|guildhall|NONE|GHEND|northmere|03069990002|northmere.waste|{}|{}|a001||1795374732.610\n"


# Asterisk's record: only our own rows, each once; what is damaged or foreign is passed over.
def test_given_a_queue_log_when_read_again_and_again_then_each_ended_call_once(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    log = QueueLog(path, {"a001": AgentId("northmere-a001")})
    assert log.new_rows() == ()
    path.write_text(
        "1795374716|NONE|NONE|NONE|QUEUESTART|\n1|2|x|y|GHEND|a|b\n"
        + ROW.format("1795374720.878132", "1795374720.898")
        + ROW.format("nonsense", "")
        + "1795374799|half a r"
    )
    (row,) = log.new_rows()
    assert (row.contact, row.queue, row.agent) == ("c1795374720-0", WASTE, "northmere-a001")
    assert (row.began_at, row.arrived_at, row.joined_at) == (1795374720.0, 1795374720.878132, 1795374720.898)
    assert row.ended_at == 1795374732.610
    assert log.new_rows() == ()
    path.write_text(ROW.format("", ""))
    (row,) = log.new_rows()
    assert (row.queue, row.joined_at) == (None, None)
