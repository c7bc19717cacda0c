"""What flows ask of the outside, over the trunk of a real Asterisk: transfer, message, call back, survey."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiomqtt import Client

from kernel.commands import CallDeed, MoveCall
from kernel.ids import AgentId
from lab.answering import IncomingLeg
from lab.behaviour import Answer, Reject
from lab.calling import OutgoingLeg
from lab.listen import QUIET_DBFS, hears, rms_dbfs
from lab.phone import Phone
from lab.sdp import parse_sdp
from lab.town import Town
from tests.fakes.mosquitto import Mosquitto, mosquitto
from tests.fakes.open_sockets import free_port
from tests.fakes.own_service import own_service
from tests.fakes.service import NIA, PRIYA, Service, eventually, of
from tests.fakes.stretch import stretch

pytestmark = pytest.mark.acceptance

CALLER_HZ, OUTSIDE_HZ, AGENT_HZ, PRIYA_HZ = 440, 620, 1000, 1700
FLOW = """start: choose
steps:
  choose:
    verb: menu
    prompts: [menu_main]
    keys: {1: out, 2: premium, 3: message, 4: ring_me, 5: desk, 6: card, 7: area, 9: danger}
    timeout: 5s
    tries: 2
    no_input: danger
    no_match: danger
  out: {verb: transfer, to: water, ring: 15s, failed: desk}
  premium: {verb: transfer, to: hotline, failed: desk}
  message: {verb: voicemail, box: night, prompts: [menu_main], longest: 20s, next: bye, failed: desk}
  ring_me: {verb: callback, queue: northmere.general, next: bye, failed: desk, timeout: 2s}
  card: {verb: gather, prompts: [menu_main], variable: card, kind: account, check: luhn, least: 16, most: 16, tries: 1,
         secret: yes, next: desk, no_input: danger, no_match: danger}
  area: {verb: gather, prompts: [menu_main], variable: area, pause: 1s, tries: 1,
         next: desk, no_input: danger, no_match: danger}
  desk: {verb: enqueue, queue: northmere.general, survey: survey}
  danger: {verb: enqueue, queue: northmere.emergency}
  bye: {verb: hangup}
"""


@pytest.fixture(scope="module")
def trunk_port() -> int:
    """A free port on the trunk's address, for the phone out in the world."""
    return free_port("127.0.0.2", socket.SOCK_DGRAM)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """A real MQTT broker."""
    with mosquitto(tmp_path_factory.mktemp("mosquitto")) as running:
        yield running


@pytest.fixture(scope="module")
def service(trunk_port: int, broker: Mosquitto) -> Iterator[Service]:
    """A service with a line out, a flow that uses it, and a broker it publishes to."""
    mqtt_url = f"mqtt://{broker.user}:{broker.password}@127.0.0.1:{broker.port}"

    def prepared(place: Path) -> Service:
        # Lab phones always send: one that sends nothing is dead after four seconds instead of thirty.
        more = {"callback_rest_s": "2", "mqtt_url": mqtt_url, "phone_silence_s": "4"}
        made = Service(place, trunk_out=f"127.0.0.2:{trunk_port}", **more)
        county = made.settings.dialplans / "northmere"
        (county / "flows/outside.yaml").write_text(FLOW, encoding="utf-8")
        tenant = county / "tenant.yaml"
        text = tenant.read_text("utf-8").replace(
            '  - number: "03069990005"', '  - number: "03069990007"\n    flow: outside\n  - number: "03069990005"'
        )
        tenant.write_text(text + 'transfer_to: {water: "01632960098", hotline: "0900"}\n', encoding="utf-8")
        return made

    with own_service(prepared) as running:
        yield running


async def _rings(service: Service, town: Town, number: str, keys: str) -> tuple[OutgoingLeg, str]:
    leg, call = await service.dial(await town.caller(number, voice=CALLER_HZ), "03069990007")
    await leg.wait("answered")
    await service.fact(call, "step", step="choose")
    await leg.press(keys)
    return leg, call


async def _outside(town: Town, port: int, *codecs: str) -> Phone:
    return await town.outside(port, behaviour=Answer(after_s=0.3), voice=OUTSIDE_HZ, codecs=codecs)


# Verb `transfer`: "rings a number of transfer_to"; P22: refused ranges are an alarm at the first attempt.
async def test_p22_given_an_outside_number_when_transferred_then_both_talk_and_a_costly_one_is_refused(
    service: Service, town: Town, trunk_port: int
) -> None:
    outside = await _outside(town, trunk_port)
    leg, call = await _rings(service, town, "01632960171", "1")
    there = await outside.next_call()
    await there.wait("answered")
    await eventually(lambda: hears(bytes(there.media.heard())[-8000:], CALLER_HZ))
    await eventually(lambda: hears(bytes(leg.media.heard())[-8000:], OUTSIDE_HZ))
    await there.hang_up()
    await leg.wait("ended")
    assert (await service.fact(call, "end"))["why"] == "overflow"
    outside.behaviour = Reject(code=486)
    busy, busy_call = await _rings(service, town, "01632960172", "1")
    assert (await service.fact(busy_call, "arrive"))["queue"] == "northmere.general"
    await busy.hang_up()
    costly, costly_call = await _rings(service, town, "01632960173", "2")
    await service.fact(costly_call, "arrive")
    assert len(outside.calls) == 2
    assert [one["what"] for one in await service.facts() if one["ev"] == "alarm"] == ["outside_refused"]
    await costly.hang_up()


# Verb `voicemail`; C44: a hang-up while the PBX records ends the call as a message, not in abandonment.
async def test_c44_given_a_message_when_the_caller_hangs_up_then_it_is_kept_and_can_be_heard(
    service: Service, town: Town
) -> None:
    leg, call = await _rings(service, town, "01632960174", "3")
    await leg.press("#")
    files = service.settings.var / "pbx/spool/voicemail"
    # Asterisk writes in pieces of some seconds: two of them are there while she still speaks.
    await eventually(lambda: any(path.stat().st_size > 32000 for path in files.glob("*.wav")), 20)
    await leg.hang_up()
    told = await service.fact(call, "message", within_s=8)
    assert told["box"] == "night"
    assert told["seconds"] > 1
    assert (await service.fact(call, "end"))["why"] == "voicemail"
    assert [path.stem for path in files.glob("*.wav")] == [told["name"]]


# C24: "place kept; called back in turn; caller engaged/no answer -> retry rule; number confirmed; never two". C52, C30:
# she is on the line then: an agent's phone that dies, or a blind transfer, takes her back to it and not off it.
async def test_c24_given_a_promise_when_an_agent_is_free_then_the_resident_is_rung_and_again_when_engaged(
    service: Service, town: Town, trunk_port: int
) -> None:
    # A line without A-law: what comes after her first agent must reach her all the same (docs/decisions/0047).
    outside = await _outside(town, trunk_port, "PCMU")
    outside.behaviour = Reject(code=486)
    leg, call = await _rings(service, town, "01632960175", "4")
    await eventually(lambda: len(leg.media.heard()) > 16000 * 3)
    await leg.press("1")
    await service.fact(call, "callback", within_s=10)
    await service.fact(call, "arrive")
    await leg.wait("ended", 10)
    # Twice the same number: the first promise stands, there is no second one.
    again, again_call = await _rings(service, town, "01632960175", "4")
    await eventually(lambda: len(again.media.heard()) > 16000 * 3)
    await again.press("1")
    await again.wait("ended", 10)
    assert not of(await service.story(again_call), "arrive")
    assert not of(await service.story(call), "end")
    agent = await town.agent(NIA, behaviour=Answer(after_s=0.2), voice=AGENT_HZ)
    await town.login(agent)
    engaged = await outside.next_call(15)
    # A line that may choose would choose its own: it is offered ours alone, and both when it has no other.
    assert "PCMU" not in parse_sdp(engaged.invite.request.body).formats.values()
    await service.fact(call, "offer_end", why="failed")
    outside.behaviour = Answer(after_s=0.3)
    # C46, mid-callback: the seat rests on the PBX, whatever becomes of the engine.
    os.kill(service.pid("engine"), signal.SIGKILL)
    assert await (await outside.next_call(30)).wait("ended")
    there = await outside.next_call()
    await there.wait("answered")
    await service.fact(call, "answer", within_s=10)
    hers = agent.calls[-1]
    assert isinstance(hers, IncomingLeg)
    assert hers.shown_caller.startswith('"Callback" <sip:01632960175@')
    await eventually(lambda: hears(bytes(there.media.heard())[-8000:], AGENT_HZ))
    await eventually(lambda: hears(bytes(hers.media.heard())[-8000:], OUTSIDE_HZ))
    await agent.vanish()
    assert (await service.fact(call, "leave", within_s=20))["why"] == "failed"
    back = time.time()
    # What came after the first agent never reached her: no music, and often not the next agent (docs/decisions/0047).
    await eventually(lambda: rms_dbfs(there.media.heard(back)) > QUIET_DBFS)
    priya = await town.agent(PRIYA, behaviour=Answer(after_s=0.2), voice=PRIYA_HZ)
    await service.ready(PRIYA)
    for number in (1, 2):
        await eventually(lambda sought=number: len(priya.calls) == sought, within_s=15)  # type: ignore[misc]  # a lambda's default has no type
        await eventually(lambda: hears(bytes(priya.calls[-1].media.heard())[-8000:], OUTSIDE_HZ), within_s=10)
        await eventually(lambda: hears(there.media.heard(time.time() - 0.5), PRIYA_HZ), within_s=10)
        assert there.alive
        if number == 1:
            sent = MoveCall(agent=AgentId(PRIYA), deed=CallDeed.TRANSFER, to="northmere.general", by="operator")
            assert (await service.command(sent)).ok
    await there.hang_up()
    assert (await service.fact(call, "end", within_s=15))["why"] == "completed"
    story = await service.story(call)
    assert [one["agent"] for one in of(story, "answer")] == [NIA, PRIYA, PRIYA]
    assert len(of(story, "callback")) == 2
    # She was rung twice: once engaged, once answered, after the offer that her line cannot take.
    assert [leg.refused_with for leg in outside.calls] == [486, 488, None]


# C52, decision 0059: a hang-up that falls into a sound played to the resident's leg is lost in Asterisk; the agent does
# not stay on a dead line for it.
async def test_c52_given_a_sound_played_to_the_resident_when_she_hangs_up_in_it_then_the_call_ends_all_the_same(
    service: Service, town: Town, trunk_port: int
) -> None:
    outside = await _outside(town, trunk_port, "PCMU")
    agent = await town.agent(PRIYA, behaviour=Answer(after_s=0.2), voice=PRIYA_HZ)
    await service.ready(PRIYA)
    # One frame each second, on a line without A-law (decision 0047): here a minute, so that she hangs up in one.
    frame = service.settings.sounds / "_line/open_line_20.wav"
    kept = frame.read_bytes()
    frame.write_bytes((frame.parent / "open_line.wav").read_bytes())
    try:
        leg, call = await _rings(service, town, "01632960179", "4")
        await eventually(lambda: len(leg.media.heard()) > 16000 * 3)
        await leg.press("1")
        await service.fact(call, "answer", within_s=15)
        there = outside.calls[-1]
        talk = agent.calls[-1]
        await eventually(lambda: hears(bytes(talk.media.heard())[-8000:], OUTSIDE_HZ))
        await stretch(1.5)
        assert there.alive
        await there.hang_up()
        await talk.wait("ended", 20)
        assert (await service.fact(call, "end"))["why"] == "completed"
    finally:
        frame.write_bytes(kept)
    assert of(await service.story(call), "leave")[-1]["why"] == "caller_hung_up"


# Verb `survey`: asked when the agent hangs up first; the answer is kept without the caller.
async def test_given_an_agent_who_hangs_up_when_a_survey_is_asked_for_then_the_answer_is_kept_without_the_caller(
    service: Service, town: Town
) -> None:
    agent = await town.agent(NIA, behaviour=Answer(after_s=0.2, hang_up_after_s=1.0))
    await town.login(agent)
    leg, call = await _rings(service, town, "01632960176", "5")
    await service.fact(call, "answer", within_s=10)
    assert (await service.fact(call, "end", within_s=10))["why"] == "completed"
    await leg.press("1", gap_s=0.5)
    await leg.wait("ended", 30)
    answers = [one for one in await service.facts() if one["ev"] == "survey"]
    assert [(one["survey"], one["answer"]) for one in answers] == [("helped", "yes_helped")]
    assert "call" not in answers[0]


# C43: inter-digit time-out: digits that no '#' ends are taken when she presses no more.
async def test_c43_given_digits_without_an_end_when_she_pauses_then_they_are_taken(
    service: Service, town: Town
) -> None:
    leg, call = await _rings(service, town, "01632960178", "712")
    assert (await service.fact(call, "arrive", within_s=15))["queue"] == "northmere.general"
    assert [one["step"] for one in of(await service.story(call), "step")] == ["choose", "area", "desk"]
    await leg.hang_up()


# P21: "0 hits of the test PAN in logs, DB, MQTT, transcripts, recordings' DTMF"; C43: typed ahead, # ends.
async def test_p21_given_a_card_number_when_it_is_typed_then_it_is_found_nowhere(
    service: Service, town: Town, broker: Mosquitto
) -> None:
    pan = "4111" * 1 + "1111" * 3
    said: list[bytes] = []
    async with Client("127.0.0.1", broker.port, username=broker.user, password=broker.password) as listener:
        await listener.subscribe("#", qos=1)
        leg, call = await _rings(service, town, "01632960177", f"6{pan}#")
        assert (await service.fact(call, "arrive", within_s=25))["queue"] == "northmere.general"
        await leg.hang_up()
        async with asyncio.timeout(20):
            # The end comes last: whatever was to be said of the digits has been said by then.
            async for message in listener.messages:
                assert isinstance(message.payload, bytes)
                said.append(str(message.topic).encode() + message.payload)
                if str(message.topic).endswith("/end") and json.loads(message.payload)["call"] == call:
                    break
    assert any(b"/arrive" in one for one in said)
    assert not [one for one in said if pan.encode() in one or pan[-8:].encode() in one]
    assert pan not in json.dumps(await service.facts())
    held = [path for path in service.place.rglob("*") if path.is_file() and pan.encode() in path.read_bytes()]
    assert held == []
