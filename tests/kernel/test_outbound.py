"""The gate to the outside: by kind of number, and by the hour."""

from __future__ import annotations

import pytest

from kernel.ids import TenantId
from kernel.number import Dialled
from kernel.number_kind import NumberKind
from kernel.outbound import DEFAULT_KINDS, OutsideGate, OutsidePolicy

pytestmark = pytest.mark.unit

NORTHMERE = TenantId("northmere")


def gate(policy: OutsidePolicy) -> OutsideGate:
    return OutsideGate(policies={NORTHMERE: policy})


# SECURITY V11: no 09, 070, 118, international, satellite.
@pytest.mark.parametrize(
    ("number", "refused"),
    [
        ("01632960123", False),
        ("03069990098", False),
        ("07700900123", False),
        ("08081570123", False),
        ("999", False),
        ("101", False),
        ("0900", True),
        ("070", True),
        ("118118", True),
        ("0033", True),
        ("+8816", True),
        ("07624", True),
        ("0845", True),
        ("1", True),
        ("*45", True),
    ],
)
def test_p22_given_a_number_when_asked_for_then_only_what_costs_nothing_unusual(number: str, refused: bool) -> None:  # noqa: FBT001 - a table's column
    assert (gate(OutsidePolicy()).refuses(NORTHMERE, Dialled(number), 0.0) is not None) is refused


def test_p22_given_a_kind_the_council_allows_when_asked_for_then_it_may() -> None:
    policy = OutsidePolicy(kinds=DEFAULT_KINDS | {NumberKind.SERVICE})
    assert gate(policy).refuses(NORTHMERE, Dialled("0845"), 0.0) is None


def test_p22_given_the_hours_limit_when_reached_then_refused_until_an_hour_later_but_never_danger() -> None:
    one = gate(OutsidePolicy(per_hour=2))
    number = Dialled("01632960123")
    assert [one.refuses(NORTHMERE, number, at) for at in (0.0, 10.0)] == [None, None]
    assert one.refuses(NORTHMERE, number, 3599.0) == "more than 2 calls out in an hour"
    assert one.refuses(NORTHMERE, Dialled("999"), 3599.0) is None
    assert one.refuses(NORTHMERE, number, 3600.0) is None


def test_p22_given_a_council_that_is_none_when_asked_for_then_refused() -> None:
    assert gate(OutsidePolicy()).refuses(TenantId("elsewhere"), Dialled("01632960123"), 0.0) is not None
