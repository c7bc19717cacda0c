"""The council's recording rules on a real Asterisk: told, asked, paused by key, resumed by timer, never stopped."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable

import pytest

from guildhall.prompts import host_sound
from lab.behaviour import Answer
from lab.listen import hears, read_wav, tone_share
from lab.town import Town
from tests.fakes.recorded_calls import (
    AGENT_HZ,
    CALLER_HZ,
    alarm,
    joined,
    likeness,
    loudness,
    pair,
    quiet_run,
    recorded,
    talks,
    timeline,
)
from tests.fakes.recording_rules import ASKED, DEMAND, MUST, NEVER, TOLD, WASTE, with_rules
from tests.fakes.service import NIA, PRIYA, Service, eventually, of

pytestmark = pytest.mark.acceptance

#: The card schemes' test number: no one's.
PAN = "4111111111111111"
#: The tones of its keys, Hz (ITU-T Q.23).
DTMF_1, DTMF_4 = (697, 1209), (770, 1209)


@pytest.fixture(scope="module")
def prepare() -> Callable[[Service], None]:
    """These rules."""
    return with_rules


#: Tenths of a second in which the agent hears "Paused." or "Recording." in her ear and is not in the call, so that the
#: recorder, which writes while they are joined, writes nothing: as long as the prompts of the voice that spoke them.
_IN_HER_EAR = 20


# C35: "mute/pause for card payment leaves silence there and nothing else". P21: "Secret digits nowhere: 0 hits of the
# test PAN in logs, DB, MQTT, transcripts, recordings' DTMF." Issue 6: "each gap with its reason and length".
async def test_c35_given_a_pause_by_key_when_a_card_number_is_pressed_then_silence_there_and_the_number_nowhere(
    service: Service, town: Town
) -> None:
    leg, ringing, call = await joined(service, town, WASTE)
    await ringing.press("*51")
    paused = await service.fact(call, "rec_pause", by=NIA)
    await leg.press(PAN)
    await ringing.press("*52")
    resumed = await service.fact(call, "rec_resume", by=NIA)
    await talks(leg, 1.5)
    await leg.hang_up()
    filed = await service.fact(call, "recording", within_s=12)
    assert filed["muted"] == pytest.approx(resumed["seconds"], abs=0.01)
    answer, left = of(await service.story(call), "answer")[0]["t"], of(await service.story(call), "leave")[0]["t"]
    assert filed["seconds"] == pytest.approx(left - answer, abs=2.0)
    began, silent = paused["t"] - answer, resumed["seconds"]
    for side in ("", "-caller", "-agent"):
        levels = loudness(service, call, side)
        inside = levels[int(began * 10) + 4 : int((began + silent) * 10) - 4 - _IN_HER_EAR]
        assert len(inside) > 10
        assert max(inside) < -60, side
        assert silent * 10 - 6 - _IN_HER_EAR <= quiet_run(levels) <= silent * 10 + 6 + _IN_HER_EAR, (side, levels)
    heard = read_wav(service.recordings / f"{call}-1-caller.wav").channels[0]
    assert max(tone_share(heard, hertz) for hertz in {*DTMF_1, *DTMF_4}) < 0.05
    found = await recorded(service, call)
    assert [gap["why"] for gap in found["gaps"]] == [f"paused by {NIA} for card details, resumed by {NIA}"]
    assert found["gaps"][0]["seconds"] == pytest.approx(silent, abs=0.01)
    assert not [path for path in service.place.rglob("*") if path.is_file() and PAN.encode() in path.read_bytes()]


# C35: "both directions complete: energy per side and window", with people who speak instead of tones.
async def test_c35_given_two_people_who_speak_when_recorded_then_each_side_is_that_voice_window_by_window(
    service: Service, town: Town
) -> None:
    files = {side: host_sound(service.settings, "_shared", "en", f"lab_{side}") for side in ("caller", "agent")}
    await town.agent(NIA, behaviour=Answer(), voice=files["agent"])
    await service.ready(NIA)
    leg, call = await service.dial(await town.caller("01632960112", voice=files["caller"]), WASTE)
    await service.fact(call, "answer")
    await talks(leg, 6.0)
    await leg.hang_up()
    await service.fact(call, "recording", within_s=12)
    own = {side: bytes(read_wav(path).channels[0]) for side, path in files.items()}
    for side, other in (("caller", "agent"), ("agent", "caller")):
        heard = loudness(service, call, f"-{side}")
        assert len([level for level in heard if level > -40]) > 20, side
        assert likeness(heard, own[side]) > 0.9, side
        assert likeness(heard, own[other]) < 0.8, side


# C32: "transfer keeps … recording chain"; C35: "survives transfer"; issue 6: "one timeline per contact across".
async def test_c32_given_a_call_sent_on_to_another_agent_when_recorded_then_each_part_holds_its_two_and_one_timeline(
    service: Service, town: Town
) -> None:
    second_hz = 700
    leg, _ringing, call = await joined(service, town, WASTE)
    other = await town.agent(PRIYA, behaviour=Answer(), voice=second_hz)
    await service.ready(PRIYA)
    await service.ask("agent", "transfer", NIA, "--to", PRIYA)
    await other.next_call()
    await service.fact(call, "answer", agent=PRIYA)
    await eventually(lambda: hears(bytes(leg.media.heard())[-4000:], second_hz))
    await talks(leg, 2.0)
    await leg.hang_up()
    await service.fact(call, "recording", within_s=12)
    found = await eventually(lambda: timeline(service, call, 2), within_s=90) or {}
    assert [part["agent"] for part in found["recordings"]] == [NIA, PRIYA]
    for part, hertz, absent in zip(found["recordings"], (AGENT_HZ, second_hz), (second_hz, AGENT_HZ), strict=True):
        sides = {
            side: read_wav(service.recordings / f"{call}-{part['join']}-{side}.wav").channels[0]
            for side in ("caller", "agent")
        }
        assert hears(sides["caller"], CALLER_HZ)
        assert hears(sides["agent"], hertz)
        assert not hears(sides["agent"], absent, least_share=0.05)
    between = found["recordings"][1]["from"] - found["recordings"][0]["to"]
    assert sum(gap["seconds"] for gap in found["gaps"]) == pytest.approx(between, abs=1.0)
    assert "unexplained" not in json.dumps(found["gaps"])


# C36: "automatic one cannot be stopped by an agent without right".
async def test_c36_given_a_queue_that_must_record_when_her_key_or_a_command_would_pause_then_it_goes_on(
    service: Service, town: Town
) -> None:
    leg, ringing, call = await joined(service, town, MUST)
    await ringing.press("*51")
    refusal = await service.ask("recordings", "pause", call, "--why", "card details", check=False)
    assert "Paused" not in refusal
    await talks(leg, 1.0)
    await leg.hang_up()
    await service.fact(call, "recording", within_s=12)
    assert not of(await service.story(call), "rec_pause")
    # What she hears of the refusal is on her own leg: the caller's side goes on all the while.
    assert quiet_run(loudness(service, call, "-caller")) < 3


# P21, V16: "recording stopped, DTMF suppressed to agent, digits masked"; issue 6: "automatically around secret input".
# The agent hears music, none of the keys and nothing of the caller; the file is silent; both come back together.
async def test_p21_given_secret_input_in_a_talk_when_a_card_number_is_keyed_in_then_heard_and_held_nowhere(
    service: Service, town: Town
) -> None:
    leg, ringing, call = await joined(service, town, WASTE)
    await ringing.press("*54")
    paused = await service.fact(call, "rec_pause", by=NIA, why="secret input")
    await eventually(lambda: not hears(bytes(leg.media.heard())[-4000:], AGENT_HZ))
    alone = len(ringing.media.heard())
    # The prompt is a long one: she keys in ahead of its end.
    await leg.press(f"{PAN}#")
    taken = await service.fact(call, "secret_input", within_s=15)
    together = len(ringing.media.heard())
    assert (taken["result"], taken["agent"]) == ("done", NIA)
    resumed = await service.fact(call, "rec_resume", by="secret_input")
    # What she hears meanwhile: music, and none of the caller, whose voice goes on all the while in this test.
    meanwhile = bytes(ringing.media.heard())[alone + 8000 : together - 8000]
    assert len(meanwhile) > 16000
    assert max(tone_share(meanwhile, hertz) for hertz in {CALLER_HZ, *DTMF_1, *DTMF_4}) < 0.05
    assert ringing.media.keys_heard == ""
    await eventually(lambda: hears(bytes(ringing.media.heard())[-4000:], CALLER_HZ), within_s=10)
    await eventually(lambda: hears(bytes(leg.media.heard())[-4000:], AGENT_HZ), within_s=10)
    await talks(leg, 1.0)
    assert (await service.sees(NIA, "talking"))["contact"] == call
    await leg.hang_up()
    await service.fact(call, "recording", within_s=12)
    began = int((paused["t"] - of(await service.story(call), "answer")[0]["t"]) * 10)
    for side in ("", "-caller", "-agent"):
        levels, heard = loudness(service, call, side), read_wav(service.recordings / f"{call}-1{side}.wav").channels[0]
        assert max(levels[began + 4 : began + 10]) < -60, side
        # On a busy machine a phone's packets may be a tenth of a second late.
        assert sum(level <= -40 for level in levels[3 : began - 4] + levels[-8:-3]) <= 2, side
        assert max(tone_share(heard, hertz) for hertz in {*DTMF_1, *DTMF_4}) < 0.05, side
    found = await recorded(service, call)
    assert [gap["why"] for gap in found["gaps"]] == [f"paused by {NIA} for secret input, resumed by secret_input"]
    assert found["gaps"][0]["seconds"] == pytest.approx(resumed["seconds"], abs=0.01)
    assert not [path for path in service.place.rglob("*") if path.is_file() and PAN.encode() in path.read_bytes()]


# Law 5, V16: an engine that dies while she keys in: both are together again; the next one lets the recorder go on.
async def test_p21_given_secret_input_by_command_when_the_engine_is_killed_then_both_are_together_and_recorded(
    service: Service, town: Town
) -> None:
    leg, ringing, call = await joined(service, town, WASTE)
    assert "asked now" in await service.ask("agent", "secure-input", NIA)
    await service.fact(call, "rec_pause", why="secret input")
    await eventually(lambda: not hears(bytes(leg.media.heard())[-4000:], AGENT_HZ))
    os.kill(service.pid("engine"), signal.SIGKILL)
    await eventually(lambda: hears(bytes(leg.media.heard())[-4000:], AGENT_HZ), within_s=15)
    await eventually(lambda: hears(bytes(ringing.media.heard())[-4000:], CALLER_HZ), within_s=5)
    await service.fact(call, "rec_resume", within_s=15, by="secret_input")
    await talks(leg, 1.0)
    await leg.hang_up()
    await service.fact(call, "recording", within_s=12)
    assert min(loudness(service, call, "-caller")[-8:-3]) > -40


# Issue 6: "resume by timer"; "from the join to the end, through … engine restarts".
async def test_given_a_pause_when_the_engine_is_killed_then_the_timer_still_ends_it(
    service: Service, town: Town
) -> None:
    leg, _ringing, call = await joined(service, town, TOLD)
    assert [fact["told"] for fact in of(await service.story(call), "told")] == ["announced"]
    assert "Paused" in await service.ask("recordings", "pause", call, "--why", "card details")
    os.kill(service.pid("engine"), signal.SIGKILL)
    await service.fact(call, "rec_resume", within_s=20, by="timer")
    await talks(leg, 1.5)
    await leg.hang_up()
    await service.fact(call, "recording", within_s=12)
    levels = loudness(service, call, "-caller")
    assert 40 < quiet_run(levels) < 120
    assert min(levels[-8:-3]) > -40


# Issue 6: "announcements to the caller as the council's rule says (`always`, `never`, `ask`, per queue; who was told is
# a fact)". Consent is a deed: silence means no.
@pytest.mark.parametrize(("key", "told", "files"), [("1", "accepted", 3), ("2", "declined", 0)])
async def test_given_a_queue_that_asks_when_the_caller_answers_then_recorded_only_with_consent(
    service: Service, town: Town, key: str, told: str, files: int
) -> None:
    agent, caller = await pair(service, town)
    leg, call = await service.dial(caller, ASKED)
    await leg.wait("audio")
    await leg.press(key)
    await service.fact(call, "told", told=told)
    await agent.next_call()
    await service.fact(call, "answer")
    await eventually(lambda: hears(bytes(leg.media.heard())[-4000:], AGENT_HZ))
    await leg.hang_up()
    await service.fact(call, "end")
    if files:
        await service.fact(call, "recording", within_s=12)
    else:
        assert of(await service.story(call), "unrecorded")[0]["why"] == "declined"
    assert len(list(service.recordings.glob(f"{call}-*.wav"))) == files


# C45: "dead prompt file … fallback and alarm; flow goes on": a notice that is not there. Who could not be asked has not
# agreed, so nothing is recorded; her call is answered all the same.
async def test_c45_given_a_question_whose_sound_is_gone_when_called_then_an_alarm_and_answered_without_a_recorder(
    service: Service, town: Town
) -> None:
    sound = host_sound(service.settings, "northmere", "en", "recording_ask")
    away = sound.rename(sound.with_suffix(".away"))
    try:
        leg, _ringing, call = await joined(service, town, ASKED)
    finally:
        away.rename(sound)
    assert (await alarm(service, call, "notice_unheard"))["contact"] == call
    await leg.hang_up()
    await service.fact(call, "end", why="completed")
    story = await service.story(call)
    assert (of(story, "told")[0]["told"], of(story, "unrecorded")[0]["why"]) == ("unheard", "declined")
    assert not list(service.recordings.glob(f"{call}-*.wav"))


async def test_given_a_queue_that_is_never_recorded_when_answered_then_no_file_and_no_alarm(
    service: Service, town: Town
) -> None:
    leg, _ringing, call = await joined(service, town, NEVER)
    await leg.hang_up()
    await service.fact(call, "end")
    assert of(await service.story(call), "unrecorded")[0]["why"] == "never"
    assert not list(service.recordings.glob(f"{call}-*.wav"))


# C36: "recording on demand only with permission": the queue's rule gives it, and only her key begins it.
async def test_c36_given_a_queue_that_records_on_demand_when_her_key_is_pressed_then_from_there_on(
    service: Service, town: Town
) -> None:
    leg, ringing, call = await joined(service, town, DEMAND)
    await talks(leg, 1.5)
    assert not list(service.recordings.glob(f"{call}-*.wav"))
    # The caller's own keys begin nothing.
    await leg.press("*53")
    await ringing.press("*53")
    began = await service.fact(call, "rec_start")
    assert [fact["ev"] for fact in await service.story(call)].count("rec_start") == 1
    await talks(leg, 1.5)
    await leg.hang_up()
    filed = await service.fact(call, "recording", within_s=12)
    left = of(await service.story(call), "leave")[0]["t"]
    assert filed["seconds"] == pytest.approx(left - began["t"], abs=1.0)
