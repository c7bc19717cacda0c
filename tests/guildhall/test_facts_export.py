"""The export at the command line's side: from when, what is written, and what a missing database says."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from guildhall.facts_export import export_facts, moment
from guildhall.settings import Settings
from kernel.errors import BadInput, GuildhallError
from kernel.facts import CallBegan, ContactArrived, ContactEnded
from kernel.ids import ContactId, QueueId, TenantId
from tests.fakes.kept_facts import keep

pytestmark = pytest.mark.integration

K1, NORTHMERE = ContactId("c1-1"), TenantId("northmere")
BEGAN = CallBegan(t=100.0, call=K1, council=NORTHMERE, number="03069990001")
ARRIVED = ContactArrived(
    t=101.5, call=K1, queue=QueueId("northmere.waste"), priority=0, skills=MappingProxyType({}), council=NORTHMERE
)
ENDED = ContactEnded(t=103.0, call=K1, why="abandoned")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var=tmp_path)


def exported(settings: Settings, since: str | None = None) -> list[dict[str, object]]:
    out = io.StringIO()
    assert export_facts(settings, since, out, check=False) == 0
    return [json.loads(line) for line in out.getvalue().splitlines()]


# contracts/facts.md: JSON lines in the order they happened, `export` first.
def test_given_facts_when_exported_then_a_line_each_in_order(settings: Settings) -> None:
    lines = exported(keep(settings, BEGAN, ARRIVED, ENDED))
    assert [line["ev"] for line in lines] == ["export", "call", "arrive", "end"]
    assert {"from", "to", "open", "agents"} <= set(lines[0])


# `--since`: what was open then stands in the first line.
@pytest.mark.parametrize(
    ("since", "kinds", "opened"),
    [
        ("101.5", ["export", "arrive", "end"], ["c1-1"]),
        ("102", ["export", "end"], ["c1-1"]),
        ("1970-01-01T00:01:42", ["export", "end"], ["c1-1"]),
        ("1970-01-01T01:01:42+01:00", ["export", "end"], ["c1-1"]),
        ("200", ["export"], []),
    ],
)
def test_given_a_moment_when_exported_then_only_from_there(
    settings: Settings, since: str, kinds: list[str], opened: list[str]
) -> None:
    lines = exported(keep(settings, BEGAN, ARRIVED, ENDED), since)
    assert [line["ev"] for line in lines] == kinds
    assert lines[0]["open"] == opened


def test_given_breaches_when_checked_then_counted_and_named(settings: Settings) -> None:
    good, bad = io.StringIO(), io.StringIO()
    keep(settings, BEGAN, ARRIVED, ENDED)
    assert export_facts(settings, None, good, check=True) == 0
    assert good.getvalue() == "4 facts, 0 breaches of the invariants\n"
    keep(settings, ContactEnded(t=104.0, call=K1, why="completed"))
    assert export_facts(settings, None, bad, check=True) > 0
    assert "I5" in bad.getvalue()


# A service that was never started has no database yet: a traceback of 80 lines once told so.
@pytest.mark.parametrize(
    "url",
    [
        None,
        "sqlite+aiosqlite:////nowhere/guildhall.db",
        "postgresql+asyncpg://someone:hunter2@127.0.0.1:1/guildhall",
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_given_no_database_when_exported_then_a_sentence_without_its_password(
    settings: Settings,
    url: str | None,
    check: bool,  # noqa: FBT001 - a parametrised flag
) -> None:
    with pytest.raises(GuildhallError, match="make up") as caught:
        export_facts(settings.model_copy(update={"database_url": url}), None, io.StringIO(), check=check)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("text", ["yesterday", "nan", "inf", "-inf", "", "2026-13-01", "12:00"])
def test_given_no_moment_when_read_then_refused_with_what_it_takes(text: str) -> None:
    with pytest.raises(BadInput, match="2026-11-22T09:00"):
        moment(text)


@examples(deadline=None, max_examples=100)
@given(st.text(max_size=20) | st.floats().map(str) | st.datetimes().map(str))
def test_given_any_text_when_read_then_a_moment_or_refused(text: str) -> None:
    try:
        seconds = moment(text)
    except BadInput:
        return
    assert seconds is not None
    assert abs(seconds) < float("inf")
