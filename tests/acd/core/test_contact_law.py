"""The contact's table: each state and event is either a listed move or refused."""

from __future__ import annotations

import itertools

import pytest

from acd.core.contact_law import CONTACT, ContactEvent, ContactState, contact_moved, mermaid
from kernel.errors import Refused

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(("state", "event"), list(itertools.product(ContactState, ContactEvent)))
def test_given_any_state_when_any_event_then_the_listed_move_or_a_refusal(
    state: ContactState, event: ContactEvent
) -> None:
    if (state, event) in CONTACT:
        assert contact_moved(state, event) is CONTACT[state, event]
    else:
        with pytest.raises(Refused, match=f"{state} cannot take {event}"):
            contact_moved(state, event)


# "exactly one end": a hang-up ends a contact from every living state, and nothing moves an ended one.
def test_given_each_living_state_when_the_caller_hangs_up_then_ended_and_nothing_leads_back() -> None:
    living = set(ContactState) - {ContactState.ENDED}
    assert {state for state, event in CONTACT if event is ContactEvent.HUNG_UP} == living
    assert not [state for state, _ in CONTACT if state is ContactState.ENDED]


# docs/asterisk.md rule 8: only a channel last seen waiting is redirected.
def test_given_the_table_when_looking_for_offers_then_only_waiting_leads_there() -> None:
    assert [state for state, event in CONTACT if event is ContactEvent.OFFERED] == [ContactState.WAITING]


def test_given_the_table_when_drawn_then_every_move_is_in_the_picture() -> None:
    picture = mermaid()
    assert picture.startswith("stateDiagram-v2\n")
    assert all(f"    {before} --> {after}: {event}\n" in picture for (before, event), after in CONTACT.items())
