"""In the middle of a talk: a flow takes secret digits while the agent hears music. Its every end leads back to her."""

from __future__ import annotations

import structlog

from ivr.core.effects import HangUp, Listen, LookAround, NoteStep, Play, Say
from ivr.core.flow import Flow
from ivr.core.inputs import Began
from ivr.core.step import begin, step
from ivr.flows import FlowBook
from ivr.outside import Outside
from ivr.perform import perform
from kernel.errors import LineGone
from kernel.ids import TenantId

log = structlog.get_logger()

#: The facts' words for how it ended. ``done``: a `hangup` that says informed; ``refused``: every other end of the flow.
DONE, REFUSED, TIMEOUT, FAILED = "done", "refused", "timeout", "failed"
#: What may be done while an agent waits. Everything else would take the caller away from her.
_HERE = (Play, Listen, LookAround, Say)


async def take_secret(outside: Outside, book: FlowBook, *, flow: str, language: str, seconds: float) -> str | None:
    """Walk the council's flow of that name for so long at the most; return how it ended, None when the caller is gone.

    Never raises but for cancellation: whatever fails, the caller is back with her agent.
    """
    asked = book.flows.get((TenantId(outside.line.tenant), flow))
    if asked is None:
        log.error("no such flow for secret input", tenant=outside.line.tenant, flow=flow)
        return FAILED
    try:
        return await _walk(outside, asked, language, outside.clock.now() + seconds)
    except LineGone:
        return None
    except Exception as error:  # noqa: BLE001 - no fault of ours may cost the caller her agent
        log.error("secret input failed", flow=flow, error=type(error).__name__)  # noqa: TRY400 - a traceback may hold what she typed
        return FAILED


async def _walk(outside: Outside, flow: Flow, language: str, until: float) -> str:
    line = outside.line
    walk, effects = begin(flow, Began(typed=""), language=language, number=line.number, relay=line.relay)
    while outside.clock.now() < until:
        heard = None
        for effect in effects:
            if isinstance(effect, HangUp):
                return DONE if effect.why == "informed" else REFUSED
            if isinstance(effect, _HERE):
                heard = await perform(effect, outside)
            elif not isinstance(effect, NoteStep):
                return REFUSED
        if heard is None:
            return REFUSED
        walk, effects = step(walk, heard)
    return TIMEOUT
