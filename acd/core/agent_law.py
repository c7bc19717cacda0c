"""The agent's two coupled machines, as two tables: what she asked for, and what the engine has her doing.

Theory of operation. *Presence* is moved by the agent, by a supervisor, and by RONA. *Occupation* is moved by the
engine. They are coupled in three places only:

1. Only READY x IDLE may be offered a contact (``OFFERABLE``), and then only when her phone is reachable, is not
   resting after a refusal, and no leg of hers is left over.
2. A presence asked for in the middle of a contact (``PRESENCE_WAITS``) is kept as pending and applied when she is
   IDLE again. Saying "ready" never waits: during wrap-up it ends the wrap-up.
3. RONA moves both: RESERVED -> IDLE and READY -> NOT_READY("rona").

Reach (is the phone registered and answering?) is a third thing, shown beside both and never mixed in.
An agent's own call is TALKING without a contact, and no wrap-up follows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from kernel.agent import Occupation, Presence
from kernel.errors import Refused


class PresenceEvent(StrEnum):
    """What moves presence."""

    LOG_IN = "log_in"
    READY = "ready"
    NOT_READY = "not_ready"
    LOG_OUT = "log_out"
    #: Her phone rang out.
    RONA = "rona"


class OccupationEvent(StrEnum):
    """What moves occupation."""

    OFFERED = "offered"
    #: The offer ended without an answer and her leg is gone.
    OFFER_OVER = "offer_over"
    JOINED = "joined"
    HELD = "held"
    RESUMED = "resumed"
    #: Her part in a contact's call ended.
    LEFT = "left"
    WRAP_UP_OVER = "wrap_up_over"
    #: Her phone made, or got, a call that is no contact's.
    OWN_CALL = "own_call"
    OWN_CALL_OVER = "own_call_over"


PRESENCE: dict[tuple[Presence, PresenceEvent], Presence] = {
    (Presence.LOGGED_OUT, PresenceEvent.LOG_IN): Presence.NOT_READY,
    (Presence.NOT_READY, PresenceEvent.READY): Presence.READY,
    (Presence.NOT_READY, PresenceEvent.NOT_READY): Presence.NOT_READY,
    (Presence.NOT_READY, PresenceEvent.LOG_OUT): Presence.LOGGED_OUT,
    (Presence.NOT_READY, PresenceEvent.RONA): Presence.NOT_READY,
    (Presence.READY, PresenceEvent.NOT_READY): Presence.NOT_READY,
    (Presence.READY, PresenceEvent.LOG_OUT): Presence.LOGGED_OUT,
    (Presence.READY, PresenceEvent.RONA): Presence.NOT_READY,
}

OCCUPATION: dict[tuple[Occupation, OccupationEvent], Occupation] = {
    (Occupation.IDLE, OccupationEvent.OFFERED): Occupation.RESERVED,
    (Occupation.IDLE, OccupationEvent.OWN_CALL): Occupation.TALKING,
    (Occupation.RESERVED, OccupationEvent.OFFER_OVER): Occupation.IDLE,
    (Occupation.RESERVED, OccupationEvent.JOINED): Occupation.TALKING,
    (Occupation.TALKING, OccupationEvent.HELD): Occupation.HOLDING,
    (Occupation.TALKING, OccupationEvent.LEFT): Occupation.WRAP_UP,
    (Occupation.TALKING, OccupationEvent.OWN_CALL_OVER): Occupation.IDLE,
    (Occupation.HOLDING, OccupationEvent.RESUMED): Occupation.TALKING,
    (Occupation.HOLDING, OccupationEvent.LEFT): Occupation.WRAP_UP,
    (Occupation.WRAP_UP, OccupationEvent.WRAP_UP_OVER): Occupation.IDLE,
}

#: Coupling 1: the only pair that may be offered a contact.
OFFERABLE = frozenset({(Presence.READY, Occupation.IDLE)})

#: Coupling 2: what waits until she is idle again.
PRESENCE_WAITS = frozenset(
    (occupation, event)
    for occupation in (Occupation.RESERVED, Occupation.TALKING, Occupation.HOLDING, Occupation.WRAP_UP)
    for event in (PresenceEvent.NOT_READY, PresenceEvent.LOG_OUT)
)

_State = TypeVar("_State", bound=StrEnum)
_Event = TypeVar("_Event", bound=StrEnum)


def _moved(table: Mapping[tuple[_State, _Event], _State], state: _State, event: _Event) -> _State:
    try:
        return table[state, event]
    except KeyError:
        raise Refused("bad_move", f"an agent who is {state} cannot take {event}") from None


def presence_moved(presence: Presence, event: PresenceEvent) -> Presence:
    """Return the presence after ``event``. Raises ``Refused`` when the table has no such move."""
    return _moved(PRESENCE, presence, event)


def occupation_moved(occupation: Occupation, event: OccupationEvent) -> Occupation:
    """Return the occupation after ``event``. Raises ``Refused`` when the table has no such move."""
    return _moved(OCCUPATION, occupation, event)


def presence_event(now: Presence, wanted: Presence) -> PresenceEvent:
    """Which event asks for ``wanted``. Not ready, asked by an agent who is logged out, logs her in."""
    if wanted is Presence.NOT_READY:
        return PresenceEvent.LOG_IN if now is Presence.LOGGED_OUT else PresenceEvent.NOT_READY
    return PresenceEvent.READY if wanted is Presence.READY else PresenceEvent.LOG_OUT


def mermaid_presence() -> str:
    """The presence table as a Mermaid state diagram, for the generated docs."""
    return _mermaid(Presence.LOGGED_OUT, PRESENCE)


def mermaid_occupation() -> str:
    """The occupation table as a Mermaid state diagram, for the generated docs."""
    return _mermaid(Occupation.IDLE, OCCUPATION)


def _mermaid(start: _State, table: Mapping[tuple[_State, _Event], _State]) -> str:
    lines = ["stateDiagram-v2", f"    [*] --> {start}"]
    lines += [f"    {before} --> {after}: {event}" for (before, event), after in table.items()]
    return "\n".join([*lines, ""])
