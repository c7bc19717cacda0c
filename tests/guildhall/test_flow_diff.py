"""`guildhall diff`: what changes for callers, queues and people, in words."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from guildhall.flow_tools.comparing import differences
from guildhall.flow_tools.dialling import Exchange
from guildhall.flow_tools.moments import moments, told
from guildhall.flow_tools.reading import find_folder
from kernel.hours import Hours, Span

pytestmark = pytest.mark.shell

DIALPLANS = Path(__file__).parents[2] / "dialplans"
TODAY = date(2026, 11, 24)
#: A small council of its own, so that the samples may grow.
TENANT = """name: Smallbrook
languages: [en]
default_queue: smallbrook.desk
numbers:
  - {number: "03069990071", flow: main}
  - {number: "03069990072", queue: smallbrook.desk}
hours:
  office:
    weekly: {mon-fri: ["09:00-17:00"]}
    holidays: england
"""
FLOW = """start: when
steps:
  when: {verb: hours, of: office, open: choose, closed: sorry}
  choose:
    verb: menu
    prompts: [opening]
    tries: 2
    timeout: 3s
    no_input: desk
    no_match: desk
    keys: {1: desk, 2: desk}
  desk: {verb: enqueue, queue: smallbrook.desk}
"""
SORRY = """  sorry: {verb: play, prompts: [opening], next: gone}
  gone: {verb: hangup, why: informed}
"""
QUEUES = """queues:
  - {id: desk, name: Desk, skills: {general: 1}, ring_time: 15s, wrap_up: 10s}
  - {id: night, name: Night, skills: {general: 1}, ring_time: 15s, wrap_up: 10s}
"""
PEOPLE = """agents:
  - id: smallbrook-a901
    name: Mari
    sip_user: a901
    queues: [smallbrook.desk, smallbrook.night]
    skills: {general: 2}
    councils: [smallbrook]
"""


def council(place: Path) -> Path:
    folder = place / "dialplans"
    shutil.copytree(DIALPLANS / "_shared", folder / "_shared")
    small = folder / "smallbrook"
    (small / "flows").mkdir(parents=True)
    files = {"tenant.yaml": TENANT, "queues.yaml": QUEUES, "people.yaml": PEOPLE, "flows/main.yaml": FLOW + SORRY}
    files["prompts.yaml"] = "prompts:\n  opening: {en: This is Smallbrook.}\n"
    for name, text in files.items():
        (small / name).write_text(text, encoding="utf-8")
    return folder


def told_of(tmp_path: Path, file: str, change: Callable[[str], str]) -> list[str]:
    before, after = council(tmp_path / "old"), council(tmp_path / "new")
    path = after / "smallbrook" / file
    text = path.read_text("utf-8")
    assert change(text) != text
    path.write_text(change(text), "utf-8")
    return list(differences(Exchange.of(find_folder(before)), Exchange.of(find_folder(after)), TODAY))


NIGHT = "night}\n  night: {verb: enqueue, queue: smallbrook.night}"
OTHER_NUMBER = """03069990072: no number of smallbrook any more
03069990073: a new number of smallbrook"""
CASES = [
    (
        "flows/main.yaml",
        (SORRY, "  sorry: {verb: enqueue, queue: smallbrook.night}\n"),
        (
            "03069990071: mon-fri 00:00-09:00 and 17:00-24:00, sat-sun, bank holidays"
            " calls now wait in smallbrook.night (before: end after 'opening')"
        ),
    ),
    (
        "tenant.yaml",
        ("09:00-17:00", "09:00-18:00"),
        (
            "03069990071, nothing pressed: mon-fri 17:00-18:00 calls now come to main/choose and, without a key,"
            " wait in smallbrook.desk (before: end after 'opening')"
        ),
    ),
    (
        "flows/main.yaml",
        ("2: desk}", f"2: {NIGHT}"),
        (
            "03069990071, 2 pressed: mon-fri 09:00-17:00 calls now wait in smallbrook.night"
            " (before: wait in smallbrook.desk)"
        ),
    ),
    ("tenant.yaml", ("03069990072", "03069990073"), OTHER_NUMBER),
    ("queues.yaml", ("ring_time: 15s", "ring_time: 20s"), "queue smallbrook.desk: ring_time 15 s -> 20 s"),
    ("people.yaml", ("general: 2", "general: 3"), "agent smallbrook-a901: skills general 2 -> general 3"),
    (
        "prompts.yaml",
        ("This is", "Here is"),
        "prompt smallbrook opening en: 'This is Smallbrook.' -> 'Here is Smallbrook.'",
    ),
]


# Issue: a text diff in words, "after 18:00 calls to 03069 990001 now go to ...".
@pytest.mark.parametrize(("file", "edit", "lines"), CASES)
def test_given_a_change_when_compared_then_it_is_told_in_words(
    tmp_path: Path, file: str, edit: tuple[str, str], lines: str
) -> None:
    assert told_of(tmp_path, file, lambda text: text.replace(*edit, 1)) == lines.splitlines()


def test_given_the_samples_when_compared_with_themselves_then_there_is_no_difference() -> None:
    here = Exchange.of(find_folder(DIALPLANS))
    assert list(differences(here, here, TODAY)) == []


# Found in use: an office that stays open longer was told in 118 lines, every way back through the main menu among them.
def test_given_longer_hours_of_a_sample_when_compared_then_each_way_is_told_once(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(DIALPLANS, tmp_path / "dialplans"))
    tenant = folder / "northmere/tenant.yaml"
    tenant.write_text(tenant.read_text("utf-8").replace('["08:30-17:30"]', '["08:30-18:00"]'), "utf-8")
    here, longer = (Exchange.of(find_folder(one)) for one in (DIALPLANS, folder))
    night = "come to night/choices and, without a key, wait in northmere.emergency with priority 10"
    assert list(differences(here, longer, TODAY)) == [
        f"03069990001, {key} pressed: mon-fri 17:30-18:00 calls now {now} (before: {night})"
        for key, now in {
            "4": "wait in northmere.roads",
            "5": "wait in northmere.schools",
            "6": "come to main/more_menu and, without a key, wait in northmere.general",
        }.items()
    ]


# A range that reaches over midnight makes the next day a kind of its own, up to its end.
def test_given_a_night_desk_when_stretches_are_named_then_the_morning_after_is_apart() -> None:
    night = Hours(name="night", weekly={4: (Span(opens=22 * 60, closes=6 * 60),)})
    found = moments([night], TODAY)
    days = list(dict.fromkeys(one.day for one in found))
    assert days == ["mon-thu/sun", "fri", "sat"]
    assert told([one for one in found if one.day == "sat" and one.begins == 0], found) == "sat 00:00-06:00"
    assert told(found, found) == "at any time"
