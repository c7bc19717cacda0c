"""app_queue as the fallback: a queue for each of ours, its members the agents who may serve it, each behind a guard.

What app_queue cannot do is left out, not imitated: a requirement that grows weaker with the wait, ageing, strategies,
shares. The skills a queue needs hold: who does not meet them is no member.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from kernel.agent import AgentProfile
from kernel.ids import AgentId, checked_id
from kernel.queues import Queue

#: Device states of our own, one an agent: BUSY while she is not ready.
_READINESS = "Custom:gh-"
#: BUSY for a moment as app_queue takes over, until all callers stand in it: ``[static-watch]`` in static.conf.
_GATE = "Custom:guildhall-gate"
#: Seconds until the honest message. app_queue counts from when the caller entered, which is each 60 s (static.conf),
#: and looks at that limit first: after half a minute, and each minute from then on. With 60 it was never said.
_AGAIN_S = 30


def readiness_device(sip_user: str) -> str:
    """The device that shows app_queue whether the engine held her ready when it was last there."""
    return f"{_READINESS}{sip_user}"


def ready_key(sip_user: str) -> str:
    """Return the global variable that says from which Unix second on she is ready; empty while she is not."""
    return f"GH_READY_{sip_user}"


def serves(agent: AgentProfile, queue: Queue) -> bool:
    """Whether she may take calls of this queue by her profile."""
    able = all(agent.skills.get(skill, 0) >= level for skill, level in queue.skills.items())
    return able and queue.id in agent.queues and queue.tenant in agent.councils


def static_hints(agents: Iterable[AgentProfile]) -> str:
    """Dialplan hints: phone, readiness and gate as one state; INVALID, who is ready, an open gate, changes nothing."""
    lines = ["[static-hints]"]
    for agent in agents:
        user = checked_id(agent.sip_user, "a SIP user")
        lines.append(f"exten => {user},hint,PJSIP/{user}&{readiness_device(user)}&{_GATE}")
    return "\n".join(lines) + "\n"


def static_wrap_ups(agents: Iterable[AgentProfile]) -> str:
    """A subroutine of the watch: whose wrap-up was over after second GH_SINCE and by GH_TICK is free for app_queue.

    Each second, while no engine decides, one line an agent.
    """
    lines = ["[static-wrap-ups]", "exten => s,1,NoOp()"]
    for agent in agents:
        user = checked_id(agent.sip_user, "a SIP user")
        ready = f"0${{GLOBAL({ready_key(user)})}}"
        free = f"Set(DEVICE_STATE({readiness_device(user)})=INVALID)"
        lines.append(f" same => n,ExecIf($[{ready} > ${{GH_SINCE}} & {ready} <= ${{GH_TICK}}]?{free})")
    return "\n".join([*lines, " same => n,Return()"]) + "\n"


def static_queues(queues: Sequence[Queue], agents: Sequence[AgentProfile], sorry: dict[str, str]) -> str:
    """The text of queues.conf. ``sorry``: council -> path of the honest message, said once a minute."""
    parts: list[str] = []
    for queue in queues:
        lines = [
            f"[{checked_id(queue.id, 'a queue')}]",
            # leastrecent would choose the same agent again whom the guard has just refused.
            "strategy=rrmemory",
            f"timeout={math.ceil(queue.ring_time_s)}",
            "retry=1",
            f"wrapuptime={math.ceil(queue.wrap_up_s)}",
            f"weight={max(0, queue.priority)}",
            f"servicelevel={math.ceil(queue.service_level_s)}",
            # A phone that rings rings on when the caller's time in Queue() is over.
            "timeoutpriority=conf",
            "ringinuse=no",
            "autofill=yes",
            "joinempty=yes",
            "leavewhenempty=no",
            "musicclass=default",
            "announce-frequency=0",
        ]
        if message := sorry.get(queue.tenant):
            lines += [f"periodic-announce={message}", f"periodic-announce-frequency={_AGAIN_S}"]
        lines += [_member(agent.id, agent.sip_user) for agent in agents if serves(agent, queue)]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _member(agent: AgentId, sip_user: str) -> str:
    # By her id, not her name: it stands in queue_log.
    user = checked_id(sip_user, "a SIP user")
    return f"member => Local/{user}@static-agent,0,{checked_id(agent, 'an agent')},hint:{user}@static-hints"
