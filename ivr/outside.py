"""Everything outside that the effects of one call touch."""

from __future__ import annotations

from dataclasses import dataclass, field

from ivr.ports import CallerLine, Clock, FactSink, Services, SoundPaths


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """One call's line, and what all calls share."""

    line: CallerLine
    sounds: SoundPaths
    facts: FactSink
    clock: Clock
    services: Services = field(default_factory=Services)
