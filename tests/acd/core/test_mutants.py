"""Seeded mistakes in the core, each caught by the suite. docs/mutants.md lists them for readers."""

from __future__ import annotations

import pytest

from kernel.errors import Refused
from tests.house.tree import text
from tests.mutants.asking import ASKING
from tests.mutants.limits import LIMITS
from tests.mutants.mutant import Mutant, an_ordinary_day, mutate
from tests.mutants.offers import OFFERS
from tests.mutants.order import ORDER
from tests.mutants.transfers import TRANSFERS

pytestmark = pytest.mark.unit

MUTANTS = (*ORDER, *OFFERS, *LIMITS, *TRANSFERS, *ASKING)


def test_given_the_core_as_it_is_when_an_ordinary_day_is_played_then_nothing_is_caught() -> None:
    an_ordinary_day()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_given_a_seeded_mistake_when_the_suite_looks_then_it_is_caught(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutate(mutant, monkeypatch)
    with pytest.raises((AssertionError, LookupError, Refused)):
        mutant.caught_by()


def test_given_the_page_of_mutants_when_read_then_every_one_is_listed() -> None:
    page = text("docs/mutants.md")
    assert not [mutant.name for mutant in MUTANTS if f"| {mutant.name} |" not in page]
