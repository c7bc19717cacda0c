"""An agent: who she is, the two coupled machines that move her, and the one word others see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kernel.ids import AgentId, QueueId, TenantId
from kernel.skill import Skills


class Presence(StrEnum):
    """What the agent asked for. Moved by the agent, a supervisor, or RONA."""

    LOGGED_OUT = "logged_out"
    READY = "ready"
    #: Always with an aux code: why not ready.
    NOT_READY = "not_ready"


class Occupation(StrEnum):
    """What the engine has the agent doing."""

    IDLE = "idle"
    #: Her phone is being rung for a contact.
    RESERVED = "reserved"
    #: In a call: a contact's, or her own.
    TALKING = "talking"
    #: In a contact's call that she has put on hold.
    HOLDING = "holding"
    #: After-call work.
    WRAP_UP = "wrap_up"


class AgentWord(StrEnum):
    """The one word facts, screens and reports show (contract of the facts export)."""

    AVAILABLE = "available"
    PAUSED = "paused"
    WRAP_UP = "wrapup"
    RINGING = "ringing"
    TALKING = "talking"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentProfile:
    """Who an agent is, as ``people.yaml`` says. Changes only by configuration."""

    id: AgentId
    #: The council that employs her; she may serve others' queues too.
    tenant: TenantId
    name: str
    #: Her SIP user name, also the name of her endpoint in Asterisk.
    sip_user: str
    queues: tuple[QueueId, ...]
    skills: Skills
    #: Councils whose calls she may take.
    councils: tuple[TenantId, ...]
    #: Her own after-call work, seconds; None: as the queue says.
    wrap_up_s: float | None = None
    #: Queue -> 1 to 99; 1 where it is not named. One of a higher number is served when none of a lower has a contact.
    order: Mapping[QueueId, int] = field(default_factory=dict)
    #: Queue -> seconds a contact must have waited before she may be offered it; 0 where it is not named.
    delay_s: Mapping[QueueId, float] = field(default_factory=dict)
    #: May listen, whisper, barge, pull and the like, for these councils.
    supervisor: bool = False


def agent_word(presence: Presence, occupation: Occupation, *, reachable: bool, resting: bool) -> AgentWord:
    """Fold presence, occupation and reach into the one word that is shown.

    ``resting``: her phone refused a call a moment ago and gets a short pause.
    What she is doing wins over what she asked for: an agent who asked for a break while talking is talking.
    """
    doing = {
        Occupation.RESERVED: AgentWord.RINGING,
        Occupation.TALKING: AgentWord.TALKING,
        Occupation.HOLDING: AgentWord.TALKING,
        Occupation.WRAP_UP: AgentWord.WRAP_UP,
    }.get(occupation)
    if doing is not None:
        return doing
    if presence is Presence.LOGGED_OUT or not reachable:
        return AgentWord.OFFLINE
    if presence is Presence.NOT_READY or resting:
        return AgentWord.PAUSED
    return AgentWord.AVAILABLE
