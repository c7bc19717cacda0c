"""Calls that go on, on a real Asterisk: who hears whom is measured, a tone a voice."""

from __future__ import annotations

import os
import signal

import pytest

from kernel.agent import Presence
from kernel.commands import CallDeed, TakeNote
from kernel.ids import AgentId
from lab.behaviour import Answer, LetRing
from lab.town import Town
from tests.fakes.floor import AGENTS, HERTZ, do, hears_music, hears_only, on_the_phone
from tests.fakes.goes_along import KEPT, first_served, kept_of_it, notes_of, stands, wish_of
from tests.fakes.service import MAREK, NIA, PRIYA, WASTE, Service, eventually, of, words
from tests.fakes.stretch import stretch

pytestmark = pytest.mark.acceptance

#: Lab phones always send: one that sends nothing is dead after four seconds instead of thirty.
SETTINGS = {"phone_silence_s": "4"}


# C31: consult, complete while talking.
async def test_c31_given_a_consult_when_completed_then_each_hears_whom_they_should_and_nobody_else(
    service: Service, town: Town
) -> None:
    floor = await on_the_phone(service, town)
    assert await do(service, NIA, CallDeed.CONSULT, PRIYA) == "done"
    priya = await floor.phones["priya"].next_call()
    await hears_only({floor.nia: {"priya"}, priya: {"nia"}, floor.caller: set()})
    # C33: music, not silence.
    assert hears_music(floor.caller)
    assert (await service.agent(NIA))["word"] == "talking"
    assert await do(service, NIA, CallDeed.COMPLETE) == "done"
    await hears_only({floor.caller: {"priya"}, priya: {"caller"}})
    await floor.nia.wait("ended")
    await service.sees(NIA, "available")
    await floor.caller.hang_up()
    await priya.wait("ended")

    await service.fact(floor.call, "recording", 12.0)
    story = await service.story(floor.call)
    told = words(story, "step", "recording")
    assert told == ["call", "arrive", "offer", "answer", "consult", "consult_end", "leave", "answer", "leave", "end"]
    assert [(one["agent"], one["why"]) for one in of(story, "leave")] == [
        (NIA, "transferred"),
        (PRIYA, "caller_hung_up"),
    ]
    wrapped = [one["agent"] for one in of(await service.facts(), "agent") if one["state"] == "wrapup"]
    assert wrapped.count(NIA) == 1


# As an agent's clumsy paste: colours for a terminal, markup for a page, a byte that is no UTF-8.
PASTED = "\x1b[31m<b>Has a stick</b>\udcff"


# C32: "transfer keeps call id, skills, priority, notes, recording chain; original arrival kept for reports": blind, and
# asked first.
async def test_c32_given_a_call_with_a_note_when_sent_on_blind_and_after_a_consult_then_all_of_it_goes_along(
    service: Service, town: Town
) -> None:
    caller = await town.caller("01632960182", voice=HERTZ["caller"])
    leg, call = await service.dial(caller, town.direct_number(WASTE))
    first = await service.fact(call, "arrive")
    phones = {agent: await town.agent(agent, voice=HERTZ[name]) for name, agent in AGENTS.items()}
    await eventually(lambda: first_served(service, call))
    await service.ready(NIA)
    await service.fact(call, "answer", 10.0, agent=NIA)
    wish = await wish_of(service, call)
    assert ("GH_PRIORITY=5" in wish, "GH_SKILLS=waste:1" in wish) == (True, True)
    assert call in await service.ask("agent", "note", NIA, PASTED)
    await service.ready(PRIYA)
    await service.ask("agent", "transfer", NIA, "--to", PRIYA, "--note", "wants the side door")
    await service.fact(call, "answer", 10.0, agent=PRIYA)
    assert await notes_of(service, PRIYA) == ("talking", [(NIA, KEPT), (NIA, "wants the side door")])
    assert await wish_of(service, call) == wish
    await service.ready(MAREK)
    assert await do(service, PRIYA, CallDeed.CONSULT, MAREK) == "done"
    asked = await phones[MAREK].next_call()
    await eventually(lambda: stands(service, MAREK, "asked"))
    await hears_only({asked: {"priya"}})  # a consult of milliseconds leaves no recording
    assert await do(service, PRIYA, CallDeed.COMPLETE) == "done"
    await service.fact(call, "answer", 10.0, agent=MAREK, via="consult")
    assert (await notes_of(service, MAREK))[0] == "talking"
    assert await wish_of(service, call) == wish
    await hears_only({leg: {"marek"}, asked: {"caller"}})
    await leg.hang_up()
    await service.fact(call, "end", why="completed")
    # In her wrap-up, for whoever the caller speaks with about it next, or who reads about it.
    assert (await service.command(TakeNote(agent=AgentId(MAREK), text="Is coming on Tuesday", by="operator"))).ok
    assert (await notes_of(service, MAREK))[0] == "after"
    await kept_of_it(service, call, first)


# C31: cancel while they talk, the one who is asked hangs up, does not answer: the agent has the caller back.
async def test_c31_given_a_consult_when_taken_back_in_any_way_then_the_caller_is_with_the_agent(
    service: Service, town: Town
) -> None:
    floor = await on_the_phone(service, town, marek=LetRing())
    await do(service, NIA, CallDeed.CONSULT, PRIYA)
    priya = await floor.phones["priya"].next_call()
    await hears_only({floor.nia: {"priya"}, floor.caller: set()})
    assert await do(service, NIA, CallDeed.CANCEL) == "done"
    await hears_only({floor.nia: {"caller"}, floor.caller: {"nia"}})
    await priya.wait("ended")
    await service.sees(PRIYA, "available")

    await do(service, NIA, CallDeed.CONSULT, PRIYA)
    again = await floor.phones["priya"].next_call()
    await hears_only({floor.nia: {"priya"}})
    await again.hang_up()
    await hears_only({floor.nia: {"caller"}, floor.caller: {"nia"}})

    await do(service, NIA, CallDeed.CONSULT, MAREK)
    await (await floor.phones["marek"].next_call()).wait("ringing")
    await hears_only({floor.caller: set()})
    await hears_only({floor.nia: {"caller"}, floor.caller: {"nia"}}, 12.0)
    await floor.caller.hang_up()
    await floor.nia.wait("ended")
    await service.fact(floor.call, "end")
    ends = [one["why"] for one in of(await service.story(floor.call), "consult_end")]
    assert ends == ["cancelled", "left", "rona"]


# C31: the agent hangs up while they talk, while it rings; the caller hangs up while they talk.
async def test_c31_given_a_consult_when_the_agent_hangs_up_then_the_caller_goes_on_to_the_other(
    service: Service, town: Town
) -> None:
    floor = await on_the_phone(service, town, marek=Answer(after_s=1.5))
    await do(service, NIA, CallDeed.CONSULT, PRIYA)
    priya = await floor.phones["priya"].next_call()
    await hears_only({floor.nia: {"priya"}, priya: {"nia"}})
    await floor.nia.hang_up()
    await hears_only({floor.caller: {"priya"}, priya: {"caller"}})

    await do(service, PRIYA, CallDeed.CONSULT, MAREK)
    await (await floor.phones["marek"].next_call()).wait("ringing")
    await priya.hang_up()
    marek = await floor.phones["marek"].next_call()
    await hears_only({floor.caller: {"marek"}, marek: {"caller"}})
    await floor.caller.hang_up()
    await marek.wait("ended")
    await service.fact(floor.call, "end", why="completed")
    assert [one.get("via", "offer") for one in of(await service.story(floor.call), "answer")] == [
        "offer",
        "consult",
        "transfer_agent",
    ]


# The same from the agent's phone: the caller's line on hold, a star code on a second one, and the first taken up again.
async def test_c31_given_a_phone_with_two_lines_when_the_codes_are_dialled_then_asked_and_handed_over(
    service: Service, town: Town
) -> None:
    floor = await on_the_phone(service, town)

    async def code(digits: str) -> None:
        await floor.nia.hold()
        second = await floor.phones["nia"].call(digits)
        await second.wait("ended", 10)
        assert second.hears().first_audio_at is not None
        if floor.nia.alive:
            await floor.nia.resume()

    await code("*71003")
    priya = await floor.phones["priya"].next_call()
    await hears_only({floor.nia: {"priya"}, priya: {"nia"}, floor.caller: set()})
    await floor.nia.hold()
    second = await floor.phones["nia"].call("*72")
    await hears_only({floor.caller: {"priya"}, priya: {"caller"}})
    await second.wait("ended", 10)
    await floor.nia.wait("ended")
    await floor.caller.hang_up()
    await service.fact(floor.call, "end", why="completed")


# C30: blind to an agent who lets it ring: the line, then whoever is free; to a queue. C38: it arrived once.
async def test_c30_given_a_blind_transfer_when_nobody_answers_then_the_queue_and_the_caller_is_never_dropped(
    service: Service, town: Town
) -> None:
    floor = await on_the_phone(service, town, priya=LetRing())
    assert await do(service, NIA, CallDeed.TRANSFER, "northmere-a002") == "not_free"
    await hears_only({floor.caller: {"nia"}})
    assert await do(service, NIA, CallDeed.TRANSFER, PRIYA) == "done"
    await floor.nia.wait("ended")
    await (await floor.phones["priya"].next_call()).wait("ended", 10)
    # Back in the queue: the longest idle one there is rung.
    await service.fact(floor.call, "transfer", queue=WASTE)
    second = await service.fact(floor.call, "answer", 10.0, via="offer", agent=MAREK)
    marek = await floor.phones["marek"].next_call()
    await hears_only({floor.caller: {"marek"}, marek: {"caller"}})
    assert await do(service, MAREK, CallDeed.TRANSFER, WASTE) == "done"
    await marek.wait("ended")
    await eventually(lambda: _count(service, floor.call, "answer", 3))
    assert second
    await floor.caller.hang_up()
    await service.fact(floor.call, "end", why="completed")
    story = await service.story(floor.call)
    assert len(of(story, "arrive")) == 1
    assert len(of(story, "end")) == 1


# C33: "caller hears music; … 20 holds in a row ok", by the phone's own key.
async def test_c33_given_a_call_when_held_twenty_times_then_music_each_time_and_the_voice_again(
    service: Service, town: Town
) -> None:
    floor = await on_the_phone(service, town)
    for number in range(20):
        await floor.nia.hold()
        if number in {0, 19}:
            await hears_only({floor.caller: set()})
            assert hears_music(floor.caller)
        await floor.nia.resume()
    await hears_only({floor.caller: {"nia"}, floor.nia: {"caller"}})
    await service.fact(floor.call, "unhold")
    await eventually(lambda: _count(service, floor.call, "unhold", 20))
    assert len(of(await service.story(floor.call), "hold")) == 20
    # By command, for phones without a hold key.
    assert await do(service, NIA, CallDeed.HOLD) == "done"
    await hears_only({floor.caller: set()})
    assert await do(service, NIA, CallDeed.RESUME) == "done"
    await hears_only({floor.caller: {"nia"}, floor.nia: {"caller"}})
    await floor.caller.hang_up()
    await floor.nia.wait("ended")
    await service.fact(floor.call, "end", why="completed")


# C52: "loses registration in … talking … ends `failed` and caller is re-queued if still there": out of a talk begun by
# an offer, and out of one begun by a consult. An agent who hangs up ends the call as ever, also after the phone of the
# one whom she asked has died: the mark of that stayed on the caller, who was then taken back to the line.
async def test_c52_given_a_talk_when_the_agents_plug_is_pulled_then_the_caller_waits_by_herself_and_the_next_serves(
    service: Service, town: Town
) -> None:
    floor = await on_the_phone(service, town)
    await service.presence(AgentId(MAREK), Presence.NOT_READY, "lunch")
    assert (await service.command(TakeNote(agent=AgentId(NIA), text="Has a stick"))).ok
    await floor.phones["nia"].vanish()
    await service.fact(floor.call, "leave", 12.0, agent=NIA, why="failed")
    await service.sees(NIA, "offline")
    priya = await floor.phones["priya"].next_call()
    await hears_only({floor.caller: {"priya"}, priya: {"caller"}})
    # C32: nothing that was said to the first has to be said again.
    assert await notes_of(service, PRIYA) == ("talking", [(NIA, "Has a stick")])

    await service.presence(AgentId(MAREK), Presence.READY)
    await do(service, PRIYA, CallDeed.CONSULT, MAREK)
    marek = await floor.phones["marek"].next_call()
    await hears_only({priya: {"marek"}, marek: {"priya"}})
    assert await do(service, PRIYA, CallDeed.COMPLETE) == "done"
    await hears_only({floor.caller: {"marek"}, marek: {"caller"}})
    await floor.phones["marek"].vanish()
    await service.fact(floor.call, "leave", 12.0, agent=MAREK, why="failed")
    again = await floor.phones["priya"].next_call()
    await hears_only({floor.caller: {"priya"}, again: {"caller"}})

    asked = await town.agent(NIA, voice=HERTZ["nia"])
    await service.ready(NIA)
    await do(service, PRIYA, CallDeed.CONSULT, NIA)
    await hears_only({again: {"nia"}, await asked.next_call(): {"priya"}})
    await asked.vanish()
    await hears_only({floor.caller: {"priya"}, again: {"caller"}}, 20.0)
    # Shorter than 0.3 s it would be no talk (docs/decisions/0057).
    await stretch(0.5)
    await again.hang_up()
    await floor.caller.wait("ended", 5)
    await service.fact(floor.call, "end", why="completed")
    story = await service.story(floor.call)
    assert [(one.get("queue"), one.get("agent")) for one in of(story, "transfer")] == [(WASTE, None)] * 2
    assert [one.get("via", "offer") for one in of(story, "answer")] == ["offer", "offer", "consult", "offer"]
    assert of(story, "leave")[-1]["why"] == "agent_hung_up"


async def _count(service: Service, call: str, ev: str, wanted: int) -> bool:
    return len(of(await service.story(call), ev)) == wanted


# C46: "service restarted … mid-transfer". The next engine reads from the channels who stands apart from whom.
async def test_c46_given_a_consult_when_the_engine_is_killed_then_the_next_one_completes_it(
    service: Service, town: Town
) -> None:
    floor = await on_the_phone(service, town)
    assert (await service.command(TakeNote(agent=AgentId(NIA), text="Has a stick"))).ok
    await do(service, NIA, CallDeed.CONSULT, PRIYA)
    priya = await floor.phones["priya"].next_call()
    await hears_only({floor.nia: {"priya"}, floor.caller: set()})
    os.kill(service.pid("engine"), signal.SIGKILL)
    await eventually(service.is_up, 20.0)
    await hears_only({floor.nia: {"priya"}, floor.caller: set()})
    # C32: nor are notes in the engine's memory.
    assert await notes_of(service, PRIYA) == ("asked", [(NIA, "Has a stick")])
    assert await do(service, NIA, CallDeed.COMPLETE) == "done"
    await hears_only({floor.caller: {"priya"}, priya: {"caller"}})
    assert await notes_of(service, PRIYA) == ("talking", [(NIA, "Has a stick")])
    await floor.caller.hang_up()
    await priya.wait("ended")
    await service.fact(floor.call, "end", why="completed")
