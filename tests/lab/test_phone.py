"""Two phones of the lab, calling each other over loopback without a PBX."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest

from kernel.errors import BadInput, Refused
from lab.behaviour import Answer, LetRing, Reject, Silent
from lab.listen import hears
from lab.phone import CallLeg, LegState, Phone
from lab.timeline import Way

pytestmark = pytest.mark.wire


@asynccontextmanager
async def two_phones(
    *, media: bool = True, hers: tuple[str, ...] = (), codecs: tuple[str, ...] = ()
) -> AsyncIterator[tuple[Phone, Phone]]:
    """A resident and an agent, each other's server; ``codecs``: the resident's, ``hers``: the agent's."""
    async with AsyncExitStack() as stack:
        agent = Phone(user="a001", server=("127.0.0.1", 9), media=media, codecs=hers)
        await agent.start()
        stack.push_async_callback(agent.close)
        resident = Phone(user="01632960001", server=agent.address, local_ip="127.0.0.2", media=media, codecs=codecs)
        await resident.start()
        stack.push_async_callback(resident.close)
        yield resident, agent


async def until(true: Callable[[], bool], within_s: float = 5.0) -> None:
    """Poll with a deadline."""
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 - polled on purpose: what is waited for has no event
            await asyncio.sleep(0.01)


async def talking(resident: Phone, agent: Phone) -> tuple[CallLeg, CallLeg]:
    """A call that was answered at once."""
    mine = await resident.call("a001")
    theirs = await agent.next_call()
    await mine.wait("answered")
    await theirs.wait("confirmed")
    return mine, theirs


# RFC 3264 §6.1: the answerer may list fewer formats than were offered, and both speak what is in the answer.
@pytest.mark.parametrize(("hers", "spoken"), [(("PCMU",), "PCMU"), (("PCMU", "PCMA"), "PCMU"), ((), "PCMA")])
async def test_given_a_phone_with_codecs_of_its_own_when_called_then_both_speak_its_first(
    hers: tuple[str, ...], spoken: str
) -> None:
    async with two_phones(hers=hers) as (resident, agent):
        resident.voice = 440
        mine, theirs = await talking(resident, agent)
        await until(lambda: hears(theirs.media.heard(), 440) and len(mine.media.frames) > 1)
        assert {frame.law.name for leg in (mine, theirs) for frame in leg.media.frames} == {spoken}


async def test_given_no_codec_in_common_when_called_then_refused_with_488() -> None:
    async with two_phones(hers=("PCMU",), codecs=("PCMA",)) as (resident, _):
        mine = await resident.call("a001")
        await mine.wait("ended")
        assert mine.refused_with == 488


# RFC 3261 §4: INVITE, 180, 200, ACK, BYE, each once, and the times in order.
async def test_given_an_answering_phone_when_called_then_both_talk_and_the_messages_are_told() -> None:
    async with two_phones() as (resident, agent):
        mine, theirs = await talking(resident, agent)
        assert (mine.state, theirs.state) == (LegState.TALKING, LegState.TALKING)
        await mine.hang_up()
        assert mine.log.told() == ">INVITE <180 <200 >ACK >BYE <200"
        assert theirs.log.told() == "<INVITE >180 >200 <ACK <BYE >200"
        assert (mine.ended_by, theirs.ended_by) == ("here", "there")
        sent, received = mine.log.when("INVITE", Way.SENT), theirs.log.when("INVITE", Way.RECEIVED)
        assert 0 <= received - sent < 0.5
        assert [m.at for m in mine.timeline] == sorted(m.at for m in mine.timeline)


async def test_given_two_tones_when_talking_then_each_hears_the_other_only() -> None:
    async with two_phones() as (resident, agent):
        resident.voice, agent.voice = 440, 1000
        mine, theirs = await talking(resident, agent)
        await until(lambda: min(len(mine.media.heard()), len(theirs.media.heard())) > 4000)
        assert hears(theirs.media.heard(), 440, least_share=0.9)
        assert hears(mine.media.heard(), 1000, least_share=0.9)
        assert not hears(mine.media.heard(), 440)
        heard = mine.hears()
        assert heard.rms_dbfs == pytest.approx(-15.3, abs=2)
        assert heard.first_audio_at == mine.log.first["audio"]


# RFC 4733: keys go as telephone events.
async def test_given_a_call_when_keys_are_pressed_then_the_other_side_has_them() -> None:
    async with two_phones() as (resident, agent):
        mine, theirs = await talking(resident, agent)
        await mine.press("1*0#", gap_s=0.04)
        await until(lambda: theirs.media.keys_heard == "1*0#")
        with pytest.raises(BadInput):
            await mine.press("x")


async def test_given_a_call_when_held_and_resumed_then_the_other_side_knows_and_hears_nothing_meanwhile() -> None:
    async with two_phones() as (resident, agent):
        agent.voice = 440
        mine, theirs = await talking(resident, agent)
        await mine.wait("audio")
        await theirs.hold()
        held = await mine.wait("held")
        states = [theirs.state]
        before = len(mine.media.frames)
        await theirs.resume()
        resumed = await mine.wait("resumed")
        assert [*states, theirs.state] == [LegState.HOLDING, LegState.TALKING]
        await until(lambda: len(mine.media.frames) > before + 5)
        assert [f for f in mine.media.frames if held + 0.02 < f.at < resumed] == []
        await mine.hold()
        await theirs.wait("held")


async def test_given_a_ringing_call_when_the_caller_gives_up_then_both_ends_end() -> None:
    async with two_phones() as (resident, agent):
        agent.behaviour = LetRing()
        mine = await resident.call("a001")
        await mine.wait("ringing")
        theirs = await agent.next_call()
        await mine.hang_up()
        assert (mine.refused_with, mine.ended_by) == (487, "here")
        assert (theirs.refused_with, theirs.ended_by) == (487, "there")
        await theirs.wait("confirmed")
        assert theirs.log.told() == "<INVITE >180 <CANCEL >200 >487 <ACK"


# RFC 3261 §9.1: no CANCEL before the other side said anything.
async def test_given_a_slow_phone_when_cancelled_early_then_the_cancel_waits() -> None:
    async with two_phones() as (resident, agent):
        agent.behaviour = Silent()
        mine = await resident.call("a001")
        theirs = await agent.next_call()
        cancelling = asyncio.create_task(mine.cancel())
        await asyncio.sleep(0.05)
        assert mine.log.told() == ">INVITE"
        theirs.ring()
        await cancelling
        assert theirs.refused_with == 487


@pytest.mark.parametrize("after_ringing", [False, True])
async def test_given_a_refusing_phone_when_called_then_the_caller_has_its_code(*, after_ringing: bool) -> None:
    async with two_phones() as (resident, agent):
        agent.behaviour = Reject(code=486, after_ringing=after_ringing)
        mine = await resident.call("a001")
        await mine.wait("ended")
        assert mine.refused_with == 486
        assert ("ringing" in mine.log.first) is after_ringing
        with pytest.raises(TimeoutError, match="before the call ended; messages: >INVITE"):
            await mine.wait("answered", 30)


# RFC 3261 §17.1.1.2: an INVITE nobody hears is sent again after T1; the phone sees it as one call.
async def test_given_a_silent_phone_when_called_then_the_invite_is_sent_again() -> None:
    async with two_phones() as (resident, agent):
        agent.behaviour = Silent()
        mine = await resident.call("a001")
        await until(lambda: agent._line.endpoint.repeated >= 1)
        assert len(agent.calls) == 1
        assert mine.state is LegState.CALLING


# RFC 3261 §13.3.1.4: a 200 is sent again until its ACK comes.
async def test_given_a_lost_ack_when_waiting_then_the_200_comes_again_and_is_acknowledged_again() -> None:
    async with two_phones() as (resident, agent):
        endpoint = resident._line.endpoint
        send = endpoint._send
        lost: list[bytes] = []

        def lossy(datagram: bytes, to: tuple[str, int]) -> None:
            if datagram.startswith(b"ACK") and not lost:
                lost.append(datagram)
            else:
                send(datagram, to)

        endpoint._send = lossy  # type: ignore[method-assign] # one lost datagram
        mine = await resident.call("a001")
        theirs = await agent.next_call()
        await mine.wait("answered")
        assert "confirmed" not in theirs.log.first
        await theirs.wait("confirmed")
        assert mine.log.told() == ">INVITE <180 <200 >ACK"


async def test_given_an_answer_that_ends_by_itself_when_called_then_the_agent_hangs_up() -> None:
    async with two_phones(media=False) as (resident, agent):
        agent.behaviour = Answer(after_s=0.05, hang_up_after_s=0.05)
        mine = await resident.call("a001")
        await mine.wait("ended")
        assert mine.ended_by == "there"
        assert mine.log.latest["answered"] - mine.log.latest["ringing"] >= 0.05


# docs/asterisk.md rule 4: Asterisk's Answer() waits for the first packet of sound.
async def test_given_a_phone_without_media_when_answered_then_it_sends_one_packet() -> None:
    async with two_phones(media=False) as (resident, agent):
        mine, theirs = await talking(resident, agent)
        theirs.media._listen()
        assert len(theirs.media.frames) == 1
        mine.media._listen()
        assert len(mine.media.frames) == 1


async def test_given_a_vanished_phone_when_the_other_hangs_up_then_it_does_not_wait_for_ever() -> None:
    async with two_phones() as (resident, agent):
        mine, _ = await talking(resident, agent)
        await agent.vanish()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await mine.hang_up()
        assert mine.state is LegState.ENDED


async def test_given_strange_requests_when_asked_then_answered_as_the_standard_has_it() -> None:
    async with two_phones() as (resident, agent):
        mine, theirs = await talking(resident, agent)
        line = resident._line
        for method, number, status in (("OPTIONS", 90, 200), ("INFO", 91, 405)):
            request = mine._dialog.request(method, number)
            assert (await line.endpoint.ask(request, agent.address).final()).status == status
        await theirs.hang_up()
        stray = mine._dialog.request("BYE", 92)
        stray = replace(stray, headers=tuple(("Call-ID", "x") if n == "Call-ID" else (n, v) for n, v in stray.headers))
        assert (await line.endpoint.ask(stray, agent.address).final()).status == 481


# The lab itself may only say what it knows: registering at something that refuses raises.
async def test_given_no_registrar_when_registering_then_refused() -> None:
    async with two_phones() as (resident, _agent):
        with pytest.raises(Refused, match="405"):
            await resident.register()
