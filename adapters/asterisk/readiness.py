"""An agent's readiness where the static fallback reads it: written with her memory, in the same breath."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping

from adapters.asterisk.static_queues import readiness_device, ready_key
from kernel.agent import Presence
from kernel.seen import AgentMemory

#: One AMI action.
Action = tuple[str, Mapping[str, str]]


def ready_from(memory: AgentMemory | None) -> str:
    """Return that variable's value. Nobody who asked for a break is ready, also while the break has to wait."""
    if memory is None or memory.presence is not Presence.READY or memory.pending is not None:
        return ""
    return str(math.ceil(memory.wrap_up_until or 0))


class Readiness:
    """What Asterisk was last told of each agent's phone, so that a device state moves only when it must.

    Both are told: app_queue passes over who is BUSY without trying her phone, and the guard in ``[static-agent]`` knows
    what a device state cannot hold, until when her after-call work lasts. Who would still be in it when the dialplan
    gives up on the engine is BUSY too: app_queue would count her as free, and let more callers try than it has agents
    (docs/decisions/0054-a-watch-beside-app-queue.md). The dialplan's watch sets her free then.
    """

    def __init__(self, fallback_after_s: float = 12.0, clock: Callable[[], float] = time.time) -> None:
        """``fallback_after_s``: seconds without a heartbeat until callers go to app_queue. ``clock``: Unix time."""
        # A heartbeat is up to a second old as the engine dies, and both are whole seconds.
        self._short_s = fallback_after_s - 2.0
        self._clock = clock
        self._told: dict[str, bool] = {}

    def actions(self, sip_user: str, memory: AgentMemory | None) -> list[Action]:
        """Return the AMI actions that tell it."""
        value = ready_from(memory)
        actions: list[Action] = [("Setvar", {"Variable": ready_key(sip_user), "Value": value})]
        free = value != "" and int(value) - self._clock() <= self._short_s
        if self._told.get(sip_user) is not free:
            self._told[sip_user] = free
            # INVALID is neutral in a hint of phone and readiness (Asterisk takes no UNKNOWN); BUSY beats NOT_INUSE.
            device = f"DEVICE_STATE({readiness_device(sip_user)})"
            actions.append(("Setvar", {"Variable": device, "Value": "INVALID" if free else "BUSY"}))
        return actions

    def forget(self) -> None:
        """The PBX may be another one: tell everything again."""
        self._told.clear()
