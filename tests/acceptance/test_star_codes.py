"""Agents say what they do by star codes and by the command line; who may not is refused."""

from __future__ import annotations

import json

import pytest

from kernel.errors import Refused
from lab.phone import Phone
from lab.town import Town
from tests.fakes.ami_sieve import strained
from tests.fakes.service import NIA, PRIYA, WASTE, Service, of

pytestmark = pytest.mark.acceptance


# Issue 2.3: log in, ready, not ready with a reason, log out by star codes; the phone hears each one out.
async def test_given_a_registered_phone_when_star_codes_are_dialled_then_presence_follows(
    service: Service, town: Town
) -> None:
    phone = await town.agent(NIA)
    seen = []
    for name, more in (
        ("login", ""),
        ("ready", ""),
        ("not_ready", "2"),
        ("not_ready", ""),
        ("ready", ""),
        ("logout", ""),
    ):
        await town.dial_code(phone, name, more=more)
        row = await service.sees(NIA, "available" if name == "ready" else "offline" if name == "logout" else "paused")
        seen.append((row["presence"], row["aux"]))
        heard = phone.calls[-1].hears()
        assert heard.first_audio_at is not None, f"{name}: silence"
    assert seen == [
        ("not_ready", "login"),
        ("ready", None),
        ("not_ready", "lunch"),
        ("not_ready", "break"),
        ("ready", None),
        ("logged_out", None),
    ]
    # Her own call to a star code is no contact: no call, no wrap-up.
    assert of(await service.facts(), "call") == []
    assert not [one for one in of(await service.facts(), "agent") if one["state"] == "wrapup"]


# I6: the script that says she is ready has a wire of its own, and may be quicker than the event that says her phone is
# in use. She was rung under her own star code, her phone was busy, and this caller was kept from her for a minute.
async def test_given_a_star_code_that_no_event_has_told_of_when_somebody_waits_then_she_is_rung_once_it_is_over(
    service: Service, town: Town
) -> None:
    async with strained(service) as wire:
        nia = await town.agent(NIA)
        leg, call = await service.dial(await town.caller("01632960290"), town.direct_number(WASTE))
        await service.fact(call, "arrive")
        wire.loses = {"Event: Newchannel"}
        await town.login(nia)
        assert (await service.fact(call, "answer"))["agent"] == NIA
        assert wire.lost >= 2
        assert not of(await service.story(call), "offer_end")
        await leg.hang_up()


# Issue 2.3: the same by `guildhall agent …`, with sentences for people.
async def test_given_the_command_line_when_agents_are_told_what_to_do_then_it_is_done_or_refused_with_a_sentence(
    service: Service, town: Town
) -> None:
    await town.agent(PRIYA)
    assert service.run("agent", "ready", PRIYA, check=False).returncode == 1
    assert "log in first" in service.run("agent", "ready", PRIYA, check=False).stderr
    await service.ask("agent", "login", PRIYA)
    await service.ask("agent", "ready", PRIYA)
    await service.sees(PRIYA, "available")
    assert "not ready" in await service.ask("agent", "not-ready", PRIYA, "--reason", "training")
    assert (await service.sees(PRIYA, "paused"))["aux"] == "training"
    assert "logged out" in await service.ask("agent", "logout", PRIYA)
    await service.sees(PRIYA, "offline")

    unknown = service.run("agent", "login", "northmere-a999", check=False)
    assert unknown.returncode == 1
    assert "no such agent" in unknown.stderr
    assert "Traceback" not in unknown.stderr


# C25: ready before login is refused on the phone too; so is a code that means nothing.
@pytest.mark.parametrize("code", ["*47", "*489", "*51"])
async def test_c25_given_an_agent_who_is_logged_out_when_she_dials_what_cannot_be_then_nothing_changes(
    service: Service, town: Town, code: str
) -> None:
    phone = await town.agent(NIA)
    leg = await phone.call(code)
    await leg.wait("ended", 10)
    assert leg.hears().first_audio_at is not None
    row = await service.agent(NIA)
    assert (row["presence"], row["word"]) == ("logged_out", "offline")


# C25: "unknown, wrong PIN" (an agent is known by her phone's password, 32 random characters): no registration without
# it, and the real phone is not thrown out by the attempt.
async def test_c25_given_a_wrong_password_when_a_phone_registers_then_refused_and_the_agents_phone_stays_reachable(
    service: Service, town: Town
) -> None:
    await town.agent(NIA)
    await service.ready(NIA)
    agent = town.agents[NIA]
    for user, password in ((agent.user, "wrong"), (agent.user, ""), ("a999", "wrong"), ("trunk", "wrong")):
        liar = Phone(user=user, server=agent.server, password=password)
        await liar.start()
        with pytest.raises(Refused):
            await liar.register()
        await liar.close()
    assert (await service.agent(NIA))["reachable"]


# C25: "already logged in elsewhere (moved …), other person's phone": the phone that registered last is hers; whoever
# dials a code on a phone of her own says it for herself.
async def test_c25_given_a_second_phone_of_hers_when_it_registers_then_calls_ring_there_alone(
    service: Service, town: Town
) -> None:
    before = await town.agent(NIA)
    await service.ready(NIA)
    now = await town.agent(NIA)
    await town.dial_code(await town.agent(PRIYA), "login")
    assert (await service.sees(PRIYA, "paused"))["aux"] == "login"
    assert (await service.agent(NIA))["word"] == "available"
    leg, call = await service.dial(await town.caller("01632960156"), town.direct_number(WASTE))
    assert (await service.fact(call, "answer"))["agent"] == NIA
    assert (len(now.calls), len(before.calls)) == (1, 0)
    await leg.hang_up()
    await service.fact(call, "end")


# C52: ready, but the phone is not registered: not offered; registered again: offered within a second.
async def test_c52_given_an_agent_whose_phone_unregistered_when_a_caller_waits_then_she_is_offered_once_it_is_back(
    service: Service, town: Town
) -> None:
    phone = await town.agent(NIA)
    await service.ready(NIA)
    await phone.unregister()
    row = await service.sees(NIA, "offline")
    assert (row["presence"], row["reachable"]) == ("ready", False)
    leg, call = await service.dial(await town.caller("01632960171"), town.direct_number(WASTE))
    await service.fact(call, "arrive")
    assert (await service.state())["waiting"][0]["offered_to"] is None

    await phone.register()
    offer = await service.fact(call, "offer")
    back = [one["t"] for one in of(await service.facts(), "agent") if one["state"] == "available"][-1]
    assert offer["t"] - back < 1
    await service.fact(call, "answer")
    await leg.hang_up()


# Issue 5: "the agent's reason" given after the call, and a need "agent-set" for the caller's next ones.
async def test_given_a_call_that_ended_when_its_agent_dials_what_it_was_about_then_fact_and_need_are_there(
    service: Service, town: Town
) -> None:
    phone = await town.agent(PRIYA)
    await service.ready(PRIYA)
    leg, call = await service.dial(await town.caller("01632960158"), town.direct_number(WASTE))
    await service.fact(call, "answer")
    await leg.hang_up()
    await service.fact(call, "end")
    for name, more in (("reason", "12"), ("need", "1"), ("need", "9")):
        await town.dial_code(phone, name, more=more)
    assert (await service.fact(call, "reason"))["reason"] == "missed_bin"
    known = json.loads(await service.ask("needs", "list", "01632 960158", "--json"))
    assert [(one["council"], one["need"], one["by"]) for one in known] == [("northmere", "more_time", PRIYA)]
    assert "none" in await service.ask("agent", "reason", PRIYA, "00")
    assert "no such intent" in service.run("agent", "reason", PRIYA, "97", check=False).stderr
