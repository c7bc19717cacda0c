"""The machine of a parting, exhaustively: every state and every event is the listed move, or none."""

from __future__ import annotations

import pytest

from acd.core.transfer_law import (
    ASKED,
    PARTING,
    TOLD_ANYWHERE,
    Deed,
    PartingEvent,
    PartingState,
    mermaid,
    parting_moved,
)

pytestmark = pytest.mark.unit

ALIVE = [state for state in PartingState if state is not PartingState.OVER]
E, D = PartingEvent, Deed

#: The same table once more, as a reader of Wazo's twenty cases would write it: a row a state, a word an event.
TABLE = """
             answered        alone           target_gone     agent_gone       caller_gone  joined           holding  late             complete       cancel
ringing      target_talks    rejoin_agent    release_target  offer_target     end_all      -                to_line  stop_target      offer_target   stop_target
consulting   nothing         rejoin_agent    release_target  join_target      talk_on      -                to_line  -                join_target    stop_target
holding      -               nothing         -               to_line          end_all      -                to_line  -                -              rejoin_agent
completing   nothing         nothing         to_line         nothing          talk_on      handed_over      to_line  to_line          -              -
stopping     stop_target     rejoin_agent    release_target  to_line          end_all      -                to_line  rejoin_agent     -              nothing
returning    stop_target     nothing         release_target  to_line          end_all      back_with_agent  to_line  to_line          -              nothing
"""  # noqa: E501 - a table is read by its columns


def _rows() -> dict[tuple[str, str], str]:
    head, *rows = TABLE.strip().splitlines()
    events = head.split()
    cells: dict[tuple[str, str], str] = {}
    for row in rows:
        state, *deeds = row.split()
        cells.update({(state, event): deed for event, deed in zip(events, deeds, strict=True)})
    return cells


# C31: consult, complete while ringing / while talking, cancel, each party hangs up in each state (Wazo's 20 cases).
@pytest.mark.parametrize("state", ALIVE)
@pytest.mark.parametrize("event", PartingEvent)
def test_c31_given_any_state_when_any_event_then_the_listed_deed_or_none(
    state: PartingState, event: PartingEvent
) -> None:
    move = parting_moved(state, event)
    assert (move[1].value if move else "-") == _rows()[state, event]


# C30: "caller never dropped". From every state, what the PBX may tell leads on; nothing leaves the over state.
def test_c30_given_every_state_when_somebody_goes_then_there_is_a_way_on() -> None:
    for state in ALIVE:
        for event in TOLD_ANYWHERE:
            assert parting_moved(state, event) is not None, (state, event)
    assert not [key for key in PARTING if key[0] is PartingState.OVER]


# Law 3 of the house: every state has a deadline or is ended by a person; what waits for the PBX ends at the caller.
def test_c30_given_a_state_that_waits_when_it_is_late_then_the_caller_comes_to_a_person_or_the_line() -> None:
    for state in ALIVE:
        here: PartingState = state
        seen = {here}
        while (move := parting_moved(here, E.LATE)) is not None:
            here = move[0]
            assert here not in seen, "lateness leads in a circle"
            seen.add(here)
        assert here in {PartingState.OVER, PartingState.CONSULTING, PartingState.HOLDING}


# A caller who is over is joined, in the line, gone, on the way to another: no fifth end.
def test_c30_given_every_move_to_the_end_then_the_deed_says_where_the_caller_is() -> None:
    ends = {deed for (after, deed) in PARTING.values() if after is PartingState.OVER}
    assert ends == {
        D.OFFER_TARGET,
        D.END_ALL,
        D.TO_LINE,
        D.TALK_ON,
        D.BACK_WITH_AGENT,
        D.HANDED_OVER,
    }
    asked = {event for (_state, event) in PARTING if event in ASKED}
    assert asked == ASKED


def test_given_the_table_when_drawn_then_every_state_is_in_the_picture() -> None:
    picture = mermaid()
    assert all(state.value in picture for state in PartingState)
