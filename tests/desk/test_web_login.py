"""Logging in to the desk's pages, and what its answers carry against the classes of fault web pages have had."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.desk_bench import NORTHMERE, DeskBench

pytestmark = pytest.mark.wire


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[DeskBench]:
    bench = await DeskBench(tmp_path).open()
    yield bench
    await bench.close()


# SECURITY V23: "lock-out, HttpOnly+SameSite+Secure, CSRF token, session end on role change".
async def test_given_a_session_when_idle_logged_out_or_changed_then_over(desk: DeskBench) -> None:
    told = await desk.ask("POST", "/api/login", body={"user": "auditor", "password": desk.passwords["auditor"]})
    assert told.json["rights"] == ["list", "verify", "audit", "review_steering"]
    cookie = told.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict"))
    session = cookie.partition(";")[0]
    assert (await desk.ask("GET", "/api/me", session)).json["user"] == "auditor"
    desk.let_in("auditor", "supervisor", NORTHMERE)
    assert (await desk.ask("GET", "/api/me", session)).status == 401
    session = await desk.log_in("auditor")
    assert (await desk.ask("POST", "/api/logout", session, {})).status == 200
    assert (await desk.ask("GET", "/api/me", session)).status == 401
    session = await desk.log_in("auditor")
    desk.now += 30 * 60 + 1
    assert (await desk.ask("GET", "/api/me", session)).status == 401
    session = await desk.log_in("auditor")
    desk.people.remove("auditor")
    assert (await desk.ask("GET", "/api/me", session)).status == 401
    secure = await desk.ask(
        "POST",
        "/api/login",
        body={"user": "engineer", "password": desk.passwords["engineer"]},
        X_Forwarded_Proto="https",
    )
    assert "Secure" in secure.headers["set-cookie"]


# SECURITY V12, V23: the same answer for unknown and known names; a name that is guessed at rests.
async def test_given_wrong_passwords_when_tried_then_the_same_answer_and_a_rest(desk: DeskBench) -> None:
    wrong = {"user": "supervisor", "password": "guess"}
    answers = [await desk.ask("POST", "/api/login", body=wrong) for _ in range(5)]
    nobody = await desk.ask("POST", "/api/login", body={"user": "nobody", "password": "guess"})
    right = {"user": "supervisor", "password": desk.passwords["supervisor"]}
    refused = await desk.ask("POST", "/api/login", body=right)
    assert {one.status for one in (*answers, nobody, refused)} == {401}
    assert len({one.body for one in (*answers, nobody, refused)}) == 1
    desk.now += 15 * 60 + 1
    assert (await desk.ask("POST", "/api/login", body=right)).status == 200


# SECURITY V09, V23: another site's page can neither send nor frame; a strange host name is not answered.
async def test_given_another_site_when_it_sends_then_refused(desk: DeskBench) -> None:
    cookie = await desk.log_in("records_officer")
    body = {"user": "supervisor", "password": "x"}
    assert (await desk.ask("POST", "/api/login", "", body, Origin="https://elsewhere.example")).status == 403
    assert (await desk.ask("POST", "/api/logout", cookie, {}, Content_Type="text/plain")).status == 415
    assert (await desk.ask("GET", "/", "", None, Host="rebound.example")).status == 400
    assert (await desk.ask("POST", "/api/login", "", {"user": "x" * 9000, "password": "x"})).status == 413
    for path in ("/", "/static/desk.js", "/api/me", "/nowhere", "/static/../ports.py", "/static/%2e%2e/ports.py"):
        answer = await desk.ask("GET", path)
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.status == (200 if path in {"/", "/static/desk.js"} else 401 if path == "/api/me" else 404)


# SECURITY V08: what a filter holds reaches the database only as what it must be.
@pytest.mark.parametrize(
    "query", ["queue=%27%20or%201=1", "since=nan", "longer=1e999", "agent=%00", "call=../x", "council=a,b"]
)
async def test_given_a_hostile_filter_when_finding_then_refused(desk: DeskBench, query: str) -> None:
    answer = await desk.ask("GET", f"/api/recordings?{query}", await desk.log_in("supervisor"))
    assert (answer.status, answer.json["code"][:4]) == (400, "bad_")


def test_given_the_people_file_when_written_then_no_password_in_it_and_its_owners_alone(tmp_path: Path) -> None:
    bench = DeskBench(tmp_path)
    bench.let_in("nia", "supervisor", NORTHMERE)
    path = tmp_path / "secrets" / "desk-people.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert bench.passwords["nia"] not in path.read_text()
    assert len(bench.passwords["nia"]) >= 20
    began = time.monotonic()
    assert bench.people.check("nia", bench.passwords["nia"]) is not None
    assert bench.people.check("nia", "wrong") is None
    assert time.monotonic() - began < 30
