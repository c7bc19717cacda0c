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
#: Seconds between two announcements of the honest message.
_AGAIN_S = 60


def readiness_device(sip_user: str) -> str:
    """The device that shows app_queue whether the engine held her ready when it was last there."""
    return f"{_READINESS}{sip_user}"


def serves(agent: AgentProfile, queue: Queue) -> bool:
    """Whether she may take calls of this queue by her profile."""
    able = all(agent.skills.get(skill, 0) >= level for skill, level in queue.skills.items())
    return able and queue.id in agent.queues and queue.tenant in agent.councils


def static_hints(agents: Iterable[AgentProfile]) -> str:
    """Dialplan hints: phone and readiness as one state. INVALID, the readiness of who is ready, changes nothing."""
    lines = ["[static-hints]"]
    for agent in agents:
        user = checked_id(agent.sip_user, "a SIP user")
        lines.append(f"exten => {user},hint,PJSIP/{user}&{readiness_device(user)}")
    return "\n".join(lines) + "\n"


def static_queues(queues: Sequence[Queue], agents: Sequence[AgentProfile], sorry: dict[str, str]) -> str:
    """The text of queues.conf. ``sorry``: council -> path of the honest message, repeated while one waits."""
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
            # A phone that rings rings on when the caller's 5 s in Queue() are over.
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
