"""What a council's files may say beyond the first call: hours, incidents, tables, services, numbers to transfer to."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from adapters.files.dialplans import SHARED, Dialplans, read_dialplans
from kernel.hours import LONDON, open_at
from kernel.ids import TenantId
from kernel.located import ConfigErrors
from kernel.said import prompt_of
from kernel.tenant import Tenant
from tests.fakes.small_county import make_small

pytestmark = pytest.mark.unit

DIALPLANS = Path(__file__).parents[3] / "dialplans"
HOURS = """
hours:
  office:
    queues: [northmere.waste]
    numbers: ["03069990002"]
    holidays: wales
    on_holiday: ["10:00-12:00"]
    weekly:
      mon-thu: ["08:30-12:30", "13:00-17:00"]
      fri: ["08:30-16:00"]
      sat,sun: []
    overrides:
      - begins: 2026-12-24 12:00
        ends: 2026-12-24 17:00
        open: no
        why: Christmas Eve
  night:
    weekly: {mon-sun: ["22:00-06:00"]}
transfer_to: {water: "03069990099"}
services: {accounts: {url: "https://accounts.example/find?key={key}", timeout: 500ms}}
"""
INCIDENTS = """
incidents:
  flood:
    prompts: [goodbye]
    begins: 2026-12-01 08:00
    ends: 2026-12-02 08:00
"""
TABLES = "tables:\n  wards:\n    0012:\n      name: Millside\n      office: 09:00\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_small(Path(shutil.copytree(DIALPLANS, tmp_path / "dialplans")))


def put(folder: Path, *, hours: str = HOURS, incidents: str = INCIDENTS, tables: str = TABLES) -> Dialplans:
    tenant = folder / "northmere/tenant.yaml"
    tenant.write_text(tenant.read_text("utf-8").partition("\nhours:\n")[0] + hours, encoding="utf-8")
    (folder / "northmere/incidents.yaml").write_text(incidents, encoding="utf-8")
    (folder / "northmere/tables.yaml").write_text(tables, encoding="utf-8")
    return read_dialplans(folder)


def northmere(plans: Dialplans) -> Tenant:
    return next(tenant for tenant in plans.tenants if tenant.id == "northmere")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def test_given_hours_when_read_then_they_are_found_by_name_queue_and_number(folder: Path) -> None:
    tenant = northmere(put(folder))
    assert tenant.hours["northmere.waste"] is tenant.hours["office"] is tenant.hours["03069990002"]
    assert set(tenant.hours) == {"office", "night", "northmere.waste", "03069990002"}
    office, night = tenant.hours["office"], tenant.hours["night"]
    asked = [
        ("2026-12-23 12:45", False),
        ("2026-12-23 13:00", True),
        ("2026-12-24 13:00", False),
        ("2026-12-25 11:00", True),
        ("2026-12-25 13:30", False),
        # Boxing Day is a Saturday, so the Monday is kept too.
        ("2026-12-28 14:00", False),
        ("2026-12-29 14:00", True),
    ]
    assert [open_at(office, at(when)).open for when, _ in asked] == [wanted for _, wanted in asked]
    # A desk that names no nation keeps no holidays.
    assert open_at(night, at("2026-12-25 23:00")).open


def test_given_the_other_files_when_read_then_they_are_the_councils(folder: Path) -> None:
    tenant = northmere(put(folder))
    assert tenant.incidents["flood"].ends == at("2026-12-02 08:00")
    # Text stays text: no octal, no minutes of sixty.
    assert tenant.tables["wards"]["0012"] == {"name": "Millside", "office": "09:00"}
    assert tenant.transfer_to == {"water": "03069990099"}
    assert tenant.services == {"accounts"}
    other = next(one for one in read_dialplans(folder).tenants if one.id == "harbourside")
    assert (other.incidents, other.tables, other.hours) == ({}, {}, {})


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("08:30-16:00", "08:30-25:00", "tenant.yaml:26: 'fri': a range is written 09:00-17:00"),
        ("08:30-16:00", "0830-1600", "a range is written 09:00-17:00"),
        ("08:30-16:00", "24:00-06:00", "a day has the times 00:00 to 24:00"),
        ("08:30-16:00", "09:00-09:00", "round the clock is 00:00-24:00"),
        ('"08:30-12:30", "13:00', '"08:30-12:30", "12:00', "ranges of one day overlap"),
        ("fri:", "mon-fri:", "stands twice"),
        (
            "why: Christmas Eve",
            'why: a\n      - {begins: "2026-12-24 12:00", ends: "2026-12-24 17:00", open: yes, why: b}',
            "the override from 2026-12-24 12:00 stands twice",
        ),
        ("fri:", "friday:", "days are written mon, mon-fri or sat,sun"),
        ("mon-thu", "thu-mon", "days are written"),
        ("wales", "wels", "'holidays'"),
        ("ends: 2026-12-24 17:00", "ends: 2026-12-24 11:00", "it ends before it begins"),
        ("begins: 2026-12-24 12:00", "begins: 2026-02-30 12:00", "a moment is written 2026-12-24 12:00"),
        ("open: no", "open: maybe", "write yes or no"),
        ("[northmere.waste]", "[northmere.wast]", "unknown queue 'northmere.wast': did you mean 'northmere.waste'?"),
        ('["03069990002"]', '["03069990009"]', "unknown number '03069990009'"),
        ("    weekly: {mon-sun", "    queues: [northmere.waste]\n    weekly: {mon-sun", "stands twice"),
        ("https://accounts", "http://accounts", "'url'"),
        ("timeout: 500ms", "timeout: 5s", "'timeout'"),
        ("transfer_to: {water", "transfer_to: {Water", "'Water'"),
    ],
)
def test_given_a_mistake_in_the_hours_when_read_then_it_is_told(
    folder: Path, old: str, new: str, expected: str
) -> None:
    assert old in HOURS
    with pytest.raises(ConfigErrors) as refused:
        put(folder, hours=HOURS.replace(old, new))
    assert expected in str(refused.value)


def test_given_a_mistake_in_the_other_files_when_read_then_it_is_told(folder: Path) -> None:
    with pytest.raises(ConfigErrors, match="unknown prompt 'godbye': did you mean 'goodbye'"):
        put(folder, incidents=INCIDENTS.replace("goodbye", "godbye"))
    with pytest.raises(ConfigErrors, match="it ends before it begins"):
        put(folder, incidents=INCIDENTS.replace("12-02", "11-02"))
    with pytest.raises(ConfigErrors, match=r"tables\.yaml:2: 'Wards'"):
        put(folder, tables=TABLES.replace("wards", "Wards"))


# A text that never changes is spoken into a file beforehand, like any prompt; a shared piece is there for all councils.
def test_given_texts_and_pieces_when_read_then_they_are_prompts_and_flows_of_the_council(folder: Path) -> None:
    main = folder / "northmere/flows/main.yaml"
    say = "start: hello\nsteps:\n  hello: {verb: say, text: {en: Hello., cy: Helo.}, next: welcome}\n"
    main.write_text(main.read_text("utf-8").replace("start: welcome\nsteps:\n", say), "utf-8")
    (folder / "_shared/flows").mkdir()
    piece = "start: p\nsteps:\n  p: {verb: say, text: {en: 'It is {hour}.', cy: 'x'}, next: return}\n"
    (folder / "_shared/flows/piece.yaml").write_text(piece, encoding="utf-8")
    plans = read_dialplans(folder)
    said = prompt_of({"cy": "Helo.", "en": "Hello."})
    assert plans.prompts["northmere"][said] == {"en": "Hello.", "cy": "Helo."}
    assert said in plans.prompt_ids(TenantId("northmere"))
    assert not any(prompt.startswith("say-") for prompt in plans.prompts[SHARED])
    assert all("piece" in flows for flows in plans.flows.values())
