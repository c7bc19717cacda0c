"""What a look at the PBX says of agents: who can be reached, and what each was doing by her own memory."""

from __future__ import annotations

import pytest

from adapters.asterisk.ami_view import AmiView
from adapters.asterisk.readiness import Readiness
from kernel.agent import Presence
from kernel.seen import AgentMemory
from tests.fakes.ami_peer import AmiPeer, LinkUser
from tests.fakes.small_ami import A1, A2, AGENTS, QUEUES, SmallAmi, see

pytestmark = pytest.mark.wire


# SEMANTICS: reach is UNAVAILABLE or INVALID against anything else; a phone Asterisk does not name was never seen.
async def test_given_device_states_when_seen_then_who_can_be_reached() -> None:
    pbx = SmallAmi()
    pbx.devices = {"PJSIP/a001": "NOT_INUSE", "PJSIP/a002": "UNAVAILABLE", "PJSIP/trunk": "NOT_INUSE"}
    [seen] = await see(pbx)
    assert seen.reachable == {A1}
    pbx.devices = {"PJSIP/a001": "INUSE"}
    [seen] = await see(pbx)
    assert seen.reachable == {A1}


MEMORY = (
    '{"presence":"not_ready","aux":"lunch","pending":"ready","pending_aux":null,'
    '"wrap_up_until":1764000009.5,"idle_since":1764000001.0}'
)


async def test_given_a_memory_when_seen_then_what_the_agent_was_doing() -> None:
    pbx = SmallAmi()
    pbx.variables["GH_AGENT_a001"] = MEMORY
    [seen] = await see(pbx)
    assert seen.memories == (
        AgentMemory(
            agent=A1,
            presence=Presence.NOT_READY,
            aux_code="lunch",
            pending=Presence.READY,
            pending_aux=None,
            wrap_up_until=1764000009.5,
            idle_since=1764000001.0,
        ),
    )


@pytest.mark.parametrize(
    "damage",
    [
        "(null)",
        "{",
        "[]",
        "7",
        "null",
        "{}",
        MEMORY.replace("not_ready", "asleep"),
        MEMORY.replace("1764000001.0", "null"),
    ],
)
async def test_given_a_damaged_memory_when_seen_then_the_agent_is_taken_as_new(damage: str) -> None:
    pbx = SmallAmi()
    pbx.variables = {"GH_AGENT_a001": damage, "GH_AGENT_a002": MEMORY}
    [seen] = await see(pbx)
    assert [memory.agent for memory in seen.memories] == [A2]


# Decision 0016: in an Asterisk that was started anew nobody is ready until somebody says so.
async def test_given_agents_without_memory_when_seen_then_each_is_told_as_not_ready() -> None:
    pbx = SmallAmi()
    peer = AmiPeer(pbx.answer)
    await peer.start()
    try:
        async with LinkUser(peer) as user:
            await user.until_up()
            await AmiView(user.link, AGENTS, QUEUES, Readiness()).see()
            await AmiView(user.link, AGENTS, QUEUES).glance()
    finally:
        await peer.stop()
    told = {name: value for name, value in pbx.variables.items() if name != "GH_EPOCH"}
    assert told == {
        "GH_READY_a001": "",
        "DEVICE_STATE(Custom:gh-a001)": "BUSY",
        "GH_READY_a002": "",
        "DEVICE_STATE(Custom:gh-a002)": "BUSY",
    }
