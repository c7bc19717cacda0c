"""An agent's readiness where the static fallback reads it: written with her memory, in the same breath."""

from __future__ import annotations

import math
from collections.abc import Mapping

from adapters.asterisk.static_queues import readiness_device
from kernel.agent import Presence
from kernel.seen import AgentMemory

#: One AMI action.
Action = tuple[str, Mapping[str, str]]


def ready_key(sip_user: str) -> str:
    """Return the global variable that says from which Unix second on she is ready; empty while she is not."""
    return f"GH_READY_{sip_user}"


def ready_from(memory: AgentMemory | None) -> str:
    """Return that variable's value. Nobody who asked for a break is ready, also while the break has to wait."""
    if memory is None or memory.presence is not Presence.READY or memory.pending is not None:
        return ""
    return str(math.ceil(memory.wrap_up_until or 0))


class Readiness:
    """What Asterisk was last told of each agent's phone, so that a device state moves only when it must.

    Both are told: app_queue passes over who is BUSY without trying her phone, and the guard in ``[static-agent]`` knows
    what a device state cannot hold, until when her after-call work lasts.
    """

    def __init__(self) -> None:
        self._told: dict[str, bool] = {}

    def actions(self, sip_user: str, memory: AgentMemory | None) -> list[Action]:
        """Return the AMI actions that tell it."""
        value = ready_from(memory)
        actions: list[Action] = [("Setvar", {"Variable": ready_key(sip_user), "Value": value})]
        ready = value != ""
        if self._told.get(sip_user) is not ready:
            self._told[sip_user] = ready
            # INVALID is neutral in a hint of phone and readiness (Asterisk takes no UNKNOWN); BUSY beats NOT_INUSE.
            device = f"DEVICE_STATE({readiness_device(sip_user)})"
            actions.append(("Setvar", {"Variable": device, "Value": "INVALID" if ready else "BUSY"}))
        return actions

    def forget(self) -> None:
        """The PBX may be another one: tell everything again."""
        self._told.clear()
