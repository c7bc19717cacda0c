"""Secret digits taken in the middle of a talk: every end of the flow leads back to the agent, and says how it ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.core.bind import bind_all
from ivr.core.load import Surroundings
from ivr.flows import FlowBook, FlowsInForce
from ivr.session import Ivr
from kernel.ids import QueueId, TenantId
from kernel.located import parse
from kernel.queues import Queue
from kernel.tenant import Tenant
from tests.fakes.around_a_call import Facts, Sounds, StoppedClock
from tests.fakes.caller_line import FakeCallerLine

pytestmark = pytest.mark.shell

#: The card schemes' test number: no one's.
PAN = "4111111111111111"
SAMPLE = Path(__file__).parents[2] / "dialplans/northmere/flows/card_details.yaml"
PROMPTS = ("ask_card", "card_taken", "card_not_taken", "sorry_no_input", "sorry_no_match")


def _book(text: str) -> FlowBook:
    queue = Queue(id=QueueId("northmere.general"), tenant=TenantId("northmere"), name="general")
    tenant = Tenant(id=queue.tenant, name="Northmere", languages=("en", "cy"), numbers=(), default_queue=queue.id)
    around = Surroundings(tenant=tenant, queues={queue.id: queue}, prompts=PROMPTS)
    flows, errors = bind_all({"card": parse(text, "card.yaml")}, around)
    assert not errors, [str(one) for one in errors]
    bound = {(tenant.id, name): flow for name, flow in flows.items()}
    return FlowBook(tenants={tenant.id: tenant}, queues={queue.id: queue}, flows=bound)


async def taken(line: FakeCallerLine, text: str | None = None, *, flow: str = "card", seconds: float = 120.0) -> Facts:
    """Let the caller key in; nothing of a call's end may be said or written."""
    facts = Facts()
    book = _book(text or SAMPLE.read_text(encoding="utf-8"))
    ivr = Ivr(flows=FlowsInForce(book), sounds=Sounds(), facts=facts, clock=StoppedClock())
    await ivr.secure(line, flow=flow, language="cy", seconds=seconds)
    assert set(line.variables) <= {"GH_SECURED"}
    assert line.events == []
    return facts


async def test_p21_given_a_card_number_when_keyed_in_then_done_and_no_word_of_it_anywhere() -> None:
    line = FakeCallerLine(keys=[(1.0 + at / 4, key) for at, key in enumerate(f"{PAN}#")])
    facts = await taken(line)
    assert line.variables == {"GH_SECURED": "done"}
    assert [sound.rpartition("/")[2] for sound in line.heard] == ["ask_card", "card_taken"]
    assert all("/cy/" in sound for sound in line.heard)
    assert PAN not in repr(vars(facts))


# A queue, a transfer, a message box, a callback: each would take the caller away from her agent.
@pytest.mark.parametrize(
    "end",
    ["verb: enqueue, queue: northmere.general", "verb: hangup, why: rejected"],
)
async def test_given_another_end_when_the_flow_comes_to_it_then_refused_and_back_with_the_agent(end: str) -> None:
    line = FakeCallerLine()
    await taken(line, f"start: s\nsteps:\n  s: {{verb: play, prompts: [ask_card], next: e}}\n  e: {{{end}}}\n")
    assert line.variables == {"GH_SECURED": "refused"}


async def test_given_a_caller_who_presses_nothing_when_asked_three_times_then_refused() -> None:
    line = FakeCallerLine()
    await taken(line)
    assert line.variables == {"GH_SECURED": "refused"}
    assert line.heard[-1].endswith("card_not_taken")


async def test_given_no_such_flow_or_no_time_when_asked_then_said() -> None:
    for flow, seconds, result in (("other", 120.0, "failed"), ("card", 0.0, "timeout")):
        line = FakeCallerLine()
        await taken(line, flow=flow, seconds=seconds)
        assert line.variables == {"GH_SECURED": result}


async def test_given_a_caller_who_hangs_up_when_asked_then_nothing_is_written() -> None:
    line = FakeCallerLine(hangs_up_at=2.0)
    await taken(line)
    assert line.variables == {}
