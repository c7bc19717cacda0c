"""`guildhall fallback`: what is lost when Asterisk is alone, told step by step, and who may be rung."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.files.dialplans import read_dialplans
from adapters.speech.prompt_files import Manifest
from guildhall.static_wiring import static_part
from tests.fakes.dialplan import parse

pytestmark = pytest.mark.shell

DIALPLANS = Path(__file__).parents[2] / "dialplans"


# Issue 4: the compiler lists what cannot be done statically; the sample councils compile whole.
def test_given_the_sample_councils_when_compiled_then_every_number_with_a_flow_has_its_beginning() -> None:
    plans = read_dialplans(DIALPLANS)
    part, losses = static_part(plans, Manifest(files={}, folder="/s"))
    lines = parse(part.dialplan)
    flows = [(one.id, number.flow, one.languages[0]) for one in plans.tenants for number in one.numbers if number.flow]
    assert flows
    for council, flow, language in flows:
        assert "s" in lines[f"{part.flows[council, flow]}-{language}"]
    steps = {(loss.tenant, loss.flow) for loss in losses}
    assert all(str(loss).count(": ") >= 2 for loss in losses)
    assert steps <= {(tenant, flow) for tenant, flow in part.flows}
