"""The agent's two tables and what couples them."""

from __future__ import annotations

import itertools

import pytest

from acd.core.agent_law import (
    OCCUPATION,
    OFFERABLE,
    PRESENCE,
    PRESENCE_WAITS,
    OccupationEvent,
    PresenceEvent,
    mermaid_occupation,
    mermaid_presence,
    occupation_moved,
    presence_event,
    presence_moved,
)
from kernel.agent import Occupation, Presence
from kernel.errors import Refused

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(("presence", "event"), list(itertools.product(Presence, PresenceEvent)))
def test_given_any_presence_when_any_event_then_the_listed_move_or_a_refusal(
    presence: Presence, event: PresenceEvent
) -> None:
    if (presence, event) in PRESENCE:
        assert presence_moved(presence, event) is PRESENCE[presence, event]
    else:
        with pytest.raises(Refused):
            presence_moved(presence, event)


@pytest.mark.parametrize(("occupation", "event"), list(itertools.product(Occupation, OccupationEvent)))
def test_given_any_occupation_when_any_event_then_the_listed_move_or_a_refusal(
    occupation: Occupation, event: OccupationEvent
) -> None:
    if (occupation, event) in OCCUPATION:
        assert occupation_moved(occupation, event) is OCCUPATION[occupation, event]
    else:
        with pytest.raises(Refused):
            occupation_moved(occupation, event)


# docs/laws.md: only an agent who is ready and idle may be offered a contact.
def test_given_the_coupling_when_listed_then_only_ready_and_idle_may_be_offered() -> None:
    assert frozenset({(Presence.READY, Occupation.IDLE)}) == OFFERABLE


# docs/laws.md: NOT_READY asked while TALKING waits. The same for logging out; ready never waits.
@pytest.mark.parametrize(("occupation", "event"), list(itertools.product(Occupation, PresenceEvent)))
def test_given_any_occupation_when_a_presence_is_asked_then_it_waits_only_if_leaving_in_the_middle_of_a_contact(
    occupation: Occupation, event: PresenceEvent
) -> None:
    leaving = event in {PresenceEvent.NOT_READY, PresenceEvent.LOG_OUT}
    assert ((occupation, event) in PRESENCE_WAITS) == (leaving and occupation is not Occupation.IDLE)


def test_given_an_agent_who_is_logged_out_when_not_ready_is_asked_then_that_is_a_login() -> None:
    assert presence_event(Presence.LOGGED_OUT, Presence.NOT_READY) is PresenceEvent.LOG_IN
    assert presence_event(Presence.READY, Presence.NOT_READY) is PresenceEvent.NOT_READY
    assert presence_event(Presence.READY, Presence.LOGGED_OUT) is PresenceEvent.LOG_OUT
    assert presence_event(Presence.NOT_READY, Presence.READY) is PresenceEvent.READY


# "Nothing can be stuck": every occupation leads back to IDLE.
def test_given_the_occupation_table_when_walked_then_idle_is_reached_from_everywhere() -> None:
    home = {Occupation.IDLE}
    while grown := {before for (before, _), after in OCCUPATION.items() if after in home} - home:
        home |= grown
    assert home == set(Occupation)


def test_given_both_tables_when_drawn_then_every_move_is_in_the_picture() -> None:
    presence, occupation = mermaid_presence(), mermaid_occupation()
    assert all(f"{before} --> {after}: {event}\n" in presence for (before, event), after in PRESENCE.items())
    assert all(f"{before} --> {after}: {event}\n" in occupation for (before, event), after in OCCUPATION.items())
