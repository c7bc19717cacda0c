"""After the talk: the flow that asks the caller, told to nobody as hers. Whatever fails, the call just ends."""

from __future__ import annotations

import structlog

from ivr.asking import known_needs
from ivr.flows import FlowBook
from ivr.outside import Outside
from ivr.walking import walk_flow
from kernel.errors import LineGone
from kernel.fact import Fact
from kernel.facts import FlowStepped
from kernel.ids import TenantId

log = structlog.get_logger()


class WithoutSteps:
    """A sink that keeps back by which steps the caller went: her call has ended, and the answers are nobody's."""

    def __init__(self, outside: Outside) -> None:
        self._facts = outside.facts

    def publish(self, fact: Fact) -> None:
        """Tell the world, but for the steps."""
        if not isinstance(fact, FlowStepped):
            self._facts.publish(fact)


async def survey_caller(outside: Outside, book: FlowBook, *, flow: str, language: str) -> None:
    """Walk the council's flow of that name. Never raises but for cancellation."""
    asked = book.flows.get((TenantId(outside.line.tenant), flow))
    if asked is None:
        log.error("no such survey", tenant=outside.line.tenant, flow=flow)
        return
    try:
        await walk_flow(outside, asked, language=language, typed="", needs=await known_needs(outside))
    except LineGone:
        return
    except Exception as error:  # noqa: BLE001 - the talk is over: nothing is lost but an answer
        log.error("survey failed", flow=flow, error=type(error).__name__)  # noqa: TRY400 - a traceback may hold what she typed
