"""The fourteen faults of panoramisk's AMI side (docs/decisions/0004), each with the test that we do not have it."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from adapters.asterisk.ami_wire import AmiDecoder, Frame
from kernel.errors import BadInput, OutcomeUnknown, Refused
from tests.fakes.ami_peer import Action, AmiPeer, LinkUser, error, event, message, success, until

pytestmark = pytest.mark.wire


# The fault: QueueAdd never returns (reply 'Added interface to queue' is taken for a list). We send none of
# those; another action's reply may read so.
async def test_given_fault_01_queue_add_when_asked_then_its_one_reply_returns(peer: AmiPeer) -> None:
    peer.script = lambda action: success(action, ("Message", "Added interface to queue"))
    async with LinkUser(peer) as user:
        await user.until_up()
        reply = await user.link.ask("QueueWithdrawCaller", {"Queue": "q1", "Caller": "PJSIP/a1-1"}, timeout_s=2)
        assert reply.get("Message") == "Added interface to queue"


# The fault: PlayDTMF kills the connection: reply '… successfully queued' -> KeyError 'async' inside data_received.
# Seen on an Originate too (gawel/panoramisk#90).
async def test_given_fault_02_successfully_queued_when_answered_then_the_link_lives(peer: AmiPeer) -> None:
    peer.script = lambda action: success(action, ("Message", "Originate successfully queued"))
    async with LinkUser(peer) as user:
        await user.until_up()
        await user.link.ask(
            "Originate", {"Channel": "Local/c1@callback-resident/n", "Application": "Wait"}, timeout_s=2
        )
        await user.link.ask("Ping", {}, timeout_s=2)
        assert user.states == ["up"]


# The fault: as_list=True and an Error reply -> hangs for ever.
async def test_given_fault_03_a_list_when_answered_by_error_then_refused_at_once(peer: AmiPeer) -> None:
    peer.script = lambda action: error(action, "No such channel")
    async with LinkUser(peer) as user:
        await user.until_up()
        with pytest.raises(Refused) as caught:
            await user.link.ask_list("Status", {"Channel": "PJSIP/none"}, timeout_s=2)
        assert (caught.value.code, caught.value.message) == ("ami_error", "No such channel")


# The fault: An exception in any sync event callback drops the AMI connection (and the rest of that chunk).
async def test_given_fault_04_a_failing_handler_when_events_come_then_the_rest_arrives(peer: AmiPeer) -> None:
    async with LinkUser(peer) as user:
        user.fails_at = "Hangup"
        await user.until_up()
        peer.say(event("Hangup") + event("Newchannel"))
        await until(lambda: len(user.events) == 2)
        await user.link.ask("Ping", {}, timeout_s=2)


# The fault: CRLF injection: value 'a\r\n\r\nAction: Command…' was executed by Asterisk. No header is checked.
async def test_given_fault_05_a_line_break_when_sent_then_refused_and_nothing_leaves(peer: AmiPeer) -> None:
    evil = "a\r\n\r\nAction: Command\r\nCommand: database put inj k PWNED"
    async with LinkUser(peer) as user:
        await user.until_up()
        with pytest.raises(BadInput):
            await user.link.ask("Setvar", {"Variable": "GH_X", "Value": evil})
        with pytest.raises(BadInput):
            # All or nothing: the good action before the bad one is not sent either.
            user.link.tell([("Ping", {}), ("Setvar", {"Variable": "GH_X", "Value": evil})])
        await user.link.ask("Getvar", {"Variable": "GH_X"})
        assert b"PWNED" not in peer.heard
        assert peer.names() == ["Login", "Getvar"]


# The fault: Half-dead peer not seen: Asterisk SIGSTOPped 12 s with ping_interval=1: no disconnect, pings pile up.
async def test_given_fault_06_a_frozen_peer_when_silent_then_noticed_in_time(peer: AmiPeer) -> None:
    async with LinkUser(peer, dead_after_s=0.6) as user:
        await user.until_up()
        loop = asyncio.get_running_loop()
        peer.frozen, frozen_at = True, loop.time()
        with pytest.raises(OutcomeUnknown):
            await user.link.ask("Getvar", {"Variable": "GH_X"}, timeout_s=10)
        assert loop.time() - frozen_at < 0.6 + 0.3
        assert user.reasons == ["the PBX is silent"]
        peer.frozen = False
        await user.until_up(2)


# The fault: On connection loss: unanswered actions are kept and re-sent after re-login, including Originate (the call
# is placed again). Partly answered lists, Ping and Login futures stay pending for ever.
async def test_given_fault_07_a_lost_link_when_up_again_then_nothing_is_sent_twice(peer: AmiPeer) -> None:
    def script(action: Action) -> bytes | None:
        start = success(action, ("EventList", "start"))
        return start + event("Status", ("ActionID", action["ActionID"])) if action["Action"] == "Status" else None

    peer.script = script
    told: list[Frame | None] = []
    async with LinkUser(peer) as user:
        await user.until_up()
        asked = asyncio.gather(
            user.link.ask("Originate", {"Channel": "Local/c1@callback-resident/n", "Application": "Wait"}),
            user.link.ask_list("Status", {}),
            return_exceptions=True,
        )
        await asyncio.sleep(0)
        user.link.tell([("Hangup", {"Channel": "PJSIP/x-1"})], lambda _index, reply: told.append(reply))
        await until(lambda: "Hangup" in peer.names())
        peer.cut()
        assert [type(outcome) for outcome in await asked] == [OutcomeUnknown, OutcomeUnknown]
        assert told == [None]
        await user.until_up(2)
        await user.link.ask("Ping", {})
        assert peer.names() == ["Login", "Originate", "Status", "Hangup", "Login"]


# The fault: Re-sending waits for FullyBooted: a manager user without read=system never gets it -> those futures
# hang for ever.
async def test_given_fault_08_no_fully_booted_when_logged_in_then_the_link_is_up(peer: AmiPeer) -> None:
    async with LinkUser(peer) as user:
        await user.until_up()
        await user.link.ask("Getvar", {"Variable": "GH_X"}, timeout_s=2)
        assert user.events == []


# The fault: send_action while down: no error, pending future. Before the first connect: AttributeError.
async def test_given_fault_09_no_link_when_asked_then_refused_at_once(peer: AmiPeer) -> None:
    user = LinkUser(peer)
    for asking in (user.link.ask("Ping", {}), user.link.ask_list("Status", {})):
        with pytest.raises(Refused) as caught:
            await asking
        assert caught.value.code == "ami_down"
    with pytest.raises(Refused):
        user.link.tell([("Ping", {})])


# The fault: First connect refused: task raises, but the retry timer keeps running even after close().
async def test_given_fault_10_a_closed_port_when_stopped_then_no_further_attempt(peer: AmiPeer) -> None:
    port = peer.port
    await peer.stop()
    async with LinkUser(peer) as user:
        await asyncio.sleep(0)
        assert user.states == []
    late = AmiPeer()
    late.port = port
    await late.start()
    # Longer than the first waits of the pace, and no attempt may come.
    with contextlib.suppress(TimeoutError):
        await until(lambda: late.connects > 0, within_s=0.8)
    assert late.connects == 0
    await late.stop()


async def test_given_fault_10_a_closed_port_when_it_opens_then_the_link_comes_up(peer: AmiPeer) -> None:
    port = peer.port
    await peer.stop()
    late = AmiPeer()
    late.port = port
    async with LinkUser(peer) as user:
        await asyncio.sleep(0)
        await late.start()
        await user.until_up()
    await late.stop()


# The fault: UTF-8 sequence cut by a TCP segment is dropped: 4000 'é' -> 3996 characters.
async def test_given_fault_11_letters_cut_by_segments_when_decoded_then_none_is_lost() -> None:
    stream = b"Asterisk Call Manager/11.0.0\r\nEvent: A\r\nName: " + "é".encode() * 4000 + b"\r\n\r\n"
    decoder = AmiDecoder()
    frames = [frame for byte in stream for frame in decoder.feed(bytes([byte]))]
    assert frames[0].get("Name") == "é" * 4000


# The fault: Last header of a message with empty value disappears.
async def test_given_fault_12_an_empty_last_header_when_decoded_then_it_is_there() -> None:
    (frame,) = AmiDecoder().feed(b"Asterisk Call Manager/11.0.0\r\n" + message(("Event", "A"), ("Value", "")))
    assert "Value" in frame
    assert frame.pairs == (("Event", "A"), ("Value", ""))


# The fault: Events that carry a pending ActionID (e.g. OriginateResponse) never reach callbacks.
@pytest.mark.parametrize("wanted", [None, frozenset({"Hangup"})])
async def test_given_fault_13_an_event_with_our_action_id_when_it_comes_then_it_is_passed_on(
    peer: AmiPeer, wanted: frozenset[str] | None
) -> None:
    peer.script = lambda action: (
        event("OriginateResponse", ("ActionID", action["ActionID"]), ("Response", "Failure"))
        + success(action, ("Message", "Originate successfully queued"))
    )
    async with LinkUser(peer, wanted=wanted) as user:
        await user.until_up()
        reply = await user.link.ask(
            "Originate", {"Channel": "Local/c1@callback-resident/n", "Application": "Wait"}, timeout_s=2
        )
        assert reply.get("Response") == "Success"
        assert [frame.event for frame in user.events] == ["OriginateResponse"]


# The fault: No back-pressure, no buffer limit; coroutine callbacks are fire-and-forget tasks (order lost).
async def test_given_fault_14_a_message_without_end_when_it_grows_then_the_link_is_dropped(peer: AmiPeer) -> None:
    async with LinkUser(peer) as user:
        await user.until_up()
        peer.say(b"Event: X\r\nFill: " + b"x" * 1_000_000)
        await until(lambda: user.states == ["up", "down"])
        assert user.reasons == ["a message does not end"]


async def test_given_fault_14_many_events_when_they_come_then_their_order_stays(peer: AmiPeer) -> None:
    async with LinkUser(peer) as user:
        await user.until_up()
        for first in range(0, 5000, 100):
            peer.say(b"".join(event("E", ("N", str(number))) for number in range(first, first + 100)))
        await until(lambda: len(user.events) == 5000)
        assert [int(frame.get("N")) for frame in user.events] == list(range(5000))
