"""The councils' rules for recordings, of the version in force: how long what is kept, and what for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from adapters.files.dialplans import read_dialplans
from adapters.files.version_folder import VersionFolder
from guildhall.settings import Settings
from kernel.errors import GuildhallError
from kernel.ids import QueueId
from kernel.recording_rule import RecordingRule
from kernel.versions import in_force
from recordings.core.keeping import RetentionRules, rules_of

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class CouncilRules:
    """Retention by council and purpose; the rule of each queue."""

    retention: RetentionRules = field(default_factory=RetentionRules)
    queues: Mapping[QueueId, RecordingRule] = field(default_factory=dict)


class RulesInForce:
    """Call it for the rules of now; it reads when another version has come into force. Blocks: for a thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._versions = VersionFolder(settings.versions)
        self._rules: CouncilRules | None = None
        self._version: int | None = None

    def __call__(self) -> CouncilRules:
        """The rules in force. What cannot be read is an alarm, and the rules before hold on, at first the defaults."""
        try:
            base = in_force(self._versions.journal(), time.time()).base
            version = None if base is None else base.version
            if self._rules is None or version != self._version:
                # Nothing was ever published: the folder itself is in force.
                folder = self._settings.dialplans if version is None else self._versions.files(version)
                self._rules, self._version = _read(folder), version
        except (GuildhallError, OSError) as error:
            log.error("ALARM: the councils' recording rules cannot be read", kind=type(error).__name__)  # noqa: TRY400 - the check command tells the places
            return self._rules or CouncilRules()
        return self._rules


def _read(folder: Path) -> CouncilRules:
    plans = read_dialplans(folder)
    return CouncilRules(retention=rules_of(plans.tenants), queues={queue.id: queue.recording for queue in plans.queues})
