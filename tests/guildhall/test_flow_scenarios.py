"""`guildhall test`: scenarios beside the flows, their coverage, one that fails, every single outage."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from guildhall.flow_tools.text_call import OUTAGES
from tests.fakes.command_line import run
from tests.fakes.council_files import DIALPLANS
from tests.fakes.small_county import make_small

pytestmark = pytest.mark.shell

#: Every kind of step that asks something of the world, one after the other, all of it ending at a person.
RICH = """\
start: hello
steps:
  hello: {verb: announce, incident: flood, next: desk_hours}
  desk_hours: {verb: hours, of: office, open: busy, closed: night, holiday: night}
  busy:
    verb: branch
    cases:
      waiting.waste > 10 or staff.waste = 0: book
    otherwise: ask
  book: {verb: callback, queue: northmere.waste, next: told, failed: person}
  told: {verb: say, text: {en: We will ring you back., cy: Byddwn yn eich ffonio.}, next: bye}
  bye: {verb: hangup}
  ask:
    verb: steer
    prompts: [menu_main]
    intents: {bins: account, water: water}
    phrases: {bins: [rubbish, "not emptied"], water: [burst]}
    tries: 2
    no_input: person
    no_match: person
  account:
    verb: gather
    prompts: [menu_main]
    variable: account
    least: 4
    most: 4
    tries: 2
    next: find
    no_input: person
    no_match: person
  find:
    verb: lookup
    service: accounts
    key: account
    values: {day: day}
    next: say_day
    not_found: person
    failed: person
  say_day: {verb: say, text: {en: "Your bin is emptied on {day:date}.", cy: "{day:date}."}, next: bins}
  bins: {verb: enqueue, queue: northmere.waste}
  water: {verb: transfer, to: water, failed: person}
  night: {verb: voicemail, box: night, prompts: [welcome], next: told, failed: person}
  person: {verb: enqueue, queue: northmere.emergency}
"""
TENANT = """
hours:
  office:
    weekly: {mon-fri: ["08:00-18:00"]}
    holidays: england
transfer_to: {water: "03069990099"}
services: {accounts: {url: "https://accounts.example/find?key={key}"}}
"""
INCIDENTS = """\
incidents:
  flood:
    prompts: [number_unknown]
    begins: 2026-12-01 00:00
    ends: 2026-12-02 00:00
"""
RICH_TESTS = """\
number: "03069990001"
at: 2026-11-24 10:00
scenarios:
  - name: said, typed, looked up
    say: [There is a smell and my bin was NOT  emptied]
    press: "1234"
    services: {accounts: {"1234": {day: 2026-11-27}}}
    expect:
      hears: [Friday the twenty-seventh of November 2026]
      queue: northmere.waste
      steps: [account, find, say_day]
  - name: the service is out
    say: [rubbish]
    press: "1234"
    outages: [services]
    expect: {queue: northmere.emergency, steps: [find, person]}
  - name: nobody is there, so a call back
    staff: {waste: 0}
    press: "1"
    expect: {outcome: informed, hears_not: [menu_main]}
  - name: nobody can promise a call back
    staff: {northmere.waste: 0}
    outages: [callbacks]
    expect: {queue: northmere.emergency}
  - name: a burst pipe
    say: [a pipe burst]
    expect: {outcome: transfer}
  - name: a flood, on a holiday
    at: 2026-12-01 20:00
    expect: {hears: [number_unknown, welcome], outcome: informed}
  - name: Christmas
    at: 2026-12-25 10:00
    outages: [messages]
    expect: {queue: northmere.emergency}
  - name: speech is out
    outages: [steering]
    expect: {queue: northmere.emergency}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_small(Path(shutil.copytree(DIALPLANS, tmp_path / "dialplans")))


@pytest.fixture
def rich(folder: Path) -> Path:
    """The county with a flow that asks everything of the world."""
    (folder / "northmere/flows/main.yaml").write_text(RICH, encoding="utf-8")
    (folder / "northmere/flows/main.test.yaml").write_text(RICH_TESTS, encoding="utf-8")
    (folder / "northmere/incidents.yaml").write_text(INCIDENTS, encoding="utf-8")
    tenant = folder / "northmere/tenant.yaml"
    tenant.write_text(tenant.read_text("utf-8") + TENANT, encoding="utf-8")
    return folder


def test_given_needs_in_a_scenario_when_run_then_the_caller_has_them(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(DIALPLANS, tmp_path / "dialplans"))
    path = folder / "northmere/flows/main.test.yaml"
    scenario = "  - name: known\n    needs: [{}]\n    expect: {{language: cy, outcome: queue}}\n"
    path.write_text(path.read_text("utf-8") + scenario.format("welsh, more_time"), "utf-8")
    assert run("test", str(path))[0] == 0
    path.write_text(path.read_text("utf-8") + scenario.format("wlsh"), "utf-8")
    code, lines = run("test", str(path))
    assert code == 1
    assert lines[-1].endswith("unknown need 'wlsh': did you mean 'welsh'?")


# Law 5: whatever one thing is out, and whatever the hour, the caller ends at a person or is told something.
@pytest.mark.parametrize("outage", OUTAGES)
@pytest.mark.parametrize("at", ["2026-11-24 10:00", "2026-12-25 10:00"])
@pytest.mark.parametrize("waiting", ["waste=0", "waste=11"])
def test_given_one_thing_out_when_dialled_then_a_person_or_an_honest_end(
    rich: Path, outage: str, at: str, waiting: str
) -> None:
    options = ["--at", at, "--without", outage, "--waiting", waiting, "--staff", "waste=1", "--path", str(rich)]
    code, lines = run("dial", "03069990001", "--say", "rubbish", "--press", "1234", *options)
    assert code == 0
    assert lines[-1].startswith(("=> waits in", "=> transfer")) or any(line.startswith('    "') for line in lines)


def test_given_a_rich_flow_when_its_scenarios_run_then_all_is_as_expected_and_covered(rich: Path) -> None:
    began = time.monotonic()
    code, lines = run("test", str(rich / "northmere"))
    assert code == 0, lines
    assert "northmere/main: steps 14 of 14, ways 17 of 19" in lines
    assert time.monotonic() - began < 30.0
    # Danger waits behind a speech engine and open hours here: that is what the check is for.
    code, lines = run("check", str(rich / "northmere"))
    assert code == 1
    assert [line for line in lines if "does not always lead to 'northmere.emergency'" in line]
    # Nothing that this version cannot do is passed over in silence.
    told = [line for line in lines if "cannot do step" in line]
    assert told == []


def test_given_the_samples_when_their_scenarios_run_then_every_way_is_gone() -> None:
    code, lines = run("test", str(DIALPLANS))
    assert code == 0
    assert lines[0] == "harbourside/main: steps 7 of 7, ways 7 of 7"
    # Card details are keyed in while an agent talks with the caller, which no scenario in text has.
    apart = "northmere/card_details"
    assert not [line for line in lines if "never reached" in line and not line.startswith(apart)]


# Issue 4: the survey, asked after the talk, written down as any other scenario and dialled in text.
def test_given_a_flow_that_asks_after_the_talk_when_dialled_then_the_question_and_the_answer_are_told() -> None:
    at = ("--at", "2026-11-24 10:00")
    code, lines = run("dial", "03069990001", "--press", "64", "--after", "2", *at)
    assert code == 0
    assert "=> waits in northmere.planning, priority 0, language en" in lines
    assert lines[lines.index("survey/ask  survey") :][2:4] == ["  > 2", "    (answers: kept)"]
    code, lines = run("dial", "03069990001", "--press", "1", "--after", "2", *at)
    assert code == 2
    assert "nobody asks this caller after the talk: the call waits in northmere.waste" in lines[-1]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "answers: {helped: yes_helped}",
            "answers: {helped: not_helped}",
            "answers: expected {'helped': 'not_helped'}",
        ),
        ('press: "64"\n    after: "1"', 'press: "63"\n    after: "1"', "nobody asks this caller after the talk"),
    ],
)
def test_given_a_survey_that_goes_otherwise_when_scenarios_run_then_it_is_told(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    folder = Path(shutil.copytree(DIALPLANS, tmp_path / "dialplans"))
    path = folder / "northmere/flows/main.test.yaml"
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    code, lines = run("test", str(path))
    assert code == 1
    assert expected in lines[1]


def test_given_a_scenario_that_fails_when_run_then_what_was_and_the_story_are_told(folder: Path) -> None:
    path = folder / "northmere/flows/main.test.yaml"
    path.write_text(path.read_text("utf-8").replace("queue: northmere.housing", "queue: northmere.waste"), "utf-8")
    code, lines = run("test", str(folder))
    assert code == 1
    assert lines[0] == "dialplans/northmere/flows/main.test.yaml:8: housing"
    assert lines[1].strip() == "queue: expected northmere.waste, was northmere.housing"
    assert any("main/main_menu" in line for line in lines)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('press: "2"', 'pres: "2"', "main.test.yaml:9: unknown key 'pres': did you mean 'press'?"),
        ("outages: [prompts]", "outages: [prompt]", "unknown outage 'prompt': did you mean 'prompts'?"),
        ('number: "03069990002"', 'number: "03069990009"', "no council has this number"),
        ("at: 2026-11-24 10:00", "at: 10:00", "a moment is written 2026-12-24 12:00"),
    ],
)
def test_given_a_mistake_in_a_scenario_when_run_then_its_place_is_told(
    folder: Path, old: str, new: str, expected: str
) -> None:
    path = folder / "northmere/flows/main.test.yaml"
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    code, lines = run("test", str(folder))
    assert code == 1
    assert any(expected in line for line in lines), lines


def test_given_no_scenarios_when_run_then_the_exit_status_is_two(folder: Path) -> None:
    for path in folder.rglob("*.test.yaml"):
        path.unlink()
    assert run("test", str(folder))[0] == 2


# "a flow verb must be able to write the preferred agent with its time limit": `dial` and `diff` say it as it will be.
def test_given_a_preferred_agent_when_dialled_and_checked_then_for_whom_and_how_long(folder: Path) -> None:
    main = folder / "northmere/flows/main.yaml"
    text = main.read_text(encoding="utf-8")
    waits = "    verb: enqueue\n    queue: northmere.waste\n"
    assert waits in text
    more = f"{waits}    preferred: northmere-a001\n    preferred_wait: 45s\n    note: 'Bins, by {{council}}'\n"
    main.write_text(text.replace(waits, more), "utf-8")
    code, lines = run("dial", "03069990001", "--press", "1", "--path", str(folder))
    assert code == 0, lines
    assert [line for line in lines if "for northmere-a001 for 45s alone" in line], lines
    assert [line for line in lines if 'noted for whoever answers: "Bins, by northmere"' in line], lines
    main.write_text(text.replace(waits, f"{waits}    preferred: northmere-a002\n"), "utf-8")
    code, lines = run("check", str(folder))
    number = main.read_text("utf-8").splitlines().index("    preferred: northmere-a002") + 1
    told = f"northmere/flows/main.yaml:{number}: agent 'northmere-a002' does not serve queue 'northmere.waste'"
    assert code == 1
    assert [line for line in lines if told in line], lines
