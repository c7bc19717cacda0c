"""The contact's machine, as one table: every state and what may move it.

Theory of operation. A contact begins in the menus (IN_IVR). Once the caller is seen standing in ``[hold]`` the
contact waits for an agent (WAITING). An offer to one agent is out (OFFERED) until both are in the same bridge
(JOINED) or the offer is over, which leads back to WAITING and to the old place. A transfer leads from JOINED back to
WAITING (acd/core/transfer_law.py has the states of one who asks before she transfers). When the agent's leg goes first,
or the PBX refuses to move the caller, the caller is on the way out (ENDING); a caller who turns up in ``[hold]``
after all waits again. A contact that meets a limit of its queue is taken out (LEAVING) and, once the PBX says so, is
in the menus' hands again (IN_IVR), from where it may come back. Only the hang-up of the caller's own channel ends a
contact (ENDED), from everywhere.

A caller for whom nobody decided for a while is taken by the dialplan to the PBX's own queue (FALLBACK), and comes back
by herself; when somebody answers her there, a look at the PBX finds the two talking.

Deadlines that watch over the states: OFFERED by its ring time, LEAVING, FALLBACK and ENDING by a look. IN_IVR belongs
to the menus, WAITING to the matching, JOINED to the two who talk.

Refused moves raise: the PBX and the engine then disagree, and the shell reconciles.
"""

from __future__ import annotations

from enum import StrEnum

from kernel.errors import Refused


class ContactState(StrEnum):
    """Where a contact stands."""

    IN_IVR = "in_ivr"
    WAITING = "waiting"
    OFFERED = "offered"
    JOINED = "joined"
    #: Taken out of the queue; the PBX has not yet said that the caller went.
    LEAVING = "leaving"
    #: In the PBX's own queue, where nobody's offer reaches it.
    FALLBACK = "fallback"
    #: On the way out: the talk is over, or the PBX would not move the caller.
    ENDING = "ending"
    ENDED = "ended"


class ContactEvent(StrEnum):
    """What moves a contact."""

    #: Seen in ``[hold]``.
    HOLDING = "holding"
    #: An agent was chosen.
    OFFERED = "offered"
    #: The offer ended without an answer.
    OFFER_OVER = "offer_over"
    #: Caller and agent stand in the same bridge.
    JOINED = "joined"
    #: A limit of the queue was met.
    LIMIT_MET = "limit_met"
    #: The PBX took the caller out of ``[hold]``, back to the menus' hands.
    EXIT_TAKEN = "exit_taken"
    #: The agent left, or the PBX refused to move the caller.
    GOING = "going"
    #: Nobody decided for a while: the dialplan took the caller to the PBX's own queue.
    FELL_BACK = "fell_back"
    #: The agent's part is over and the caller goes back to the line.
    RETURNED = "returned"
    #: The caller's channel is gone.
    HUNG_UP = "hung_up"


CONTACT: dict[tuple[ContactState, ContactEvent], ContactState] = {
    (ContactState.IN_IVR, ContactEvent.HOLDING): ContactState.WAITING,
    (ContactState.IN_IVR, ContactEvent.HUNG_UP): ContactState.ENDED,
    (ContactState.WAITING, ContactEvent.HOLDING): ContactState.WAITING,
    (ContactState.WAITING, ContactEvent.OFFERED): ContactState.OFFERED,
    (ContactState.WAITING, ContactEvent.LIMIT_MET): ContactState.LEAVING,
    (ContactState.WAITING, ContactEvent.FELL_BACK): ContactState.FALLBACK,
    (ContactState.WAITING, ContactEvent.HUNG_UP): ContactState.ENDED,
    (ContactState.LEAVING, ContactEvent.EXIT_TAKEN): ContactState.IN_IVR,
    (ContactState.LEAVING, ContactEvent.HOLDING): ContactState.WAITING,
    (ContactState.LEAVING, ContactEvent.GOING): ContactState.ENDING,
    (ContactState.LEAVING, ContactEvent.HUNG_UP): ContactState.ENDED,
    (ContactState.OFFERED, ContactEvent.OFFER_OVER): ContactState.WAITING,
    (ContactState.OFFERED, ContactEvent.JOINED): ContactState.JOINED,
    (ContactState.OFFERED, ContactEvent.GOING): ContactState.ENDING,
    (ContactState.OFFERED, ContactEvent.HUNG_UP): ContactState.ENDED,
    (ContactState.JOINED, ContactEvent.GOING): ContactState.ENDING,
    (ContactState.JOINED, ContactEvent.RETURNED): ContactState.WAITING,
    (ContactState.JOINED, ContactEvent.HUNG_UP): ContactState.ENDED,
    (ContactState.FALLBACK, ContactEvent.HOLDING): ContactState.WAITING,
    (ContactState.FALLBACK, ContactEvent.FELL_BACK): ContactState.FALLBACK,
    (ContactState.FALLBACK, ContactEvent.HUNG_UP): ContactState.ENDED,
    (ContactState.ENDING, ContactEvent.HOLDING): ContactState.WAITING,
    (ContactState.ENDING, ContactEvent.FELL_BACK): ContactState.FALLBACK,
    (ContactState.ENDING, ContactEvent.HUNG_UP): ContactState.ENDED,
}


def contact_moved(state: ContactState, event: ContactEvent) -> ContactState:
    """Return the state after ``event``. Raises ``Refused`` when the table has no such move."""
    try:
        return CONTACT[state, event]
    except KeyError:
        raise Refused("bad_move", f"a contact that is {state} cannot take {event}") from None


def mermaid() -> str:
    """The table as a Mermaid state diagram, for the generated docs."""
    lines = ["stateDiagram-v2", f"    [*] --> {ContactState.IN_IVR}"]
    lines += [f"    {before} --> {after}: {event}" for (before, event), after in CONTACT.items()]
    return "\n".join([*lines, f"    {ContactState.ENDED} --> [*]", ""])
