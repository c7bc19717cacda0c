"""The town's shape and the text for people made of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from adapters.files.dialplans import read_dialplans
from guildhall import processes, show
from guildhall.doctor import Finding
from guildhall.free_ports import Ports, save_ports
from guildhall.settings import HOME, Settings
from guildhall.town import describe_town
from lab.town import Town

pytestmark = pytest.mark.wire

PORTS = Ports(sip=5077, ami=5041, agi=4576, rtp_from=10000, rtp_to=11999)


def town(settings: Settings) -> dict[str, Any]:
    plans = read_dialplans(settings.dialplans)
    described = describe_town(settings, tenants=plans.tenants, queues=plans.queues, agents=plans.agents)
    return dict(json.loads(json.dumps(described)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var=tmp_path / "var", recordings=HOME / "recordings" / "audio", dialplans=HOME / "dialplans")


@pytest.fixture
def running(settings: Settings) -> Settings:
    """Settings of a service whose two processes run: this test itself plays both."""
    save_ports(settings.run / "ports.json", PORTS)
    for name in ("engine", "asterisk"):
        processes.remember(settings.run / f"{name}.pid", os.getpid())
    return settings


# contracts/town.md, word for word. `councils` of an agent is ours, beside the contract's keys.
SHAPE: dict[str, set[str]] = {
    "numbers": {"number", "council", "queue", "flow", "direct"},
    "queues": {"id", "council"},
    "agents": {"agent", "council", "queues", "skills", "sip", "councils"},
}


def test_given_a_running_service_when_described_then_the_contracts_shape(running: Settings) -> None:
    told = town(running)
    assert list(told) == [
        "numbers",
        "queues",
        "agents",
        "trunk",
        "star_codes",
        "ports",
        "pids",
        "recordings",
        "log",
    ]
    for name, keys in SHAPE.items():
        assert told[name]
        assert all(set(row) == keys for row in told[name])
    assert told["trunk"] == {"host": "127.0.0.1", "port": 5077, "transport": "udp", "from": ["127.0.0.2"]}
    codes = {"login": "*45", "logout": "*46", "ready": "*47", "not_ready": "*48"}
    assert codes.items() <= told["star_codes"].items()
    assert len(set(told["star_codes"].values())) == len(told["star_codes"])
    assert told["ports"] == {"agi": 4576, "ami": 5041, "http": None, "mqtt": None, "audiosocket": None}
    assert told["pids"] == {"engine": os.getpid(), "asterisk": os.getpid()}
    # Relative to the repository where inside it, whole where not.
    assert told["recordings"] == "recordings/audio"
    assert told["log"] == str(running.logs)


def test_given_a_number_when_described_then_direct_exactly_with_a_queue(running: Settings) -> None:
    rows = {row["number"]: row for row in town(running)["numbers"]}
    assert rows["03069990001"] == {
        "number": "03069990001",
        "council": "northmere",
        "queue": None,
        "flow": "main",
        "direct": False,
    }
    assert rows["03069990002"] == {
        "number": "03069990002",
        "council": "northmere",
        "queue": "northmere.waste",
        "flow": None,
        "direct": True,
    }
    # Issue 2: "two fictional councils share five agents"; Ofcom's reserved numbers only.
    assert {row["council"] for row in rows.values()} == {"northmere", "harbourside"}
    assert all(number.startswith(("03069990", "01632960")) for number in rows)


# "null means not running."
def test_given_nothing_running_when_described_then_null_ports_and_pids(settings: Settings) -> None:
    save_ports(settings.run / "ports.json", PORTS)
    told = town(settings)
    assert set(told["ports"].values()) == {None}
    assert told["pids"] == {"engine": None, "asterisk": None}
    assert told["trunk"]["port"] is None
    assert {agent["sip"]["port"] for agent in told["agents"]} == {None}


def test_given_asterisk_without_its_engine_when_described_then_no_agi_port(running: Settings) -> None:
    (running.run / "engine.pid").unlink()
    assert town(running)["ports"]["agi"] is None
    assert town(running)["ports"]["ami"] == 5041


# The lab reads what we print: the door is tried by those who use it.
def test_given_the_description_when_the_lab_reads_it_then_every_phone_can_be_made(running: Settings) -> None:
    phones = Town.from_description(town(running), root=HOME)
    assert len(phones.agents) == 8
    assert phones.direct_number("northmere.waste") == "03069990002"


# --- text for people


# Issue 2, 1: prints the numbers, where to point a softphone, where the password lies, how to stop.
def test_given_a_town_when_shown_then_numbers_softphones_passwords_and_how_to_stop(running: Settings) -> None:
    text = show.how_to_call(town(running))
    for wanted in ("03069990001", "127.0.0.1:5077", "127.0.0.2", "user a001", "secrets/a001", "*47", "make down"):
        assert wanted in text
    assert "Wallboard" in text
    # The desk is a process of its own: where it does not run, no address is told.
    assert "http://" not in text
    described = town(running)
    described["ports"]["http"] = 8080
    assert "http://127.0.0.1:8080/" in show.how_to_call(described)


def test_given_nothing_running_when_shown_then_it_says_so(settings: Settings) -> None:
    assert "(not running)" in show.how_to_call(town(settings))


def test_given_a_state_when_shown_then_agents_and_waiting_calls_a_line_each() -> None:
    agent = {"id": "northmere-a001", "presence": "ready", "occupation": "talking", "reachable": False}
    more = {**agent, "id": "northmere-a002", "aux": "lunch", "pending": "not_ready", "reachable": True}
    waiting = {"contact": "c1-1", "queue": "northmere.waste", "waited_s": 4.6, "state": "waiting"}
    lines = show.state(
        {"engine": "up", "agents": [agent, more], "waiting": [waiting], "talking": ["c1-2"]}
    ).splitlines()
    assert lines[0] == "Engine: up"
    assert lines[2].split(maxsplit=1) == ["northmere-a001", "ready, talking  phone not registered"]
    assert lines[3].split(maxsplit=1) == ["northmere-a002", "ready (lunch), talking  then not_ready"]
    assert lines[4:] == ["Waiting: 1", "  c1-1  northmere.waste  5 s  waiting", "Talking: 1"]
    assert "cannot see Asterisk" in show.state({"engine": None, "agents": [], "waiting": [], "talking": []})


def test_given_findings_when_shown_then_what_to_do_below_what_is_wrong() -> None:
    text = show.findings(
        [
            Finding(check="disk", ok=True, message="9 GB free", remedy="never shown"),
            Finding(check="engine", ok=False, message="does not run", remedy="run 'make up'"),
        ]
    )
    assert text.splitlines() == [
        "ok   disk       9 GB free",
        "BAD  engine     does not run",
        "                -> run 'make up'",
    ]
