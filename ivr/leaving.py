"""A caller who leaves a queue: the way out is walked as any flow is, and whatever fails leads back to the queue."""

from __future__ import annotations

import structlog

from ivr.asking import known_needs
from ivr.flows import FlowBook
from ivr.outside import Outside
from ivr.walking import walk_flow
from kernel.errors import LineGone
from kernel.exits import LeaveWhy
from kernel.ids import QueueId

log = structlog.get_logger()


async def leave_queue(outside: Outside, book: FlowBook, *, queue: str, why: str, language: str) -> None:
    """Walk the way out of ``queue`` for this reason. Never raises but for cancellation.

    Without one, or when it breaks, nothing is written on the channel: the dialplan then takes the caller back to the
    queue (law 5).
    """
    flow = book.exits.get((QueueId(queue), LeaveWhy(why))) if why in list(LeaveWhy) else None
    if flow is None or flow.tenant != outside.line.tenant:
        log.warning("no way out of this queue", contact=outside.line.contact, queue=queue, why=why)
        return
    try:
        await walk_flow(outside, flow, language=language, typed="", needs=await known_needs(outside))
    except LineGone:
        return
    except Exception as error:  # noqa: BLE001 - no fault of ours may cost the caller the call
        log.error("way out failed", contact=outside.line.contact, error=type(error).__name__)  # noqa: TRY400 - a traceback may hold what the caller typed
