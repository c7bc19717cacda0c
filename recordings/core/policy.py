"""Who may do what with recordings: one table of roles and rights; what does not stand in it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum

from kernel.ids import AgentId, TenantId
from kernel.recording import Recording


class Right(StrEnum):
    """What can be done with a recording. Ranges, waveforms and texts of a recording are ``LISTEN`` too."""

    LIST = "list"
    LISTEN = "listen"
    #: Take a copy out of the system: it can be neither deleted nor audited from then on.
    EXPORT = "export"
    #: Put a legal hold on it, or take it off.
    HOLD = "hold"
    ERASE = "erase"
    #: Pause a call's recording while it is under way, for card details, and let it go on.
    PAUSE = "pause"
    #: Check the seals and the chain; shows nothing of any call.
    VERIFY = "verify"
    #: Read who did what.
    AUDIT = "audit"


class Role(StrEnum):
    """What a person is to the recordings."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    #: Listens to judge quality and to train.
    EVALUATOR = "evaluator"
    #: Answers subject access and erasure requests, keeps legal holds: the data protection officer's hand.
    RECORDS_OFFICER = "records_officer"
    AUDITOR = "auditor"
    ENGINEER = "engineer"
    #: Whoever has the command line of the machine: could read the keys anyway, and is audited like everyone.
    OPERATOR = "operator"


class Reach(Enum):
    """Whose recordings a right reaches."""

    #: Calls the person took herself, in her councils.
    OWN = "own"
    #: All calls of her councils.
    COUNCILS = "councils"


_ALL = dict.fromkeys(Right, Reach.COUNCILS)

#: The whole law. A pair that is not here is refused.
RIGHTS: Mapping[Role, Mapping[Right, Reach]] = {
    Role.AGENT: {Right.LIST: Reach.OWN, Right.LISTEN: Reach.OWN, Right.PAUSE: Reach.OWN},
    Role.SUPERVISOR: {Right.LIST: Reach.COUNCILS, Right.LISTEN: Reach.COUNCILS, Right.PAUSE: Reach.COUNCILS},
    Role.EVALUATOR: {Right.LIST: Reach.COUNCILS, Right.LISTEN: Reach.COUNCILS},
    # Who answers for what is kept has no hand in what is being said.
    Role.RECORDS_OFFICER: {right: found for right, found in _ALL.items() if right is not Right.PAUSE},
    Role.AUDITOR: {Right.LIST: Reach.COUNCILS, Right.VERIFY: Reach.COUNCILS, Right.AUDIT: Reach.COUNCILS},
    Role.ENGINEER: {Right.VERIFY: Reach.COUNCILS},
    Role.OPERATOR: _ALL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who asks. ``councils`` None means all of them; empty means none."""

    user: str
    role: Role
    councils: frozenset[TenantId] | None = frozenset()
    #: Her own id, when she is an agent.
    agent: AgentId | None = None


def reach(person: Person, right: Right) -> Reach | None:
    """Whose recordings the right reaches for this person; None when she does not have it."""
    if person.councils is not None and not person.councils:
        return None
    found = RIGHTS.get(person.role, {}).get(right)
    return None if found is Reach.OWN and person.agent is None else found


def may(person: Person, right: Right, recording: Recording) -> bool:
    """Whether this person may do this with this recording."""
    return within(person, right, recording.council, recording.agent)


def within(person: Person, right: Right, council: TenantId | None, agent: AgentId | None) -> bool:
    """The same for a call that is still under way: this council's, with this agent."""
    found = reach(person, right)
    if found is None or (person.councils is not None and council not in person.councils):
        return False
    return found is Reach.COUNCILS or agent == person.agent
