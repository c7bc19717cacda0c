"""The door's words for calls under way and for supervisors: there and back, and nothing else through it."""

from __future__ import annotations

import pytest

from adapters.control.wire import decode_command, encode_command
from kernel.commands import CallDeed, GiveReason, MoveCall, Oversight, SetNeed, ShowNotes, Supervise, TakeNote
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


# A note is hostile until it is encoded: whatever stands in it, the line stays one line and is read as it was.
@pytest.mark.parametrize("text", ["plain", "", 'a"\n{}\x00\x1b[2J', "\udce9 was no UTF-8", "\u202e", "x" * 2000, None])
def test_v10_given_a_hostile_note_when_written_and_read_then_the_same(text: str | None) -> None:
    asked = TakeNote(agent=A1, contact=ContactId("c1-2"), text=text, by="operator")
    line = encode_command(asked)
    assert (line.count(b"\n"), line.isascii()) == (1, True)
    assert decode_command(line) == asked
    assert decode_command(encode_command(ShowNotes(agent=A1))) == ShowNotes(agent=A1)
    assert "plain" not in repr(asked)


@pytest.mark.parametrize(
    "line",
    [
        b'{"command":"take_note","agent":"a1","text":7}',
        b'{"command":"take_note","agent":"a 1","text":"x"}',
        b'{"command":"take_note","contact":"../x","text":"x"}',
        b'{"command":"take_note","agent":"a1","text":"' + b"x" * 2001 + b'"}',
        b'{"command":"show_notes"}',
        b'{"command":"show_notes","agent":"a1","text":"x"}',
    ],
)
def test_given_a_damaged_note_when_read_then_refused_without_repeating_it(line: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        decode_command(line)
    assert "xx" not in refused.value.message
