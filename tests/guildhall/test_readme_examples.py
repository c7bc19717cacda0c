"""dialplans/README.md teaches by examples: each of them is read as a file would be, and each command is there."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.files.shapes import PeopleFile, QueuesFile
from guildhall.command_list import COMMANDS
from guildhall.flow_tools.dialling import Exchange
from guildhall.flow_tools.reading import find_folder
from guildhall.flow_tools.text_call import Script
from kernel.located import ConfigErrors, parse
from kernel.schema import fill

pytestmark = pytest.mark.shell

DIALPLANS = Path(__file__).parents[2] / "dialplans"
README = (DIALPLANS / "README.md").read_text("utf-8")
YAML = re.findall(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PLAIN = re.findall(r"^```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FLOWS = [text for text in YAML if text.startswith("start:")]
PEOPLE = [text for text in YAML if text.lstrip().startswith("queues:")]
QUEUES = [text for text in YAML if text not in FLOWS and text not in PEOPLE]


# Issue 4: "dialplans/README.md teaches the language by examples that are tests".
@pytest.mark.parametrize("text", FLOWS)
def test_given_a_flow_of_the_readme_when_it_is_a_councils_then_it_can_be_called(tmp_path: Path, text: str) -> None:
    folder = Path(shutil.copytree(DIALPLANS, tmp_path / "dialplans"))
    (folder / "northmere/flows/main.yaml").write_text(text, encoding="utf-8")
    exchange = Exchange.of(find_folder(folder))
    ends = {
        keys: exchange.call(Script(number="03069990001", at=NOON, keys=keys))[1].queue
        for keys in ("1", "0", "*1", "...", "777")
    }
    person, bins = "northmere.general", "northmere.waste"
    assert ends == {"1": bins, "0": person, "*1": bins, "...": person, "777": person}
    # And the mistake it shows is told as it says.
    (told,) = [one for one in PLAIN if "did you mean" in one]
    (folder / "northmere/flows/main.yaml").write_text(text.replace(bins, "northmere.wast"), encoding="utf-8")
    with pytest.raises(ConfigErrors) as refused:
        Exchange.of(find_folder(folder))
    assert str(refused.value).partition(": ")[2] == told.strip().partition(": ")[2]


@pytest.mark.parametrize("text", QUEUES)
def test_given_a_queue_of_the_readme_when_read_then_the_schema_takes_it(text: str) -> None:
    head = "" if text.lstrip().startswith("- id:") else "  - id: housing\n    name: Housing\n"
    fill(parse(f"queues:\n{head}{text}", "queues.yaml"), QueuesFile)


@pytest.mark.parametrize("text", PEOPLE)
def test_given_an_agent_of_the_readme_when_read_then_the_schema_takes_her(text: str) -> None:
    head = "agents:\n  - id: northmere-a001\n    name: Nia\n    sip_user: a001\n    councils: [northmere]\n"
    fill(parse(head + text, "people.yaml"), PeopleFile)


def test_given_the_commands_of_the_readme_when_looked_for_then_each_is_there() -> None:
    known = set(COMMANDS)
    named = {line.split()[1] for text in PLAIN for line in text.splitlines() if line.startswith("guildhall ")}
    assert named
    assert named <= known
    assert len(FLOWS) >= 1
    assert len(QUEUES) >= 3
