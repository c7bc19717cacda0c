"""The desk's web application: logging in, the page itself, and the recordings' endpoints."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from desk.web.answers import COOKIE, Guard, SafeHeaders, body_of, on_http, on_refusal, text_of
from desk.web.calls import CallPages
from desk.web.notes import NotePages
from desk.web.ports import CallsDoor, NotesDoor, People, RecordingsDoor, SteeringDoor
from desk.web.recordings import RecordingPages
from desk.web.sessions import LONGEST_S, Sessions
from desk.web.steering import SteeringPages
from kernel.errors import GuildhallError
from kernel.visitor import Visitor

_STATIC = Path(__file__).parent / "static"
#: The page's files and what they are. No path from outside ever reaches the file system (SECURITY V06).
_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/static/desk.js": ("desk.js", "text/javascript; charset=utf-8"),
    "/static/calls.js": ("calls.js", "text/javascript; charset=utf-8"),
    "/static/notes.js": ("notes.js", "text/javascript; charset=utf-8"),
    "/static/steering.js": ("steering.js", "text/javascript; charset=utf-8"),
    "/static/player.js": ("player.js", "text/javascript; charset=utf-8"),
    "/static/desk.css": ("desk.css", "text/css; charset=utf-8"),
}


class Doorway:
    """Logging in and out. One password is checked at a time: each costs memory and time on purpose."""

    def __init__(self, guard: Guard, people: People, *doors: RecordingsDoor | SteeringDoor) -> None:
        self._guard, self._people, self._doors = guard, people, doors
        self._turn = asyncio.Lock()

    async def log_in(self, request: Request) -> Response:
        """A name and a password; the same answer whatever is wrong with them."""
        body = await body_of(request)
        user, password = text_of(body, "user", 64), text_of(body, "password", 128)
        sessions, found = self._guard.sessions, None
        async with self._turn:
            if not sessions.resting(user):
                found = await asyncio.to_thread(self._people.check, user, password)
        if found is None:
            sessions.wrong(user)
            raise HTTPException(401, "wrong name or password, or too many tries: wait a quarter of an hour")
        response = JSONResponse(self._me(found))
        secure = request.headers.get("x-forwarded-proto", request.url.scheme) == "https"
        response.set_cookie(
            COOKIE, sessions.begin(found), max_age=int(LONGEST_S), httponly=True, samesite="strict", secure=secure
        )
        return response

    async def log_out(self, request: Request) -> Response:
        """The session ends, and with it all links."""
        await body_of(request)
        self._guard.sessions.end(request.cookies.get(COOKIE, ""))
        response = JSONResponse({"out": True})
        response.delete_cookie(COOKIE)
        return response

    async def who(self, _request: Request, visitor: Visitor) -> Response:
        """Who is logged in, and what she may do."""
        return JSONResponse(self._me(visitor))

    def _me(self, visitor: Visitor) -> dict[str, object]:
        return {
            "user": visitor.user,
            "role": visitor.role,
            "councils": sorted(visitor.councils),
            "rights": [right for door in self._doors for right in door.rights(visitor)],
        }


def desk_app(  # noqa: PLR0913 - its doors
    door: RecordingsDoor,
    calls: CallsDoor,
    steering: SteeringDoor,
    notes: NotesDoor,
    people: People,
    *,
    now: Callable[[], float],
    hosts: Sequence[str] = ("127.0.0.1", "localhost"),
) -> Starlette:
    """The application. ``hosts``: the names it answers to, so that another site's name cannot be pointed at it."""
    guard = Guard(Sessions(now), people)
    doorway = Doorway(guard, people, door, steering)

    async def page(request: Request) -> Response:
        name, kind = _FILES[request.url.path]
        return FileResponse(_STATIC / name, media_type=kind)

    async def health(_request: Request) -> Response:
        return JSONResponse({"ok": True})

    routes = [
        *[Route(path, page) for path in _FILES],
        Route("/healthz", health),
        Route("/api/login", doorway.log_in, methods=["POST"]),
        Route("/api/logout", doorway.log_out, methods=["POST"]),
        Route("/api/me", guard.of(doorway.who)),
        *RecordingPages(door, guard).routes(),
        *CallPages(calls, guard).routes(),
        *SteeringPages(steering, guard).routes(),
        *NotePages(notes, guard).routes(),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(SafeHeaders), Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))],
        exception_handlers={GuildhallError: on_refusal, HTTPException: on_http},
    )
