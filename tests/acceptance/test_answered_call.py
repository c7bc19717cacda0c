"""A resident rings, the menu answers, an agent picks up, both talk, the call is kept."""

from __future__ import annotations

import pytest

from lab.behaviour import Answer
from lab.listen import hears, read_wav
from lab.town import Town
from tests.fakes.service import Service, eventually, words

pytestmark = pytest.mark.acceptance

CALLER_HZ, AGENT_HZ = 440, 1000


# C01: one agent available / a call joins / offered to him <= 1 s; join, offer, answer, end facts in that order, once.
# P5: every answered recorded call has a recording within 2 s / 2 % of talk time, both voices.
async def test_c01_given_a_ready_agent_when_a_resident_presses_a_key_then_both_talk_and_both_voices_are_kept(
    service: Service, town: Town
) -> None:
    agent = await town.agent("northmere-a001", behaviour=Answer(after_s=0.2), voice=AGENT_HZ)
    await town.login(agent)
    caller = await town.caller("01632960111", voice=CALLER_HZ)

    leg = await caller.call(town.menu_number("northmere"))
    await leg.wait("answered")
    await leg.press("1")
    ringing = await agent.next_call()
    await ringing.wait("answered")
    await ringing.wait("audio")
    talk_began = await leg.wait("audio")
    await eventually(lambda: hears(bytes(ringing.media.heard())[-8000:], CALLER_HZ))
    await eventually(lambda: hears(bytes(leg.media.heard())[-8000:], AGENT_HZ))
    await leg.hang_up()
    await ringing.wait("ended")

    call = await eventually(lambda: service.last_call(with_fact="recording")) or ""
    story = await service.story(call)
    assert words(story, "step") == ["call", "arrive", "offer", "answer", "leave", "end", "recording"]
    assert story[-2]["why"] == "completed"
    assert talk_began
    heard = {side: read_wav(service.recordings / f"{call}-1{side}.wav") for side in ("-caller", "-agent", "")}
    assert hears(heard["-caller"].channels[0], CALLER_HZ)
    assert not hears(heard["-caller"].channels[0], AGENT_HZ)
    assert hears(heard["-agent"].channels[0], AGENT_HZ)
    assert not hears(heard["-agent"].channels[0], CALLER_HZ)
    assert hears(heard[""].channels[0], CALLER_HZ, least_share=0.1)
    assert hears(heard[""].channels[0], AGENT_HZ, least_share=0.1)
