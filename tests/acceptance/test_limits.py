"""Callers who wait no longer: with real phones and a real PBX, each limit by its own way out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kernel.agent import Presence
from kernel.commands import Explain
from kernel.ids import ContactId
from lab.phone import Answer, LetRing
from lab.town import Town
from tests.fakes.service import EMERGENCY, NIA, OLWEN, PRIYA, TOM, WASTE, Service, eventually, of, words

pytestmark = pytest.mark.acceptance

WELSH = "northmere.welsh"
#: Queue -> its limits; the direct numbers of the sample council lead to these queues.
LIMITS = {
    "waste": "{timeout: {after: 3s, to: overflow, queue: northmere.general}}",
    "emergency": "{full: {at: 1, to: overflow, queue: northmere.waste}}",
    "welsh": "{nobody: {after: 2s, to: message, prompts: [sorry_hold]},"
    " on_break: {after: 3s, to: callback, prompts: [sorry_hold]}}",
}


#: A queue of Nia and Priya, after two seconds Priya's alone, with a number; another number prefers Nia.
DUTY = "northmere.duty"
_DUTY_QUEUE = """  - id: duty
    name: Duty
    ring_time: 3s
    wrap_up: 1s
    limits: {timeout: {after: 2s, to: person, agent: northmere-a003, wait: 30s}}
"""
_FOR_NIA = """start: line
steps:
  line: {verb: enqueue, queue: northmere.general, preferred: northmere-a001, preferred_wait: 30s}
"""
_DUTY_NUMBERS = """numbers:
  - number: "03069990006"
    queue: northmere.duty
  - number: "03069990007"
    flow: for_nia
"""


@pytest.fixture(scope="module")
def prepare() -> Callable[[Service], None]:
    """Short limits, and a queue and two numbers more."""
    return _short_and_more


def _short_and_more(service: Service) -> None:
    county = service.place / "dialplans" / "northmere"
    _shorten(county / "queues.yaml")
    _add_duty(county)


def _shorten(path: Path) -> None:
    kept: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(("    limits:", "    announce:", "    relaxing:", "      ")):
            continue
        kept.append(line)
        if (name := line.removeprefix("  - id: ")) in LIMITS:
            kept.append(f"    limits: {LIMITS[name]}")
            if name == "welsh":
                kept.append("    announce: {first_after: 2s, every: 30s, position: yes}")
                kept.append("    relaxing: [{after: 4s, ask: {prompts: [ask_other_language], key: '1', again: 30s}}]")
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")


def _add_duty(county: Path) -> None:
    with (county / "queues.yaml").open("a", encoding="utf-8") as queues:
        queues.write(_DUTY_QUEUE)
    (county / "flows" / "for_nia.yaml").write_text(_FOR_NIA, encoding="utf-8")
    for name, old, new in (
        ("tenant.yaml", "numbers:\n", _DUTY_NUMBERS),
        ("people.yaml", "      - northmere.welsh\n      - harbourside.waste\n", "      - northmere.duty\n"),
        ("people.yaml", "northmere.council_tax, northmere.general,", " northmere.duty,"),
    ):
        text = (county / name).read_text(encoding="utf-8")
        assert old in text, name
        kept = old if name == "people.yaml" else ""
        (county / name).write_text(text.replace(old, kept + new), encoding="utf-8")


# C21, C11: the wish on the channel is the truth: the overflowed caller is served in the other queue, arrival kept.
async def test_c21_given_the_longest_wait_when_it_is_over_then_the_caller_is_served_from_the_other_queue(
    service: Service, town: Town
) -> None:
    await town.agent(TOM, behaviour=Answer())
    await service.ready(TOM)
    leg, call = await service.dial(await town.caller("01632960201"), town.direct_number(WASTE))
    arrived = await service.fact(call, "arrive")
    left = await service.fact(call, "exit", within_s=6)
    assert (left["why"], left["to"]) == ("timeout", "overflow")
    assert 2.9 < left["t"] - arrived["t"] < 4
    answer = await service.fact(call, "answer")
    assert answer["agent"] == TOM
    told = words(await service.story(call), "relax")
    assert told == ["call", "arrive", "exit", "transfer", "offer", "answer"]
    await leg.hang_up()
    assert (await service.fact(call, "end"))["why"] == "completed"


# C02, C22: nobody logged in: the closed message within five seconds, and an end that says so; never silence.
async def test_c02_given_nobody_logged_in_when_a_call_joins_then_the_closed_message_and_an_honest_end(
    service: Service, town: Town
) -> None:
    leg, call = await service.dial(await town.caller("01632960202"), town.direct_number(WELSH))
    left = await service.fact(call, "exit", within_s=5)
    assert (left["why"], left["to"]) == ("nobody", "message")
    await leg.wait("ended")
    assert (await service.fact(call, "end"))["why"] == "informed"
    assert await eventually(service.is_empty)


# C22: "leave when empty: last agent leaves while callers wait / queue policy acts <= 5 s".
async def test_c22_given_a_caller_who_waits_when_the_last_agent_logs_out_then_the_queue_acts_in_five_seconds(
    service: Service, town: Town
) -> None:
    await town.agent(NIA)
    await service.ready(NIA)
    await service.presence(NIA, Presence.NOT_READY, "lunch")
    leg, call = await service.dial(await town.caller("01632960203"), town.direct_number(WELSH))
    await service.fact(call, "arrive")
    await service.presence(NIA, Presence.LOGGED_OUT)
    gone = (await service.sees(NIA, "offline"))["since"]
    left = await service.fact(call, "exit", within_s=6)
    assert left["why"] == "nobody"
    assert left["t"] - gone < 5
    await leg.wait("ended")


# A callback is offered, never imposed: who presses nothing comes back to the queue and is served from the old place.
async def test_c21_given_a_callback_that_is_not_taken_when_offered_then_the_caller_is_back_and_is_served(
    service: Service, town: Town
) -> None:
    await town.agent(NIA, behaviour=Answer())
    await service.ready(NIA)
    await service.presence(NIA, Presence.NOT_READY, "lunch")
    leg, call = await service.dial(await town.caller("01632960204"), town.direct_number(WELSH))
    left = await service.fact(call, "exit", within_s=6)
    assert (left["why"], left["to"]) == ("on_break", "callback")
    await service.fact(call, "transfer", within_s=15)
    await service.presence(NIA, Presence.READY)
    assert (await service.fact(call, "answer"))["agent"] == NIA
    await leg.hang_up()
    assert (await service.fact(call, "end"))["why"] == "completed"


# C10: "with the maximum length reached the next caller is refused (FULL)".
async def test_c10_given_a_full_queue_when_one_more_comes_then_that_one_goes_elsewhere_at_once(
    service: Service, town: Town
) -> None:
    await town.agent(PRIYA, behaviour=Answer())
    number = town.direct_number(EMERGENCY)
    first, first_call = await service.dial(await town.caller("01632960205"), number)
    second, second_call = await service.dial(await town.caller("01632960206"), number)
    left = await service.fact(second_call, "exit")
    assert (left["why"], left["queue"]) == ("full", EMERGENCY)
    await service.ready(PRIYA)
    # She may not take emergencies; with its old arrival and priority the second call is hers at once.
    await service.fact(second_call, "offer")
    assert not of(await service.story(first_call), "offer")
    for leg in (first, second):
        await leg.hang_up()


# C23: "position … right at the time said; an offer interrupts them without losing the caller".
async def test_c23_given_an_announcement_when_an_offer_comes_then_it_is_interrupted_and_the_caller_is_served(
    service: Service, town: Town
) -> None:
    await town.agent(NIA, behaviour=Answer())
    await service.ready(NIA)
    number = town.direct_number(WELSH)
    first, first_call = await service.dial(await town.caller("01632960207"), number)
    await service.fact(first_call, "answer")
    second, call = await service.dial(await town.caller("01632960208"), number)
    arrived = await service.fact(call, "arrive")
    said = await service.fact(call, "announced", within_s=5)
    assert (said["position"], 1.5 < said["t"] - arrived["t"] < 4) == (1, True)
    # Her prompt lasts two seconds, and the wrap-up one: the offer falls into it.
    await first.hang_up()
    answer = await service.fact(call, "answer", within_s=5)
    assert answer["agent"] == NIA
    spoken = [channel for channel in await service.channels("GH_SAYING") if "position_1" in channel]
    assert len(spoken) == 1
    assert [one["position"] for one in of(await service.story(call), "scored")] == [1]
    await second.hang_up()
    assert (await service.fact(call, "end"))["why"] == "completed"


# C52: "agent phone loses registration in … ringing: not-ready <= 5 s, call re-queued at the front".
async def test_c52_given_a_ringing_phone_when_its_plug_is_pulled_then_the_offer_ends_and_another_agent_serves(
    service: Service, town: Town
) -> None:
    dying = await town.agent(NIA, behaviour=LetRing())
    await town.agent(OLWEN, behaviour=Answer())
    await service.ready(NIA, OLWEN)
    await service.presence(OLWEN, Presence.NOT_READY, "lunch")
    leg, call = await service.dial(await town.caller("01632960209"), town.direct_number(WELSH))
    offer = await service.fact(call, "offer")
    assert offer["agent"] == NIA
    await dying.vanish()
    await service.presence(OLWEN, Presence.READY)
    answer = await service.fact(call, "answer", within_s=10)
    assert answer["agent"] == OLWEN
    await service.sees(NIA, "offline", within_s=8)
    await leg.hang_up()


# C53: a Welsh line "may say 'ask first'": an agent without Welsh is rung after the caller's own yes, and not before.
async def test_c53_given_a_welsh_line_when_only_english_is_spoken_then_she_is_asked_and_her_key_decides(
    service: Service, town: Town
) -> None:
    await town.agent(TOM, behaviour=Answer())
    await service.ready(TOM)
    leg, call = await service.dial(await town.caller("01632960210"), town.direct_number(WELSH))
    arrived = await service.fact(call, "arrive")
    asked = await service.fact(call, "asked", within_s=8)
    assert 3.9 < asked["t"] - arrived["t"] < 5

    async def playing() -> bool:
        return any("1*1*" in one for one in await service.channels("GH_ASKED"))

    assert await eventually(playing, within_s=3)
    assert not of(await service.story(call), "offer")
    await leg.press("1")
    assert (await service.fact(call, "answer", within_s=5))["agent"] == TOM
    told = await service.story(call)
    assert [one["skills"] for one in of(told, "relax")] == [{}]
    assert [one["step"] for one in of(told, "agreed")] == [1]
    await leg.hang_up()
    assert (await service.fact(call, "end"))["why"] == "completed"


# Issue 3: "an explicit terminal: … static person"; a person may be an agent: hers alone for a while.
async def test_c21_given_an_agent_as_the_person_of_a_way_out_when_the_wait_is_over_then_only_she_gets_the_call(
    service: Service, town: Town
) -> None:
    for agent in (NIA, PRIYA):
        await town.agent(agent, behaviour=Answer())
        await service.ready(agent)
        await service.presence(agent, Presence.NOT_READY, "lunch")
    leg, call = await service.dial(await town.caller("01632960211"), town.direct_number(DUTY))
    left = await service.fact(call, "exit", within_s=10)
    assert (left["why"], left["to"]) == ("timeout", "person")
    assert await _prefers(service, PRIYA)
    # Nia has nothing else to do, and is not rung.
    await service.ready(NIA)
    told = (await service.command(Explain(contact=ContactId(call)))).data
    assert isinstance(told, dict)
    assert {row["agent"]: row["why"] for row in told["not_eligible"]}[NIA] == "preferred"
    await service.ready(PRIYA)
    assert (await service.fact(call, "answer"))["agent"] == PRIYA
    assert [one["agent"] for one in of(await service.story(call), "offer")] == [PRIYA]
    await leg.hang_up()
    assert (await service.fact(call, "end"))["why"] == "completed"


# Issue 3: "a preferred … agent with a time limit", asked for by the step `enqueue`.
async def test_c21_given_a_flow_that_prefers_an_agent_when_she_is_away_or_there_then_waited_for_and_hers(
    service: Service, town: Town
) -> None:
    for agent in (NIA, PRIYA):
        await town.agent(agent, behaviour=Answer())
    await service.ready(PRIYA)
    await service.ready(NIA)
    first, first_call = await service.dial(await town.caller("01632960212"), "03069990007")
    # Priya has been idle longer.
    assert (await service.fact(first_call, "answer"))["agent"] == NIA
    second, call = await service.dial(await town.caller("01632960213"), "03069990007")
    assert await _prefers(service, NIA)
    barred = await service.fact(call, "may", why="preferred")
    assert barred["agents"] == [NIA]
    await first.hang_up()
    assert (await service.fact(call, "answer", within_s=10))["agent"] == NIA
    assert [one["agent"] for one in of(await service.story(call), "offer")] == [NIA]
    await second.hang_up()
    assert (await service.fact(call, "end"))["why"] == "completed"


async def _prefers(service: Service, agent: str) -> bool:
    async def written() -> bool:
        return any(f"GH_PREFERRED={agent}" in row for row in await service.channels("GH_PREFERRED"))

    return bool(await eventually(written, within_s=5))
