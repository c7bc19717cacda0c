"""The AMI link's own promises: login, order, lists, pipelining, limits."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest
from structlog.testing import capture_logs

from adapters.asterisk.ami_link import AmiSettings
from adapters.asterisk.ami_wire import Frame
from kernel.errors import BadInput, OutcomeUnknown, Refused
from tests.fakes.ami_peer import SECRET, AmiPeer, LinkUser, error, event, success, until

pytestmark = pytest.mark.wire


# "checks the banner starts with 'Asterisk Call Manager/' before sending the secret".
async def test_given_a_stranger_on_the_port_when_connected_then_the_secret_is_not_shown(peer: AmiPeer) -> None:
    peer.banner = b"220 mail.example ESMTP\r\n"
    async with LinkUser(peer) as user:
        await until(lambda: peer.connects >= 2)
        assert user.states == []
    assert peer.heard == b""


async def test_given_a_refused_login_when_tried_then_down_and_not_tried_again_soon(peer: AmiPeer) -> None:
    peer.login = lambda action: error(action, "Authentication failed")
    with capture_logs() as logs:
        async with LinkUser(peer) as user:
            await until(lambda: bool(logs))
            with pytest.raises(Refused):
                await user.link.ask("Ping", {})
            with pytest.raises(TimeoutError):
                await until(lambda: peer.connects > 1, within_s=1.0)
            assert user.states == []
    assert logs[0]["reason"] == "the PBX refused the login"
    assert SECRET not in repr(logs)


def test_given_the_settings_when_shown_then_the_secret_stays_inside() -> None:
    assert SECRET not in repr(AmiSettings(host="127.0.0.1", port=1, user="engine", secret=SECRET))


async def test_given_a_secret_that_cannot_be_sent_when_built_then_refused_at_once(peer: AmiPeer) -> None:
    with pytest.raises(BadInput):
        AmiSettings(host="127.0.0.1", port=1, user="e", secret="s", ping_every_s=3.0, dead_after_s=3.0)
    peer.port = 1
    assert LinkUser(peer).link.up is False


# An event in the same segment as the login's answer must find the link up: a reconcile starts at `up`.
async def test_given_events_right_behind_the_login_when_read_then_up_comes_first(peer: AmiPeer) -> None:
    peer.login = lambda action: event("Before") + success(action) + event("After")
    async with LinkUser(peer) as user:
        await until(lambda: len(user.seen) == 2)
        assert user.seen == ["up", "After"]


async def test_given_unwanted_events_when_they_come_then_they_are_not_passed_on(peer: AmiPeer) -> None:
    async with LinkUser(peer, wanted=frozenset({"Hangup"})) as user:
        await user.until_up()
        peer.say(event("VarSet") + event("Newexten", ("ActionID", "x")) + event("Hangup"))
        await until(lambda: bool(user.events))
        assert [frame.event for frame in user.events] == ["Hangup"]


async def test_given_a_list_when_asked_then_its_events_return_and_others_pass(peer: AmiPeer) -> None:
    def script(action: dict[str, str]) -> bytes:
        mine = ("ActionID", action["ActionID"])
        return (
            success(action, ("EventList", "start"), ("Message", "Channels will follow"))
            + event("CoreShowChannel", mine, ("Channel", "PJSIP/a-1"))
            + event("Hangup")
            + event("CoreShowChannel", mine, ("Channel", "PJSIP/b-1"))
            + event("CoreShowChannelsComplete", mine, ("EventList", "Complete"), ("ListItems", "2"))
        )

    peer.script = script
    async with LinkUser(peer) as user:
        await user.until_up()
        frames = await user.link.ask_list("CoreShowChannels", {})
        assert [frame.get("Channel") for frame in frames] == ["PJSIP/a-1", "PJSIP/b-1"]
        assert [frame.event for frame in user.events] == ["Hangup"]


# Measured on Asterisk 22.10.1: without a registered phone PJSIPShowContacts answers Error "No Contacts found".
async def test_given_an_empty_list_said_as_error_when_asked_then_it_is_an_empty_list(peer: AmiPeer) -> None:
    peer.script = lambda action: error(action, "No Contacts found\n")
    async with LinkUser(peer) as user:
        await user.until_up()
        assert await user.link.ask_list("PJSIPShowContacts", {}) == []


async def test_given_a_refusal_when_it_repeats_what_was_sent_then_the_error_does_not(peer: AmiPeer) -> None:
    peer.script = lambda action: error(action, "Channel does not exist: PJSIP/x-1 for 01632960001")
    async with LinkUser(peer) as user:
        await user.until_up()
        with pytest.raises(Refused) as caught:
            await user.link.ask("Redirect", {"Channel": "PJSIP/x-1"})
        assert caught.value.message == "Channel does not exist: … for …"


async def test_given_no_answer_when_time_is_up_then_unknown_and_a_late_one_is_dropped(peer: AmiPeer) -> None:
    late: list[bytes] = []

    def script(action: dict[str, str]) -> None:
        late.append(success(action) + event("Late"))

    peer.script = script
    async with LinkUser(peer) as user:
        await user.until_up()
        with pytest.raises(OutcomeUnknown) as caught:
            await user.link.ask("Hangup", {"Channel": "PJSIP/x-1"}, timeout_s=0.05)
        assert caught.value.code == "ami_timeout"
        peer.say(late[0])
        await until(lambda: bool(user.events))
        assert user.states == ["up"]


# "tell: pipelined in ONE write, no await, in order; on_reply(index, reply)".
async def test_given_many_actions_when_told_then_one_write_in_order_and_replies_in_order(peer: AmiPeer) -> None:
    peer.script = lambda action: error(action, "no") if action["Action"] == "Redirect" else success(action)
    replies: list[tuple[int, str]] = []

    def on_reply(index: int, reply: Frame | None) -> None:
        replies.append((index, reply.get("Response") if reply else "?"))
        raise RuntimeError  # Contained: the next reply still comes.

    async with LinkUser(peer) as user:
        await user.until_up()
        user.link.tell(
            [("Setvar", {"Variable": "GH_OFFER", "Value": "1"}), ("Redirect", {"Channel": "x"}), ("Ping", {})], on_reply
        )
        await until(lambda: len(replies) == 3)
        assert replies == [(0, "Success"), (1, "Error"), (2, "Success")]
        assert peer.names() == ["Login", "Setvar", "Redirect"]


# Law 3: every state has a deadline, also a told action that is never answered by a living peer.
async def test_given_a_told_action_when_never_answered_then_given_up(
    peer: AmiPeer,
) -> None:
    peer.script = lambda _action: None
    told: list[Frame | None] = []
    async with LinkUser(peer, dead_after_s=0.6, tell_wait_s=0.2) as user:
        await user.until_up()
        user.link.tell([("Hangup", {"Channel": "x"})], lambda _index, reply: told.append(reply))
        await until(lambda: told == [None])
        assert user.states == ["up"]


async def test_given_a_peer_that_reads_nothing_when_much_is_told_then_dropped_not_hoarded(
    peer: AmiPeer,
) -> None:
    async with LinkUser(peer, most_unsent=100_000) as user:
        await user.until_up()
        unread = [("Setvar", {"Variable": "GH_X", "Value": "x" * 900})] * 15_000
        user.link.tell(unread)
        await until(lambda: user.states == ["up", "down"])
        assert user.reasons == ["the PBX reads nothing"]


async def test_given_a_cancelled_ask_when_answered_later_then_nothing_breaks(peer: AmiPeer) -> None:
    peer.script = lambda _action: None
    async with LinkUser(peer) as user:
        await user.until_up()
        asked = asyncio.create_task(user.link.ask("Status", {}))
        await until(lambda: "Status" in peer.names())
        asked.cancel()
        await asyncio.wait({asked})
        peer.say(success(peer.actions[-1]))
        await user.link.ask("Ping", {})


# The rule: TCP_NODELAY is on, because latency matters.
async def test_given_the_link_when_up_then_small_actions_are_not_held_back(peer: AmiPeer) -> None:
    async with LinkUser(peer) as user:
        await user.until_up()
        assert user.link._protocol is not None
        assert user.link._protocol._transport is not None
        sock = user.link._protocol._transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


async def test_given_a_link_when_cancelled_then_the_connection_closes_and_askers_learn(peer: AmiPeer) -> None:
    peer.script = lambda _action: None
    user = LinkUser(peer)
    async with user:
        await user.until_up()
        asked = asyncio.create_task(user.link.ask("Status", {}))
        await until(lambda: "Status" in peer.names())
    with pytest.raises(OutcomeUnknown):
        await asked
    assert user.states == ["up", "down"]
    assert user.reasons == ["stopped"]


# A process that stood still (SIGSTOP, a long pause) must not take its own gap for the PBX's silence.
async def test_given_our_own_standstill_when_it_ends_then_the_link_is_not_dropped(peer: AmiPeer) -> None:
    async with LinkUser(peer, dead_after_s=0.6) as user:
        await user.until_up()
        pings = len(peer.actions)
        time.sleep(1.5)  # noqa: ASYNC251 - the standstill itself
        await until(lambda: len(peer.actions) >= pings + 3)
        assert user.states == ["up"]
