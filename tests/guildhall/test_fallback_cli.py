"""`guildhall fallback`: what is lost when Asterisk is alone, told step by step, and who may be rung."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapters.files.dialplans import read_dialplans
from adapters.speech.prompt_files import Manifest
from adapters.speech.quiet import write_line_sounds
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


# P15: "never dead air". Read()'s own wait for a key sends nothing: a question waits in an open line's noise instead,
# and the noise is made in each length that is asked for.
def test_p15_given_the_sample_councils_when_compiled_then_no_question_listens_in_dead_air(tmp_path: Path) -> None:
    part, _ = static_part(read_dialplans(DIALPLANS), Manifest(files={}, folder="/s"))
    write_line_sounds(tmp_path, part.listens_s)
    reads = re.findall(r"Read\(GH_PRESSED,([^,]*),1,e,1,([0-9.]+)\)", part.dialplan)
    assert {wait for _, wait in reads} == {"0.05"}
    noises = {one for files, _ in reads for one in files.split("&") if "/open_line" in one}
    assert noises
    for one in noises:
        assert (tmp_path / Path(one).relative_to("/srv/guildhall/sounds")).with_suffix(".wav").exists()
