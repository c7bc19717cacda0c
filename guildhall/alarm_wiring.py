"""An emergency that waits too long is said in the log at once; the fact goes its usual way besides."""

from __future__ import annotations

import structlog

from kernel.fact import Fact
from kernel.facts_waiting import EmergencyWaits

log = structlog.get_logger()


def sound_alarm(fact: Fact) -> None:
    """Log an alarm; other facts are none of this."""
    if isinstance(fact, EmergencyWaits):
        log.error("an emergency waits and nobody answers", contact=fact.call, queue=fact.queue, waited_s=fact.waited_s)
