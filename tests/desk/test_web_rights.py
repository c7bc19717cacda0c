"""P20: every role at every endpoint of the desk's pages, own council and another's; every reading in the audit log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.routing import Route

from kernel.recording import Recording
from recordings.core.policy import Role
from tests.fakes.desk_bench import HARBOURSIDE, LIVE, NORTHMERE, DeskBench

pytestmark = pytest.mark.wire

LIST = {"agent", "supervisor", "evaluator", "records_officer", "auditor"}
LISTEN = LIST - {"auditor"}
OFFICER = {"records_officer"}
#: Endpoint -> (method, body, the roles it serves for a recording of the own council). Written out, not computed.
MATRIX: dict[str, tuple[str, object, set[str]]] = {
    "/api/recordings/{id}": ("GET", None, LIST),
    "/api/timeline/{call}": ("GET", None, LIST),
    "/api/recordings/{id}/peaks": ("GET", None, LISTEN),
    "/api/recordings/{id}/transcript": ("GET", None, LISTEN),
    "/api/recordings/{id}/link": ("POST", {}, LIST),
    "/api/recordings/{id}/export": ("POST", {"form": "mp3"}, OFFICER),
    "/api/recordings/{id}/hold": ("POST", {"reason": "claim 7"}, OFFICER),
    "/api/recordings/{id}/erase": ("POST", {"why": "request 8"}, OFFICER),
}
#: The same for a call under way: pausing its recording, letting it go on.
LIVE_MATRIX: dict[str, tuple[str, object, set[str]]] = {
    "/api/calls/{call}/pause": ("POST", {"why": "card details"}, {"agent", "supervisor"}),
    "/api/calls/{call}/resume": ("POST", {}, {"agent", "supervisor"}),
}
#: Endpoints that are not about one recording, each with its own test below or in test_web_login.
OTHERS = {
    "/",
    "/static/desk.js",
    "/static/player.js",
    "/static/desk.css",
    "/static/calls.js",
    "/static/notes.js",
    "/static/steering.js",
    "/healthz",
    "/api/login",
    "/api/logout",
}
OTHERS |= {"/api/me", "/api/recordings", "/api/calls", "/audio/{link}", "/download/{link}"}
#: Of notes: test_web_notes.
OTHERS |= {"/api/my-call", "/api/notes/{call}", "/api/notes/{call}/add", "/api/notes/{call}/take-back"}
#: Of steering: test_web_steering.
OTHERS |= {"/api/steering", "/api/steering/teaching", "/api/steering/accept", "/api/steering/undo"}
OTHERS |= {"/api/needs", "/api/needs/add", "/api/needs/remove"}

#: ``operator`` is whoever has the machine's command line: no page lets one in.
ROLES = [role for role in Role if role is not Role.OPERATOR]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[DeskBench]:
    bench = await DeskBench(tmp_path).open()
    yield bench
    await bench.close()


def path_of(endpoint: str, recording: Recording) -> str:
    return endpoint.replace("{id}", recording.id).replace("{call}", recording.call)


# P20: "complete role x endpoint matrix tested".
async def test_p20_given_every_role_when_at_every_endpoint_then_only_what_the_matrix_says(desk: DeskBench) -> None:
    served = {route.path for route in desk.app.routes if isinstance(route, Route)}
    assert served == MATRIX.keys() | LIVE_MATRIX.keys() | OTHERS
    own, foreign = await desk.of(NORTHMERE), await desk.of(HARBOURSIDE)
    # The erasing ends the recording: its column comes last, its one success with it.
    for role in (*(role for role in ROLES if role is not Role.RECORDS_OFFICER), Role.RECORDS_OFFICER):
        cookie = await desk.log_in(role.value)
        for endpoint, (method, body, roles) in MATRIX.items():
            answer = await desk.ask(method, path_of(endpoint, own), cookie, body)
            assert (answer.status == 200) == (role.value in roles), (role, endpoint, answer)
            assert answer.status in {200, 403, 404, 409}, (role, endpoint, answer)
            if endpoint.endswith("/hold") and answer.status == 200:
                assert (await desk.ask(method, path_of(endpoint, own), cookie, {"reason": None})).status == 200
            # Another council's is not there at all: not even that it exists is told.
            assert (await desk.ask(method, path_of(endpoint, foreign), cookie, body)).status in {403, 404}
            # Without a session nothing is.
            assert (await desk.ask(method, path_of(endpoint, own), "", body)).status == 401
    assert (await desk.of(HARBOURSIDE)).hold is None


async def test_p20_given_every_role_when_listing_then_only_the_own_council(desk: DeskBench) -> None:
    own = await desk.of(NORTHMERE)
    for role in ROLES:
        cookie = await desk.log_in(role.value)
        for query in ("", f"?council={HARBOURSIDE}", "?queue=harbourside.waste"):
            answer = await desk.ask("GET", f"/api/recordings{query}", cookie)
            if role.value not in LIST:
                assert answer.status == 403, role
            else:
                assert [one["id"] for one in answer.json] == ([] if query else [own.id]), (role, query)


# Issue 6: "Pause/resume by agent key, desk, API"; P20: deny by default, for calls under way too.
async def test_p20_given_every_role_when_pausing_a_call_under_way_then_only_what_the_matrix_says(
    desk: DeskBench,
) -> None:
    for role in ROLES:
        cookie = await desk.log_in(role.value)
        listed = await desk.ask("GET", "/api/calls", cookie)
        if role.value in {"agent", "supervisor"}:
            assert [row["call"] for row in listed.json] == [LIVE[NORTHMERE]], role
        else:
            assert listed.status == 403, role
        for endpoint, (method, body, roles) in LIVE_MATRIX.items():
            path, foreign = (endpoint.replace("{call}", LIVE[council]) for council in (NORTHMERE, HARBOURSIDE))
            assert (await desk.ask(method, path, "", body)).status == 401
            assert (await desk.ask(method, foreign, cookie, body)).status in {403, 404}, (role, endpoint)
            answer = await desk.ask(method, path, cookie, body)
            assert answer.status == (200 if role.value in roles else 403), (role, endpoint, answer)
    # What was refused never came to the engine's door; an agent goes by her id there, as with her key.
    assert [
        (type(one).__name__, getattr(one, "contact", None), getattr(one, "by", None)) for one in desk.engine.asked
    ] == [
        (deed, LIVE[NORTHMERE], by)
        for by in ("northmere-a001", "supervisor")
        for deed in ("PauseRecording", "ResumeRecording")
    ]


async def test_p20_given_a_colleagues_call_or_an_engine_that_is_away_when_pausing_then_refused_and_said(
    desk: DeskBench,
) -> None:
    path, agent = f"/api/calls/{LIVE[NORTHMERE]}/pause", await desk.log_in("agent")
    # P21: a card number typed as the reason would stand in the facts.
    typed = await desk.ask("POST", path, agent, {"why": "card 4111 1111 1111 1111"})
    assert (typed.status, typed.json["code"]) == (400, "bad_reason")
    assert "4111" not in typed.body.decode()
    desk.engine.rows[LIVE[NORTHMERE]]["agent"] = "northmere-a002"
    assert (await desk.ask("GET", "/api/calls", agent)).json == []
    assert (await desk.ask("POST", path, agent, {"why": "card details"})).status == 404
    assert desk.engine.asked == []
    nia = await desk.log_in("supervisor")
    assert (await desk.ask("POST", path.replace("/pause", "/resume"), nia, {})).status == 409
    desk.now += 20 * 60
    assert (await desk.ask("GET", "/api/calls", nia)).status == 200
    desk.now += 11 * 60
    # SECURITY V23: the page's own looking does not keep a session alive at an empty desk.
    assert (await desk.ask("GET", "/api/calls", nia)).status == 401
    nia = await desk.log_in("supervisor")
    desk.engine.away = True
    away = await desk.ask("POST", path, nia, {"why": "card details"})
    assert (away.status, away.json["code"]) == (503, "engine_down")


async def test_p20_given_the_operators_role_when_logging_in_by_a_page_then_refused(desk: DeskBench) -> None:
    body = {"user": "operator", "password": desk.passwords["operator"]}
    assert (await desk.ask("POST", "/api/login", "", body)).status == 403


# Issue 6: "deny by default, on every read including ranges and thumbnails; links that expire and belong to a user".
async def test_p20_given_a_link_when_used_by_another_or_too_late_then_nothing(desk: DeskBench) -> None:
    own, nia, eva = await desk.of(NORTHMERE), await desk.log_in("supervisor"), await desk.log_in("evaluator")
    url = (await desk.ask("POST", f"/api/recordings/{own.id}/link", nia, {})).json["url"]
    whole = await desk.ask("GET", url, nia)
    assert (whole.status, whole.headers["content-type"], whole.body[:4]) == (206, "audio/ogg", b"OggS")
    part = await desk.ask("GET", url, nia, Range="bytes=4-9")
    assert (part.status, part.body) == (206, whole.body[4:10])
    assert part.headers["content-range"] == f"bytes 4-9/{own.size}"
    assert (await desk.ask("GET", url, nia, Range="bytes=999999999-")).status == 416
    assert (await desk.ask("GET", url, eva)).status == 404
    assert (await desk.ask("GET", url, "")).status == 401
    assert (await desk.ask("GET", url.replace("/audio/", "/download/"), nia)).status == 404
    forged = url[:-4] + ("0000" if not url.endswith("0000") else "1111")
    assert (await desk.ask("GET", forged, nia)).status == 404
    auditor = await desk.log_in("auditor")
    hers = (await desk.ask("POST", f"/api/recordings/{own.id}/link", auditor, {})).json["url"]
    # A link is an address, not a right: the auditor may list, not listen.
    assert (await desk.ask("GET", hers, auditor)).status in {403, 404}
    desk.now += 601
    assert (await desk.ask("GET", url, nia)).status == 404


# P20: "every listening is logged (append-only, hash chained)".
async def test_p20_given_listening_and_taking_out_when_done_then_each_is_in_the_audit_log(desk: DeskBench) -> None:
    own, cookie = await desk.of(NORTHMERE), await desk.log_in("records_officer")
    url = (await desk.ask("POST", f"/api/recordings/{own.id}/link", cookie, {})).json["url"]
    await desk.ask("GET", url, cookie, Range="bytes=0-99")
    await desk.ask("GET", f"/api/recordings/{own.id}/peaks", cookie)
    taken = await desk.ask("POST", f"/api/recordings/{own.id}/export", cookie, {"form": "wav"})
    came = await desk.ask("GET", taken.json["url"], cookie)
    assert (came.status, came.body[:4]) == (200, b"RIFF")
    assert came.headers["content-disposition"] == f'attachment; filename="{own.id}.wav"'
    agent = await desk.log_in("agent")
    await desk.ask("POST", f"/api/recordings/{own.id}/erase", agent, {"why": "because"})
    assert await desk.audit() == [
        ("records_officer", "listen"),
        ("records_officer", "listen"),
        ("records_officer", "export"),
        ("agent", "refused"),
    ]
    assert (await desk.recordings.audit.verify()).broken is None
