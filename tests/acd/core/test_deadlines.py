"""Deadlines: set, replaced, cancelled, taken out in order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core.deadlines import Deadlines, Due

pytestmark = pytest.mark.unit

KEYS = st.tuples(st.sampled_from(Due), st.sampled_from(["a", "b", "c"]))


def test_given_a_deadline_set_twice_when_asked_then_the_later_setting_counts() -> None:
    deadlines = Deadlines()
    deadlines.set(Due.REST, "a", 5.0)
    deadlines.set(Due.REST, "a", 9.0)
    assert deadlines.earliest() == 9.0
    assert deadlines.pop_due(8.0) is None
    assert deadlines.pop_due(9.0) == (Due.REST, "a", "")
    assert deadlines.earliest() is None


def test_given_kinds_when_cancelled_together_then_the_others_stay() -> None:
    deadlines = Deadlines()
    deadlines.set(Due.OFFER, "c1", 1.0)
    deadlines.set(Due.WRAP_UP, "a", 2.0)
    deadlines.cancel_all(frozenset({Due.OFFER}))
    assert not deadlines.has(Due.OFFER, "c1")
    assert deadlines.earliest() == 2.0


@settings(deadline=None)
@given(st.lists(st.tuples(KEYS, st.one_of(st.none(), st.floats(0, 100)))))
def test_given_any_settings_and_cancellations_when_taken_out_then_the_plain_dict_agrees(
    changes: list[tuple[tuple[Due, str], float | None]],
) -> None:
    deadlines, plain = Deadlines(), dict[tuple[Due, str], float]()
    for (due, who), when in changes:
        if when is None:
            deadlines.cancel(due, who)
            plain.pop((due, who), None)
        else:
            deadlines.set(due, who, when)
            plain[due, who] = when
    taken = []
    while (key := deadlines.pop_due(1000.0)) is not None:
        taken.append((plain[key[0], key[1]], key[0], key[1]))
    assert taken == sorted(taken)
    assert {(due, who) for _, due, who in taken} == set(plain)
