"""The machine of a parting: caller and agent stand apart, until they meet again or the caller goes on to another.

Theory of operation. A parting begins when an agent who talks with a caller asks somebody else (RINGING, then
CONSULTING), or holds the call by command (HOLDING). The caller hears music all the while, on a channel of its own. It
ends in one of four ways, and in no other: the caller is joined with the one who was asked, is joined with the agent
again, goes back to the line with the place it always had, or hangs up. Every state that waits for the PBX
(COMPLETING, STOPPING, RETURNING, and RINGING) has a deadline, and what happens at the deadline leads to the line too:
so a caller is never dropped.

Each move says what is done at it (``Deed``). A cell that is not in the table is a refusal to whoever asked; what the
PBX tells in a state where it says nothing new is listed as a move to the same state.
"""

from __future__ import annotations

from enum import StrEnum


class PartingState(StrEnum):
    """Where a parting stands."""

    #: The agent hears the other phone ring.
    RINGING = "ringing"
    #: The agent and the one she asked talk.
    CONSULTING = "consulting"
    #: Nobody is asked: a hold by command.
    HOLDING = "holding"
    #: The caller is about to be joined with the one who was asked.
    COMPLETING = "completing"
    #: The other leg is being hung up; the agent is not alone yet.
    STOPPING = "stopping"
    #: The caller is about to be joined with the agent again.
    RETURNING = "returning"
    OVER = "over"


class PartingEvent(StrEnum):
    """What moves a parting."""

    #: The one who is asked picked up.
    ANSWERED = "answered"
    #: The agent stands alone: refused, rang out, or hung up on.
    ALONE = "alone"
    #: The leg of the one who is asked is gone.
    TARGET_GONE = "target_gone"
    #: The agent's leg is gone.
    AGENT_GONE = "agent_gone"
    #: The caller's channel is gone.
    CALLER_GONE = "caller_gone"
    #: The caller and the other leg stand in one bridge.
    JOINED = "joined"
    #: The caller is seen in ``[hold]``: the dialplan gave up joining.
    HOLDING = "holding"
    #: Nothing was heard for too long.
    LATE = "late"
    #: The agent asks for it.
    COMPLETE = "complete"
    CANCEL = "cancel"


class Deed(StrEnum):
    """What is done at a move."""

    NOTHING = "nothing"
    #: She is talking now.
    TARGET_TALKS = "target_talks"
    #: The one who was asked is no longer bound by this.
    RELEASE_TARGET = "release_target"
    #: Hang up the leg of the one who is asked.
    STOP_TARGET = "stop_target"
    #: Join the caller with the agent again.
    REJOIN_AGENT = "rejoin_agent"
    #: Join the caller with the one who was asked.
    JOIN_TARGET = "join_target"
    #: The caller goes to the one who is asked as a blind transfer goes.
    OFFER_TARGET = "offer_target"
    #: The caller goes back to the line.
    TO_LINE = "to_line"
    #: The agent has the caller back.
    BACK_WITH_AGENT = "back_with_agent"
    #: The caller is with the other one, the agent's part is over.
    HANDED_OVER = "handed_over"
    #: The caller hung up: the two go on as a call of their own.
    TALK_ON = "talk_on"
    #: The caller hung up, and nobody talks: all of it ends.
    END_ALL = "end_all"


_S, _E, _D = PartingState, PartingEvent, Deed

Move = tuple[PartingState, Deed]

PARTING: dict[tuple[PartingState, PartingEvent], Move] = {
    (_S.RINGING, _E.ANSWERED): (_S.CONSULTING, _D.TARGET_TALKS),
    (_S.RINGING, _E.ALONE): (_S.RETURNING, _D.REJOIN_AGENT),
    (_S.RINGING, _E.TARGET_GONE): (_S.STOPPING, _D.RELEASE_TARGET),
    # Hanging up while it rings is the blind transfer's wish (Wazo: "complete while ringing").
    (_S.RINGING, _E.AGENT_GONE): (_S.OVER, _D.OFFER_TARGET),
    (_S.RINGING, _E.CALLER_GONE): (_S.OVER, _D.END_ALL),
    (_S.RINGING, _E.HOLDING): (_S.OVER, _D.TO_LINE),
    (_S.RINGING, _E.LATE): (_S.STOPPING, _D.STOP_TARGET),
    (_S.RINGING, _E.COMPLETE): (_S.OVER, _D.OFFER_TARGET),
    (_S.RINGING, _E.CANCEL): (_S.STOPPING, _D.STOP_TARGET),
    (_S.CONSULTING, _E.ANSWERED): (_S.CONSULTING, _D.NOTHING),
    (_S.CONSULTING, _E.ALONE): (_S.RETURNING, _D.REJOIN_AGENT),
    (_S.CONSULTING, _E.TARGET_GONE): (_S.STOPPING, _D.RELEASE_TARGET),
    (_S.CONSULTING, _E.AGENT_GONE): (_S.COMPLETING, _D.JOIN_TARGET),
    (_S.CONSULTING, _E.CALLER_GONE): (_S.OVER, _D.TALK_ON),
    (_S.CONSULTING, _E.HOLDING): (_S.OVER, _D.TO_LINE),
    (_S.CONSULTING, _E.COMPLETE): (_S.COMPLETING, _D.JOIN_TARGET),
    (_S.CONSULTING, _E.CANCEL): (_S.STOPPING, _D.STOP_TARGET),
    (_S.HOLDING, _E.ALONE): (_S.HOLDING, _D.NOTHING),
    (_S.HOLDING, _E.AGENT_GONE): (_S.OVER, _D.TO_LINE),
    (_S.HOLDING, _E.CALLER_GONE): (_S.OVER, _D.END_ALL),
    (_S.HOLDING, _E.HOLDING): (_S.OVER, _D.TO_LINE),
    (_S.HOLDING, _E.CANCEL): (_S.RETURNING, _D.REJOIN_AGENT),
    (_S.COMPLETING, _E.ANSWERED): (_S.COMPLETING, _D.NOTHING),
    (_S.COMPLETING, _E.ALONE): (_S.COMPLETING, _D.NOTHING),
    (_S.COMPLETING, _E.TARGET_GONE): (_S.OVER, _D.TO_LINE),
    (_S.COMPLETING, _E.AGENT_GONE): (_S.COMPLETING, _D.NOTHING),
    (_S.COMPLETING, _E.CALLER_GONE): (_S.OVER, _D.TALK_ON),
    (_S.COMPLETING, _E.JOINED): (_S.OVER, _D.HANDED_OVER),
    (_S.COMPLETING, _E.HOLDING): (_S.OVER, _D.TO_LINE),
    (_S.COMPLETING, _E.LATE): (_S.OVER, _D.TO_LINE),
    (_S.STOPPING, _E.ANSWERED): (_S.STOPPING, _D.STOP_TARGET),
    (_S.STOPPING, _E.ALONE): (_S.RETURNING, _D.REJOIN_AGENT),
    (_S.STOPPING, _E.TARGET_GONE): (_S.STOPPING, _D.RELEASE_TARGET),
    (_S.STOPPING, _E.AGENT_GONE): (_S.OVER, _D.TO_LINE),
    (_S.STOPPING, _E.CALLER_GONE): (_S.OVER, _D.END_ALL),
    (_S.STOPPING, _E.HOLDING): (_S.OVER, _D.TO_LINE),
    (_S.STOPPING, _E.LATE): (_S.RETURNING, _D.REJOIN_AGENT),
    (_S.STOPPING, _E.CANCEL): (_S.STOPPING, _D.NOTHING),
    (_S.RETURNING, _E.ANSWERED): (_S.RETURNING, _D.STOP_TARGET),
    (_S.RETURNING, _E.ALONE): (_S.RETURNING, _D.NOTHING),
    (_S.RETURNING, _E.TARGET_GONE): (_S.RETURNING, _D.RELEASE_TARGET),
    (_S.RETURNING, _E.AGENT_GONE): (_S.OVER, _D.TO_LINE),
    (_S.RETURNING, _E.CALLER_GONE): (_S.OVER, _D.END_ALL),
    (_S.RETURNING, _E.JOINED): (_S.OVER, _D.BACK_WITH_AGENT),
    (_S.RETURNING, _E.HOLDING): (_S.OVER, _D.TO_LINE),
    (_S.RETURNING, _E.LATE): (_S.OVER, _D.TO_LINE),
    (_S.RETURNING, _E.CANCEL): (_S.RETURNING, _D.NOTHING),
}

#: What the PBX may tell in any state; a cell that is missing of these would be a hole, not a refusal.
TOLD_ANYWHERE = frozenset({_E.AGENT_GONE, _E.CALLER_GONE, _E.HOLDING})
#: What the agent asks.
ASKED = frozenset({_E.COMPLETE, _E.CANCEL})


def parting_moved(state: PartingState, event: PartingEvent) -> Move | None:
    """The move from ``state`` at ``event``; None where the table has none."""
    return PARTING.get((state, event))


def mermaid() -> str:
    """The table as a Mermaid state diagram, for the generated docs; moves to the same state are left out."""
    lines = ["stateDiagram-v2", f"    [*] --> {_S.RINGING}: consult", f"    [*] --> {_S.HOLDING}: hold"]
    for (before, event), (after, deed) in PARTING.items():
        if before is not after:
            told = event.value if deed is _D.NOTHING else f"{event} / {deed}"
            lines.append(f"    {before} --> {after}: {told}")
    return "\n".join([*lines, f"    {_S.OVER} --> [*]", ""])
