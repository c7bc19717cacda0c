"""Who calls is known by where the packets come from and by password, never by what the caller writes (rule 22)."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from kernel.errors import Refused
from lab.phone import Phone
from lab.sip_wire import Header, Request
from lab.town import Town
from tests.fakes.service import NIA, TOM, WASTE, Service, of

pytestmark = pytest.mark.acceptance

_REFUSED = {401, 403}


async def _refused_with(phone: Phone, number: str) -> int | None:
    leg = await phone.call(number)
    await leg.wait("ended", 5)
    assert "answered" not in leg.log.first
    return leg.refused_with


async def _calls(service: Service) -> int:
    return len(of(await service.facts(), "call"))


# Issue 2.6: an agent's INVITE never lands in the trunk's context. Council numbers are the trunk's alone.
async def test_given_an_agents_phone_when_it_dials_a_council_or_anything_else_then_404_and_no_call(
    service: Service, town: Town
) -> None:
    phone = await town.agent(NIA)
    for number in (town.menu_number("northmere"), town.direct_number(WASTE), "442071838750", "999", "s", "44"):
        assert await _refused_with(phone, number) == 404, number
    assert await _calls(service) == 0
    assert (await service.sees(NIA, "offline"))["occupation"] == "idle"


# Issue 2.6: nor a trunk's call in the agents'. A caller who calls herself `a001` is a resident like any other.
async def test_given_a_trunk_caller_with_an_agents_name_when_she_dials_then_she_is_a_resident(
    service: Service, town: Town
) -> None:
    await town.agent(NIA)
    liar = await town.caller(town.agents[NIA].user, display=NIA)
    for code in town.star_codes.values():
        assert await _refused_with(liar, code) == 404
    assert (await service.agent(NIA))["presence"] == "logged_out"

    leg, call = await service.dial(liar, town.direct_number(WASTE))
    await leg.wait("answered")
    assert (await service.fact(call, "arrive"))["queue"] == WASTE
    assert (await service.agent(NIA))["occupation"] == "idle"
    await leg.hang_up()


# Nobody from elsewhere, and no agent without her password.
@pytest.mark.parametrize(
    ("ip", "user"),
    [("127.0.0.3", "01632960181"), ("127.0.0.3", "a001"), ("127.0.0.1", "stranger"), ("127.0.0.1", "a001")],
)
async def test_given_an_unknown_address_or_no_password_when_anything_is_dialled_then_refused(
    service: Service, town: Town, ip: str, user: str
) -> None:
    before = await _calls(service)
    stranger = Phone(user=user, server=town.agents[NIA].server, local_ip=ip, media=False)
    await stranger.start()
    for number in (town.menu_number("northmere"), "*45", "*47"):
        assert await _refused_with(stranger, number) in _REFUSED
    await stranger.close()
    assert await _calls(service) == before
    assert (await service.agent(NIA))["presence"] == "logged_out"


# From the trunk's address even the right password makes nobody an agent.
async def test_given_the_trunks_address_when_an_agent_registers_from_there_then_refused_and_she_is_out_of_reach(
    service: Service, town: Town
) -> None:
    agent = town.agents[TOM]
    password = agent.password_file.read_text(encoding="ascii").strip()
    phone = Phone(user=agent.user, server=agent.server, local_ip="127.0.0.2", password=password)
    await phone.start()
    with pytest.raises(Refused):
        await phone.register()
    await phone.close()
    assert not (await service.agent(TOM))["reachable"]


# SECURITY V11: a REFER, from the caller or from the agent, dials nothing and moves nobody.
async def test_given_two_who_talk_when_either_phone_refers_the_other_away_then_nothing_happens(
    service: Service, town: Town
) -> None:
    phone = await town.agent(NIA)
    await service.ready(NIA)
    leg, call = await service.dial(await town.caller("01632960182"), town.direct_number(WASTE))
    await service.fact(call, "answer")
    hers = await phone.next_call()
    before = sorted(await service.channels())
    assert len(before) == 2

    for one in (leg, hers):
        refer_to = ("Refer-To", f"<sip:{town.menu_number('harbourside')}@127.0.0.1>")

        def refer(more: tuple[Header, ...], one: object = one, refer_to: Header = refer_to) -> Request:
            return one._request("REFER", (refer_to, *more))  # type: ignore[attr-defined,no-any-return]  # either kind of leg

        # Asterisk has no REFER loaded: it says nothing, or no.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                assert (await one._line.ask(refer, one._dialog.next_hop)).status >= 400
    assert sorted(await service.channels()) == before
    assert leg.alive
    assert hers.alive
    assert [one["ev"] for one in await service.story(call)][-1] == "answer"
    await leg.hang_up()
