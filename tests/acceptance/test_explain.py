"""`guildhall explain` on a running service: a caller who waits now, and the same call when it is over."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kernel.agent import Presence
from kernel.commands import Explain
from kernel.ids import ContactId
from lab.phone import Answer
from lab.town import Town
from tests.fakes.service import MAREK, NIA, WASTE, Service, eventually

pytestmark = pytest.mark.acceptance


# Issue 3, Explain: "for a waiting call, now, and for any past call: who was eligible, who was not and why".
async def test_given_a_caller_who_waits_when_explained_then_every_agent_has_her_reason_and_afterwards_the_offer(
    service: Service, town: Town
) -> None:
    await town.agent(NIA, behaviour=Answer())
    await service.presence(MAREK, Presence.NOT_READY, "lunch")
    leg, call = await service.dial(await town.caller("01632960110"), town.direct_number(WASTE))
    await service.fact(call, "arrive")

    async def explained() -> dict[str, Any] | None:
        outcome = await service.command(Explain(contact=ContactId(call)))
        return outcome.data if isinstance(outcome.data, dict) else None

    told = await eventually(explained) or {}
    assert told["eligible"] == []
    whys = {row["agent"]: row["why"] for row in told["not_eligible"]}
    assert whys[NIA] == "offline"
    assert whys.keys() == {row["id"] for row in (await service.state())["agents"]}
    assert (told["call"], told["step"], told["rule"], told["ahead"]) == (call, 0, "longest_idle", 0)

    await service.ready(NIA)
    await service.fact(call, "answer")
    await leg.hang_up()
    await service.fact(call, "end")
    past = json.loads(await service.ask("explain", call, "--json"))
    assert (past["eligible"], past["chosen"]) == ([{"agent": NIA}], NIA)
