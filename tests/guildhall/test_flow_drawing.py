"""`guildhall draw`: every step and way of a flow in the picture, whatever their names hold."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from typer.testing import CliRunner

from guildhall.cli import app
from guildhall.flow_tools.drawing import Gone, dot_text, svg
from guildhall.flow_tools.reading import find_folder, read_book
from kernel.ids import TenantId

pytestmark = pytest.mark.shell

DIALPLANS = Path(__file__).parents[2] / "dialplans"
FLOW = DIALPLANS / "northmere" / "flows" / "main.yaml"


def test_given_a_flow_when_drawn_then_every_step_and_way_is_there() -> None:
    _, book = read_book(find_folder(DIALPLANS))
    flow = book.flows[TenantId("northmere"), "main"]
    text = dot_text(flow, Gone(steps={"welcome"}, ways={("welcome", "main_menu")}))
    for name, verb in flow.steps.items():
        assert f'  "{name}" [' in text
        for target in verb.targets().values():
            assert f'"{name}" -> "{target}"' in text
    ways = {(name, target) for name, verb in flow.steps.items() for target in verb.targets().values()}
    # Coverage of steps and of ways, in colour; a way is one line, however many keys go it.
    assert text.count("#f8d8d8") == len(flow.steps) - 1
    assert text.count("penwidth=2") == text.count(" -> ") - 2 == len(ways) - 1
    assert f"steps 1 of {len(flow.steps)}, ways 1 of {len(ways)}" in text
    assert 'label="0, no_input, no_match"' in text


# A quote in a condition must not end the label.
def test_given_a_condition_with_quotes_when_drawn_then_it_is_escaped(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(DIALPLANS, tmp_path / "dialplans"))
    path = folder / "northmere/flows/main.yaml"
    branch = "start: when\nsteps:\n  when: {verb: branch, cases: {'council = \"x\"': person}, otherwise: welcome}\n"
    path.write_text(path.read_text("utf-8").replace("start: welcome\nsteps:\n", branch), "utf-8")
    _, book = read_book(find_folder(folder))
    text = dot_text(book.flows[TenantId("northmere"), "main"])
    assert 'label="council = \\"x\\""' in text
    picture = svg(text)
    if picture is not None:
        ET.fromstring(picture)  # noqa: S314 - our own picture


def test_given_the_command_when_run_then_a_picture_or_its_text_comes() -> None:
    done = CliRunner().invoke(app, ["draw", str(FLOW), "--coverage"])
    assert done.exit_code == 0
    assert "main_menu" in done.output
    assert CliRunner().invoke(app, ["draw", str(FLOW), "--dot"]).output.startswith("digraph flow {")
    assert CliRunner().invoke(app, ["draw", str(DIALPLANS / "northmere" / "queues.yaml")]).exit_code == 2
