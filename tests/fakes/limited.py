"""A queue with limits, and the ways out of it."""

from __future__ import annotations

from dataclasses import replace

from acd.core.invariants import check
from kernel.exits import Exit, ExitKind, Limits
from kernel.ids import ContactId, QueueId
from kernel.queues import Queue
from tests.fakes.people import RENT, a_queue, an_agent, switchboard
from tests.fakes.small_pbx import SmallPbx

MESSAGE = Exit(kind=ExitKind.MESSAGE, prompts=("sorry_busy",))
VOICEMAIL = Exit(kind=ExitKind.VOICEMAIL, box="waste")
CALLBACK = Exit(kind=ExitKind.CALLBACK)
TO_RENT = Exit(kind=ExitKind.OVERFLOW, queue=RENT)
LEFT = "may c1 only"


def limited_queue(limits: Limits, **policy: object) -> Queue:
    return replace(a_queue(wrap_up_s=0.0), limits=limits, **policy)  # type: ignore[arg-type]  # policies of many kinds


def limited(limits: Limits, *agents: str, **policy: object) -> SmallPbx:
    people = (an_agent(name) for name in agents or ("a1",))
    return switchboard(*people, queues=(limited_queue(limits, **policy), a_queue(RENT)))


def queue_of(pbx: SmallPbx, contact: ContactId) -> QueueId | None:
    """Where the channel itself says that it waits."""
    wish = pbx.callers[contact].wish
    return wish.queue if wish else None


def lines_hold(pbx: SmallPbx) -> None:
    pbx.advance(60.0)
    assert check(pbx.lines) == []
