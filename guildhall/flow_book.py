"""The councils' flows, read and checked: what the engine answers by, and what `up` and `doctor` look at beforehand."""

from __future__ import annotations

from adapters.files.dialplans import Dialplans
from ivr.flows import FlowBook, make_book


def flow_book(plans: Dialplans) -> FlowBook:
    """Every flow of every council. Raises ``ConfigErrors`` with file and line of all that is wrong."""
    return make_book(
        tenants=plans.tenants,
        queues=plans.queues,
        trees=plans.flows,
        prompts={one.id: plans.prompt_ids(one.id) for one in plans.tenants},
    )
