"""The sample councils' flows, bound, and a collector of facts."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.files.dialplans import Dialplans, read_dialplans
from ivr.flows import FlowBook, make_book
from tests.fakes.around_a_call import Facts


@pytest.fixture(scope="module")
def dialplans() -> Dialplans:
    """The councils' files, read."""
    return read_dialplans(Path(__file__).parents[2] / "dialplans")


@pytest.fixture
def book(dialplans: Dialplans) -> FlowBook:
    """A fresh book of their flows."""
    prompts = {tenant.id: dialplans.prompt_ids(tenant.id) for tenant in dialplans.tenants}
    return make_book(tenants=dialplans.tenants, queues=dialplans.queues, trees=dialplans.flows, prompts=prompts)


@pytest.fixture
def facts() -> Facts:
    """What the call tells."""
    return Facts()
