"""C10: a wished place counts inside one's own priority; past the end means last."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core.inputs import ContactHolding
from acd.core.invariants import check
from kernel.agent import Presence
from kernel.ids import ContactId
from tests.fakes.people import WASTE, a_queue, an_agent, ask, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit


def _floor() -> SmallPbx:
    pbx = switchboard(an_agent("a1"), queues=(a_queue(wrap_up_s=0.0),))
    pbx.boot()
    ask(pbx, "a1", Presence.NOT_READY, "tea")
    return pbx


def _comes(pbx: SmallPbx, place: int | None = None, priority: int = 0) -> ContactId:
    """A caller comes, a second after the one before, and wishes to stand there."""
    pbx.advance(1.0)
    return pbx.wait(WASTE, priority=priority, place=place)


def _order(pbx: SmallPbx) -> list[ContactId]:
    waiting = [(one.place[2], one.id) for one in pbx.world.contacts.values() if one.place is not None]
    return [contact for _, contact in sorted(waiting)]


def _served(pbx: SmallPbx) -> list[ContactId]:
    """Let one agent take them all, one after the other; the facts must find nothing wrong with the order."""
    order = _order(pbx)
    ask(pbx, "a1", Presence.READY)
    for contact in order:
        pbx.answer(contact)
        pbx.settle()
        pbx.hang_up(contact)
        pbx.settle()
    assert [line["call"] for line in pbx.lines if line["ev"] == "answer"] == order
    assert check(pbx.lines) == []
    return order


# "a wished position counts only within one's own priority band; past the end means last".
@pytest.mark.parametrize(
    ("place", "order"),
    [(1, "hnab"), (2, "hanb"), (3, "habn"), (4, "habn"), (99, "habn"), (None, "habn")],
)
def test_c10_given_a_wished_place_when_she_comes_then_there_in_her_own_band_and_never_before_a_higher_priority(
    place: int | None, order: str
) -> None:
    pbx = _floor()
    names = {_comes(pbx): "a", _comes(pbx): "b", _comes(pbx, priority=3): "h", _comes(pbx, place): "n"}
    assert "".join(names[one] for one in _order(pbx)) == order
    # Who comes after all of them is the last of the band, whatever was wished before.
    last = _comes(pbx)
    assert _served(pbx)[-1] == last


# The place is part of the wish: a ring-out keeps it, and so does a restarted engine (C11).
def test_c10_given_a_wished_place_when_the_engine_is_killed_then_the_order_is_the_same() -> None:
    pbx = _floor()
    for place in (None, None, 1, 2, 1):
        _comes(pbx, place)
    before = _order(pbx)
    pbx.settle()
    pbx.boot()
    pbx.settle()
    assert _order(pbx) == before
    assert all(caller.wish is None or caller.wish.place is None for caller in pbx.callers.values())


# Any wishes, any bands: the order is that of a list into which each is put at the place she wished, band by band.
# ("With the maximum length reached the next caller is refused": tests/acd/core/test_limits.py.)
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.one_of(st.none(), st.integers(1, 6)), st.integers(0, 2)), max_size=12))
def test_c10_given_any_wishes_when_they_come_then_the_order_is_that_of_a_list(
    wishes: list[tuple[int | None, int]],
) -> None:
    pbx = _floor()
    bands: dict[int, list[ContactId]] = {0: [], 1: [], 2: []}
    for place, priority in wishes:
        band = bands[priority]
        contact = _comes(pbx, place, priority)
        band.insert(len(band) if place is None else min(place - 1, len(band)), contact)
    assert _order(pbx) == [contact for priority in (2, 1, 0) for contact in bands[priority]]
    _served(pbx)


# Fifty for the same place: there is always an order, and it is kept as long as a float has room.
def test_c10_given_a_hundred_wishes_for_the_first_place_when_they_come_then_nobody_gets_past_a_higher_priority() -> (
    None
):
    pbx = _floor()
    high = _comes(pbx, priority=1)
    for _ in range(100):
        _comes(pbx, 1)
    assert _order(pbx)[0] == high
    assert len(_order(pbx)) == 101
    _served(pbx)


# A caller who comes back to [hold] says what stands on her channel, and the engine's change may be on its way there:
# what she said before it arrived took her place away again (docs/decisions/0042).
def test_c10_given_a_place_just_given_when_an_older_word_is_heard_then_the_order_stands() -> None:
    pbx = _floor()
    first, second = _comes(pbx), _comes(pbx)
    before = pbx.callers[first].wish
    assert before is not None
    wished = _comes(pbx, 2)
    pbx.feed(ContactHolding(wish=before))
    pbx.settle()
    assert _order(pbx) == [first, wished, second]
    assert pbx.world.contacts[first].wish == pbx.callers[first].wish
    assert _served(pbx) == [first, wished, second]
