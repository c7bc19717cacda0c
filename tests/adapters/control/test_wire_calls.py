"""The door's words for calls under way and for supervisors: there and back, and nothing else through it."""

from __future__ import annotations

import pytest

from adapters.control.wire import decode_command, encode_command
from kernel.commands import CallDeed, GiveReason, MoveCall, Oversight, SetNeed, Supervise
from kernel.errors import BadInput
from kernel.ids import AgentId, ContactId, QueueId
from kernel.needs import Need

pytestmark = pytest.mark.unit

A1 = AgentId("northmere-a001")


@pytest.mark.parametrize("deed", CallDeed)
def test_given_what_an_agent_asks_when_written_and_read_then_the_same(deed: CallDeed) -> None:
    asked = MoveCall(agent=A1, deed=deed, to="northmere.waste", by="operator")
    assert decode_command(encode_command(asked)) == asked


@pytest.mark.parametrize("deed", Oversight)
def test_given_what_a_supervisor_asks_when_written_and_read_then_the_same(deed: Oversight) -> None:
    asked = Supervise(
        by=A1, deed=deed, agent=A1, contact=ContactId("c1-2"), queues=(QueueId("northmere.waste"),), priority=3
    )
    assert decode_command(encode_command(asked)) == asked
    least = Supervise(by=A1, deed=deed)
    assert decode_command(encode_command(least)) == least


@pytest.mark.parametrize(
    "line",
    [
        b'{"command":"move_call","agent":"a1"}',
        b'{"command":"move_call","agent":"a1","deed":"fly"}',
        b'{"command":"move_call","agent":"a 1","deed":"hold"}',
        b'{"command":"move_call","agent":"a1","deed":"transfer","to":"x&y"}',
        b'{"command":"move_call","agent":"a1","deed":"hold","more":1}',
        b'{"command":"supervise","deed":"listen"}',
        b'{"command":"supervise","by":"a1","deed":"shout"}',
        b'{"command":"supervise","by":"a1","deed":"priority","priority":"9"}',
        b'{"command":"supervise","by":"a1","deed":"priority","priority":true}',
        b'{"command":"supervise","by":"a1","deed":"move","queues":[]}',
        b'{"command":"supervise","by":"a1","deed":"move","queues":"northmere.waste"}',
        b'{"command":"supervise","by":"a1","deed":"move","queues":[1]}',
    ],
)
def test_given_a_damaged_request_when_read_then_refused(line: bytes) -> None:
    with pytest.raises(BadInput):
        decode_command(line)


def test_given_what_is_said_after_a_call_when_written_and_read_then_the_same() -> None:
    for asked in (GiveReason(agent=A1, reason="missed_bin"), SetNeed(agent=A1, need=Need.WELSH, forget=True)):
        assert decode_command(encode_command(asked)) == asked
    with pytest.raises(BadInput):
        decode_command(b'{"command": "set_need", "agent": "northmere-a001", "need": "cross"}')
