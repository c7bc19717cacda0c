"""What a number is: nothing dear or abroad passes for an ordinary one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.number import Dialled
from kernel.number_kind import NumberKind, kind_of

pytestmark = pytest.mark.unit


# Ofcom, National Telephone Numbering Plan, part A. Only numbers of drama in full; of the others the prefix and a few.
@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("03069990001", NumberKind.ORDINARY),
        ("+443069990001", NumberKind.ORDINARY),
        ("00443069990001", NumberKind.ORDINARY),
        ("01632960001", NumberKind.ORDINARY),
        ("07700900123", NumberKind.MOBILE),
        ("08081570123", NumberKind.FREE),
        ("999", NumberKind.EMERGENCY),
        ("112", NumberKind.EMERGENCY),
        ("18000", NumberKind.EMERGENCY),
        ("101", NumberKind.SHORT),
        ("0845", NumberKind.SERVICE),
        ("+44870", NumberKind.SERVICE),
        ("0900", NumberKind.PREMIUM),
        ("118000", NumberKind.PREMIUM),
        ("0700", NumberKind.PERSONAL),
        ("+353", NumberKind.ABROAD),
        ("001", NumberKind.ABROAD),
        ("07624", NumberKind.ABROAD),
        ("0306999", NumberKind.NONE),
        ("030699900012", NumberKind.NONE),
        ("12345", NumberKind.NONE),
        ("*45", NumberKind.NONE),
        ("0500", NumberKind.NONE),
    ],
)
def test_given_a_number_when_looked_at_then_it_is_known_for_what_it_is(number: str, kind: NumberKind) -> None:
    assert kind_of(Dialled(number)) is kind


@given(st.from_regex(r"\A\+?[0-9*#]{1,32}\Z"))
def test_given_anything_dialled_when_looked_at_then_it_is_some_kind(number: str) -> None:
    assert isinstance(kind_of(Dialled(number)), NumberKind)
