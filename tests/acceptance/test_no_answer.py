"""An agent does not take the call she is offered: the caller waits on in the old place and the next agent is rung."""

from __future__ import annotations

import pytest

from lab.listen import hears
from lab.phone import Answer, LetRing, Reject, Silent
from lab.town import Town
from tests.fakes.service import EMERGENCY, MAREK, NIA, OLWEN, PRIYA, TOM, WASTE, Service, eventually, of, words

pytestmark = pytest.mark.acceptance


# C05, C06, C07, I6: offer_end says why; the next agent is offered within 1 s; only a ring-out sets her not ready.
@pytest.mark.parametrize(
    ("behaviour", "why", "fails", "serves", "queue"),
    [
        pytest.param(LetRing(), "rona", NIA, PRIYA, WASTE, id="rings-out"),
        pytest.param(Reject(code=486, after_ringing=True), "reject", MAREK, PRIYA, WASTE, id="presses-decline"),
        pytest.param(Reject(code=603), "reject", OLWEN, TOM, EMERGENCY, id="declines-603"),
        pytest.param(Reject(code=486), "busy", PRIYA, NIA, WASTE, id="busy"),
        pytest.param(Silent(), "unreachable", TOM, NIA, EMERGENCY, id="says-nothing"),
    ],
)
async def test_c05_given_an_agent_who_does_not_answer_when_a_call_comes_then_it_says_why_and_the_next_agent_serves(  # noqa: PLR0913 - fixtures and one row of the table
    service: Service,
    town: Town,
    *,
    behaviour: LetRing | Reject | Silent,
    why: str,
    fails: str,
    serves: str,
    queue: str,
) -> None:
    await _passed_over(service, town, behaviour=behaviour, why=why, fails=fails, serves=serves, queue=queue)


# C09: "302 forward: forwards ignored or followed, never to an outside number by default". Ignored: her phone can send
# the caller nowhere, neither to a star code nor outside, and the next agent is rung.
@pytest.mark.parametrize(("forward_to", "fails"), [("*47", MAREK), ("01632960199", PRIYA)])
async def test_c09_given_a_phone_that_forwards_when_offered_then_nobody_follows_and_the_next_agent_serves(
    service: Service, town: Town, forward_to: str, fails: str
) -> None:
    forwards = Reject(code=302, forward_to=forward_to)
    await _passed_over(service, town, behaviour=forwards, why="busy", fails=fails, serves=NIA, queue=WASTE)


async def _passed_over(  # noqa: PLR0913 - fixtures and one row of a table
    service: Service,
    town: Town,
    *,
    behaviour: LetRing | Reject | Silent,
    why: str,
    fails: str,
    serves: str,
    queue: str,
) -> None:
    """Who is offered the call first does not take it; the facts say why, and the next one does."""
    await town.agent(fails, behaviour=behaviour)
    await town.agent(serves, behaviour=Answer())
    await service.ready(fails, serves)

    leg, call = await service.dial(await town.caller("01632960101"), town.direct_number(queue))
    await service.fact(call, "answer", within_s=8)

    story = await service.story(call)
    assert words(story, "may") == ["call", "arrive", "offer", "offer_end", "offer", "answer"]
    first, second = of(story, "offer")
    (end,) = of(story, "offer_end")
    assert (first["agent"], end["agent"], end["why"], second["agent"]) == (fails, fails, why, serves)
    assert second["t"] - end["t"] < 1
    assert of(story, "may")[0]["not"] == [fails]
    after = await service.agent(fails)
    if why == "rona":
        assert (after["presence"], after["aux"]) == ("not_ready", "rona")
        told = [fact for fact in of(await service.facts(), "agent") if fact["agent"] == fails]
        assert (told[-1]["state"], told[-1]["reason"]) == ("paused", "rona")
    else:
        assert (after["presence"], after["resting"]) == ("ready", why)
    await leg.hang_up()
    assert (await service.fact(call, "end"))["why"] == "completed"


# C52, C07: the plug is pulled; the offer of the first seconds ends `unreachable`, then she is offered nothing more. The
# same happens to who serves: no answer and no sound end the talk, long before Asterisk's own 30 s of silence.
async def test_c52_given_a_phone_whose_plug_is_pulled_when_a_call_comes_then_the_next_agent_serves_and_she_is_offline(
    service: Service, town: Town
) -> None:
    gone = await town.agent(MAREK)
    nia = await town.agent(NIA, voice=1000)
    await service.ready(MAREK, NIA)
    await gone.vanish()

    leg, call = await service.dial(await town.caller("01632960102"), town.direct_number(WASTE))
    answer = await service.fact(call, "answer", within_s=8)
    assert answer["agent"] == NIA
    assert [end["why"] for end in of(await service.story(call), "offer_end")] == ["unreachable"]
    await service.sees(MAREK, "offline", within_s=10)
    await nia.vanish()
    assert (await service.fact(call, "leave", within_s=20))["why"] == "failed"
    await service.fact(call, "transfer", queue=WASTE)
    await service.sees(NIA, "offline", within_s=10)
    assert leg.alive
    await leg.hang_up()
    await service.fact(call, "end")


# Issue 3: "no lost call". A phone that hangs up in the moment it is picked up, before the join, in it and just after it
# (Asterisk hung the caller up as well; she was told of as abandoned, or as served).
async def test_given_phones_that_hang_up_as_they_are_picked_up_when_offered_then_the_caller_is_served_by_the_next(
    service: Service, town: Town
) -> None:
    phones = [await town.agent(agent, behaviour=LetRing()) for agent in (NIA, PRIYA)]
    await town.agent(MAREK, behaviour=LetRing(), voice=1000)
    await service.ready(NIA, PRIYA, MAREK)
    leg, call = await service.dial(await town.caller("01632960116"), town.direct_number(WASTE))
    for phone in phones:
        picked = await phone.next_call()
        await picked.wait("ringing")
        picked.pick_up()
        await picked.wait("confirmed")
        await picked.hang_up()
    marek = town.phones[2]
    (await marek.next_call()).pick_up()
    await service.fact(call, "answer", agent=MAREK)
    await eventually(lambda: hears(bytes(leg.media.heard())[-8000:], 1000))
    story = await service.story(call)
    assert words(story, "may")[:3] == ["call", "arrive", "offer"]
    for agent in (NIA, PRIYA):
        hers = [(one["ev"], one.get("why")) for one in story if one.get("agent") == agent]
        refused, met = [("offer_end", "reject")], [("answer", None), ("leave", "agent_hung_up")]
        assert hers[1:] in (refused, met)
        assert (await service.agent(agent))["resting"] == "reject"
    await leg.hang_up()
    assert (await service.fact(call, "end"))["why"] == "completed"


# C52: a phone that unregistered is known to be out of reach at once, and is not offered the call at all.
async def test_c52_given_a_phone_that_unregistered_when_a_call_comes_then_only_the_other_agent_is_offered(
    service: Service, town: Town
) -> None:
    away = await town.agent(PRIYA)
    await town.agent(NIA)
    await service.ready(PRIYA, NIA)
    await away.unregister()
    await service.sees(PRIYA, "offline")

    leg, call = await service.dial(await town.caller("01632960103"), town.direct_number(WASTE))
    await service.fact(call, "answer", within_s=5)
    assert [offer["agent"] for offer in of(await service.story(call), "offer")] == [NIA]
    await leg.hang_up()


# C05, C11, I3: after a ring-out the caller has the ORIGINAL place; who came later is not served before.
async def test_c05_given_a_later_caller_when_the_first_ones_offer_rings_out_then_the_first_is_still_served_first(
    service: Service, town: Town
) -> None:
    await town.agent(NIA, behaviour=LetRing())
    await town.agent(PRIYA)
    await service.ready(NIA, PRIYA)
    number = town.direct_number(WASTE)
    old, old_call = await service.dial(await town.caller("01632960111"), number)
    other, _ = await service.dial(await town.caller("01632960112"), number)
    late, late_call = await service.dial(await town.caller("01632960113"), number)

    await service.fact(old_call, "offer_end", why="rona")
    waiting = await eventually(lambda: _waiting(service), 2.0)
    assert [row["contact"] for row in waiting] == [old_call, late_call]
    await other.hang_up()
    await service.fact(old_call, "answer")
    await old.hang_up()
    second = await service.fact(late_call, "answer")

    served = [one["call"] for one in of(await service.facts(), "answer") if one["call"] in {old_call, late_call}]
    assert served == [old_call, late_call]
    assert second["agent"] == PRIYA
    await late.hang_up()


async def _waiting(service: Service) -> list[dict[str, object]]:
    return [row for row in (await service.state())["waiting"] if row["state"] == "waiting"]


# Issue 3: "a fencing token checked in the dialplan at the join, so that a stale answer is never bridged". Her phone is
# picked up after the offer was taken back: she is alone, and the caller waits on unheard.
async def test_given_an_offer_that_was_taken_back_when_her_phone_is_picked_up_then_the_two_are_not_joined(
    service: Service, town: Town
) -> None:
    nia = await town.agent(NIA, behaviour=LetRing(), voice=1000)
    await service.ready(NIA)
    leg = await (await town.caller("01632960114", voice=440)).call(town.direct_number(WASTE))
    ringing = await nia.next_call()
    [caller] = [row.split()[0] for row in await service.channels("GH_ROLE") if "GH_ROLE=caller" in row]
    await service.pbx("Setvar", Channel=caller, Variable="GH_OFFER", Value="")
    ringing.pick_up()
    await ringing.wait("ended")
    assert not hears(bytes(ringing.media.heard()), 440, least_share=0.05)
    assert not hears(bytes(leg.media.heard()), 1000, least_share=0.05)
    # Nobody's failure: she is rung again at once, and this answer counts.
    (await nia.next_call()).pick_up()
    await eventually(lambda: hears(bytes(leg.media.heard())[-8000:], 1000))
    call = str((await service.state())["talking"][0]["contact"])
    assert [one["why"] for one in of(await service.story(call), "offer_end")] == ["stale_token"]
    await leg.hang_up()
    assert (await service.fact(call, "end"))["why"] == "completed"


# docs/decisions/0005: an engine of an older reign, or with a token that is not the channel's, rings nobody.
async def test_given_a_caller_who_waits_when_an_older_engine_redirects_then_no_phone_rings_and_she_waits_on(
    service: Service, town: Town
) -> None:
    nia = await town.agent(NIA, voice=1000)
    leg, call = await service.dial(await town.caller("01632960115"), town.direct_number(WASTE))
    await service.fact(call, "arrive")
    [caller] = [row.split()[0] for row in await service.channels("GH_ROLE") if "GH_ROLE=caller" in row]
    answer = await service.pbx("Getvar", Variable="GH_EPOCH")
    epoch = int(answer.partition("Value: ")[2].split()[0])
    for exten in (f"{epoch - 1}*{epoch - 1}-1*a001*3", f"{epoch}*{epoch}-99*a001*3"):
        assert "Success" in await service.pbx("Redirect", Channel=caller, Context="take", Exten=exten, Priority="1")
        token = exten.split("*")[1]
        await eventually(lambda sought=token: _took(service, sought))  # type: ignore[misc]  # a lambda's default has no type
        assert nia.calls == []
    await service.ready(NIA)
    assert (await service.fact(call, "answer"))["agent"] == NIA
    assert words(await service.story(call)) == ["call", "arrive", "offer", "answer"]
    await leg.hang_up()


async def _took(service: Service, token: str) -> bool:
    """Whether ``[take]`` has read this token, and the caller is back in ``[hold]``."""
    [row] = [row for row in await service.channels("GH_TOKEN", "GH_OWNER") if "GH_OWNER=engine" in row]
    return f"GH_TOKEN={token}" in row and bool((await service.state())["waiting"])
