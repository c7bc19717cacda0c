"""The councils' rules for recordings, read from their folder: how long what is kept, and what for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from adapters.files.dialplans import read_dialplans
from guildhall.settings import Settings
from kernel.errors import GuildhallError
from kernel.ids import QueueId
from kernel.recording_rule import RecordingRule
from recordings.core.keeping import RetentionRules, rules_of

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class CouncilRules:
    """Retention by council and purpose; the rule of each queue."""

    retention: RetentionRules = field(default_factory=RetentionRules)
    queues: Mapping[QueueId, RecordingRule] = field(default_factory=dict)


def council_rules(settings: Settings) -> CouncilRules:
    """The rules in force at this start. A folder that cannot be read is an alarm, and the defaults hold meanwhile."""
    try:
        plans = read_dialplans(settings.dialplans)
    except (GuildhallError, OSError) as error:
        log.error("ALARM: the councils' recording rules cannot be read", kind=type(error).__name__)  # noqa: TRY400 - the check command tells the places
        return CouncilRules()
    return CouncilRules(retention=rules_of(plans.tenants), queues={queue.id: queue.recording for queue in plans.queues})
