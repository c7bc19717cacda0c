"""What every answer of the desk has in common: headers, errors as JSON, who asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.web.ports import People
from desk.web.sessions import Sessions
from kernel.errors import BadInput, GuildhallError, Refused
from kernel.visitor import Visitor

log = structlog.get_logger()

COOKIE = "gh_session"
#: Everything comes from here, nothing is inline, nobody may frame it (SECURITY V09).
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: No request of the page is longer.
_MOST_BODY = 8192
_STATUS: Mapping[str, int] = {
    "no_such_recording": 404,
    "no_link": 404,
    "not_in_vault": 404,
    "not_allowed": 403,
    "on_hold": 409,
    "not_ready": 409,
    "no_such_call": 404,
    "no_such_note": 404,
    "no_notes": 409,
    "too_many_notes": 409,
    "no_such_phrase": 404,
    "no_such_need": 404,
    "busy": 409,
    "not_joined": 409,
    "not_paused": 409,
    "must_record": 409,
    "engine_down": 503,
    "store_away": 503,
    "timeout": 504,
}

Handler = Callable[[Request, Visitor], Awaitable[Response]]


class SafeHeaders:
    """Puts the headers on every answer, whatever made it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, guarded if scope["type"] == "http" else send)


class Guard:
    """Lets only those in who are logged in; what a page changes comes from the page itself."""

    def __init__(self, sessions: Sessions, people: People) -> None:
        self.sessions, self.people = sessions, people

    def visitor(self, request: Request, *, counts: bool = True) -> Visitor:
        """Who asks. Raises ``HTTPException`` 401."""
        token = request.cookies.get(COOKIE, "")
        found = self.sessions.of(token, counts=counts)
        if found is not None and not self.people.still(found):
            # Her role or councils were changed, or she was removed: what she was let in for is over.
            self.sessions.end(token)
            found = None
        if found is None:
            raise HTTPException(401, "log in first")
        return found

    def of(self, handler: Handler, *, counts: bool = True) -> Callable[[Request], Awaitable[Response]]:
        """A handler for those who are logged in. ``counts`` False: the page asks by itself; nobody need be there."""

        async def guarded(request: Request) -> Response:
            return await handler(request, self.visitor(request, counts=counts))

        return guarded


async def body_of(request: Request) -> dict[str, Any]:
    """A POST's JSON object. Raises ``HTTPException`` for one from elsewhere: another site cannot send JSON unasked."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, "a request from another site")
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "JSON is expected")
    read = b""
    async for chunk in request.stream():
        read += chunk
        if len(read) > _MOST_BODY:
            raise HTTPException(413, "too long")
    try:
        found = _json(read)
    except ValueError:
        raise HTTPException(400, "JSON is expected") from None
    return found


def _json(read: bytes) -> dict[str, Any]:
    import json  # noqa: PLC0415 - here only

    found = json.loads(read)
    if not isinstance(found, dict):
        raise TypeError
    return found


def text_of(body: Mapping[str, Any], name: str, most: int = 200) -> str:
    """A field's text. Raises ``BadInput``."""
    found = body.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= most or not found.isprintable():
        raise BadInput("bad_field", f"{name} takes 1 to {most} printable characters")
    return found


async def on_refusal(_request: Request, error: Exception) -> Response:
    """Errors of ours as JSON."""
    assert isinstance(error, GuildhallError)  # noqa: S101 - registered for these alone
    if isinstance(error, BadInput):
        status = 400
    elif isinstance(error, Refused):
        status = _STATUS.get(error.code, 403)
    else:
        # A damaged seal, a missing key: no one may take it for "there is no such recording".
        log.error("ALARM: a recording cannot be read", code=error.code)
        status = _STATUS.get(error.code, 500)
    return JSONResponse({"code": error.code, "message": error.message}, status)


async def on_http(_request: Request, error: Exception) -> Response:
    """Errors of HTTP as JSON."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for these alone
    return JSONResponse({"code": "http", "message": error.detail}, error.status_code, headers=error.headers)


def not_allowed() -> NoReturn:
    """Refuse. Raises ``Refused``."""
    raise Refused("not_allowed", "your role may not do this")
